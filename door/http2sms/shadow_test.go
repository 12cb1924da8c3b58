package http2sms_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/door/http2sms"
	"relais/door/shadow"
)

func TestAnswered(t *testing.T) {
	door := http2sms.New(http2sms.Options{})
	taken := func(n int) shadow.Answer { return shadow.Answer{Known: true, Taken: true, Messages: n} }
	refused, unknown := shadow.Answer{Known: true}, shadow.Answer{}
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   shadow.Answer
	}{
		{"plain", 200, "OK\n1987\n10867690\n10867691\n", taken(2)},
		{"plain, refused", 200, "KO\nInvalid receiver\n", refused},
		{"HTML", 200, "OK<br>\n1987<br>\n10867690<br>\n", taken(1)},
		{"HTML, refused", 200, "KO<br />Missing message<br/>", refused},
		{"XML", 200, `<?xml version="1.0" encoding="UTF-8"?><response><status>100</status><creditLeft>1987</creditLeft><smsIds><smsId>1</smsId><smsId>2</smsId></smsIds></response>`, taken(2)},
		{"XML, refused", 200, `<response><status>201</status><message>Missing message</message></response>`, refused},
		{"JSON", 200, `{"status":100,"creditLeft":"1987","SmsIds":["1"]}`, taken(1)},
		{"JSON, in part", 200, `{"status":101,"creditLeft":"1987","SmsIds":["1"]}`, taken(1)},
		{"JSON, refused", 200, `{"status":202,"message":"no"}`, refused},
		{"a status that says it", http.StatusForbidden, "<html>", refused},
		{"another page", 200, "<html><body>Welcome</body></html>", unknown},
		{"half of one", 200, `{"status":1`, unknown},
		{"nothing", 200, "", unknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, door.Answered(tc.status, []byte(tc.body))); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzAnswered: whatever an old gateway says, nothing breaks, and nothing is
// taken that is not known.
func FuzzAnswered(f *testing.F) {
	for _, seed := range []string{"OK\n1\n2", "KO<br>x", "<response><status>100</status></response>", "<A><status>100</status>", `{"status":100,"SmsIds":["1"]}`} {
		f.Add(200, []byte(seed))
	}
	door := http2sms.New(http2sms.Options{})
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if a := door.Answered(status, body); a.Taken && !a.Known || a.Messages < 0 {
			t.Errorf("%+v", a)
		}
	})
}
