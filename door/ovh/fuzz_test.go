package ovh

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzJobBody: whatever a client sends is a job or a refusal of the dialect.
func FuzzJobBody(f *testing.F) {
	for _, seed := range []string{
		`{"message":"a","receivers":["+33639980001"],"sender":"Acme","noStopClause":"true","validityPeriod":"2880","tag":null}`,
		`{"message":"a","receivers":"0033639980001","class":1}`, `{"receivers":[null,1,true]}`, `[]`, `null`,
		`"`, ``, `{"message":{}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		c := jobCalls{&call{Options: &Options{}, r: httptest.NewRequest(
			http.MethodPost, "/", http.NoBody,
		), route: &route{}, body: []byte(body)}}
		j, err := c.readJob()
		if err == nil && (j.text == "" || len(j.receivers) == 0 || j.validity < 0 || j.differed < 0) {
			t.Errorf("%q is the job %+v", body, j)
		}
		if refused, unexpected := refusalOf(err); err != nil && (unexpected || refused.status < 400) {
			t.Errorf("%q is refused with %v", body, err)
		}
	})
}

// FuzzRule: a rule grants no method but its own, and one without a star no path
// but its own.
func FuzzRule(f *testing.F) {
	f.Add("GET /sms/*", "/sms/a/jobs")
	f.Add("GET /sms/*/jobs/*", "/sms/jobs")
	f.Add("GET /**", "/")
	f.Fuzz(func(t *testing.T, text, path string) {
		rule, err := ParseRule(text)
		if err != nil {
			return
		}
		if rule.Covers("HEAD", path) {
			t.Errorf("%q grants HEAD", text)
		}
		if !strings.Contains(rule.Path, "*") && rule.Covers(rule.Method, path) &&
			trimSlash(rule.Path) != trimSlash(path) {
			t.Errorf("%q grants %q", text, path)
		}
		if encoded, err := json.Marshal(rule); err != nil || len(encoded) == 0 {
			t.Error(err)
		}
	})
}
