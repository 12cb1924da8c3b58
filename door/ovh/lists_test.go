package ovh_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"relais/auth"
	"relais/door/ovh"
	"relais/inbox"
	"relais/sms"
)

// lists wants each path under the service to list these numbers.
func (w *world) lists(t *testing.T, want map[string][]int64) {
	t.Helper()
	for path, numbers := range want {
		var ids []int64
		w.call(t, "GET", service+path, "", &ids)
		if diff := cmp.Diff(numbers, ids, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// TestListsAreNarrowed: a filter and a scope leave out what they say, and what was
// deleted or canceled is in no list.
func TestListsAreNarrowed(t *testing.T) {
	w := open(t)
	if err := w.gateway.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.gateway.Stop(t.Context()) }) //nolint:usetesting // it only waits
	w.call(t, "POST", service+"/users", `{"login":"web","password":"secret_8"}`, nil)
	w.post(t, `{"message":"a","receivers":["+33639980001"],"sender":"Acme","noStopClause":true,"tag":"meal"}`)
	w.call(t, "POST", service+"/users/web/jobs",
		`{"message":"b","receivers":["+33639980002"],"sender":"Acme","noStopClause":true,"tag":"pool"}`, nil)
	var b map[string]any
	w.call(t, "POST", service+"/batches",
		`{"message":"c","from":"Acme","to":["+33639980003"],"noStop":true}`, &b)
	w.until(t, 3)
	later := w.post(t, `{"message":"d","receivers":["+33639980004"],"sender":"Acme","noStopClause":true,"differedPeriod":60}`)
	w.call(t, "DELETE", fmt.Sprint(service, "/jobs/", later.IDs[0]), "", nil)
	third := map[string]any{}
	var of []int64
	w.call(t, "GET", fmt.Sprint(service, "/outgoing?batchID=", b["id"]), "", &of)
	if len(of) != 1 {
		t.Fatalf("messages of the batch: %v", of)
	}
	w.call(t, "GET", fmt.Sprint(service, "/outgoing/", of[0]), "", &third)
	if third["batchID"] != b["id"] || third["receiver"] != "+33639980003" {
		t.Errorf("%v", third)
	}
	w.lists(t, map[string][]int64{
		"/users/web/outgoing":                                  {2},
		"/users/web/outgoing?tag=meal":                         {},
		fmt.Sprint("/outgoing?messageID=", third["messageID"]): of,
		"/outgoing?messageID=nope":                             {},
	})
	w.fails(t, "GET", service+"/users/web/outgoing/1", "", 404, "does not exist")
	w.call(t, "DELETE", service+"/outgoing/1", "", nil)
	w.lists(t, map[string][]int64{"/outgoing": {2, of[0]}})
}

// TestPeriodIsInclusive: a message of the last second that a filter names is in
// the list: dates are shown in whole seconds.
func TestPeriodIsInclusive(t *testing.T) {
	w := open(t)
	if err := w.gateway.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.gateway.Stop(t.Context()) }) //nolint:usetesting // it only waits
	w.post(t, `{"message":"a","receivers":["+33639980001"],"sender":"Acme","noStopClause":true}`)
	w.until(t, 1)
	var shown struct{ CreationDatetime string }
	w.call(t, "GET", service+"/outgoing/1", "", &shown)
	at := strings.ReplaceAll(shown.CreationDatetime, "+", "%2B")
	w.lists(
		t, map[string][]int64{"/outgoing?creationDatetime.from=" + at + "&creationDatetime.to=" + at: {1}},
	)
}

// TestIncomingIsNarrowed: replies by sender, tag and user; the number of a
// message is none of a reply.
func TestIncomingIsNarrowed(t *testing.T) {
	w := open(t)
	w.call(t, "POST", service+"/users", `{"login":"web","password":"secret_8"}`, nil)
	w.call(t, "POST", service+"/users/web/jobs",
		`{"message":"a","receivers":["+33639980001"],"sender":"Acme","noStopClause":true,"tag":"meal"}`, nil)
	answered := w.messages(t)[0]
	now := time.Now()
	_, err := w.store.Receive(t.Context(), &inbox.Reception{Connector: "pigeon", Owner: "default", At: now, PerSender: func(string) bool {
		return false
	}, Inbounds: []inbox.Inbound{
		{ProviderID: "1", From: "+33639980001", Text: "yes", Ref: answered.ID, At: now, ReceivedAt: now},
		{ProviderID: "2", From: "+33639980009", Text: "who?", At: now, ReceivedAt: now},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w.lists(t, map[string][]int64{
		"/incoming": {2, 3}, "/incoming?tag=meal": {2}, "/incoming?sender=%2B33639980009": {3},
		"/incoming?sender=0639980001": {2},
		"/users/web/incoming":         {2}, "/users/web/incoming?tag=pool": {},
	})
	w.fails(t, "GET", service+"/incoming/1", "", 404, "does not exist")
	w.fails(t, "GET", service+"/outgoing/2", "", 404, "does not exist")
	w.fails(t, "GET", service+"/users/web/incoming/3", "", 404, "does not exist")
	w.post(t, `{"message":"b","receivers":["+33639980002"],"sender":"Acme","noStopClause":true}`)
	// a message that is newer than every reply
	w.fails(t, "GET", service+"/incoming/4", "", 404, "does not exist")
	w.fails(t, "DELETE", service+"/incoming/4", "", 404, "does not exist")
	var reply map[string]any
	if w.call(t, "GET", service+"/users/web/incoming/2", "", &reply); reply["tag"] != "meal" ||
		reply["message"] != "yes" {
		t.Errorf("%v", reply)
	}
}

// TestBlacklistOfSeveralSenders: a number stands once in the list, is allowed for
// every sender, and is no answer to a message that nobody answered.
func TestBlacklistOfSeveralSenders(t *testing.T) {
	w := open(t)
	w.post(t, `{"message":"a","receivers":["+33639980007"],"sender":"Acme","noStopClause":true}`)
	var stops []inbox.OptOutChange
	for _, sender := range []sms.Sender{"Acme", "Other"} {
		stops = append(stops, inbox.OptOutChange{
			Account: "default", Number: "+33639980007", Sender: sender,
			Added: true, Source: inbox.FromAPI, Actor: "test",
		})
	}
	if _, err := w.gateway.Inbox.ChangeOptOuts(t.Context(), stops); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		"/blacklists": {"+33639980007"}, "/blacklists?smsOutgoingID=1": {},
	} {
		var numbers []string
		if w.call(t, "GET", service+path, "", &numbers); cmp.Diff(want, numbers) != "" {
			t.Errorf("%s: %v, want %v", path, numbers, want)
		}
	}
	w.call(t, "DELETE", service+"/blacklists/%2B33639980007", "", nil)
	w.fails(t, "GET", service+"/blacklists/%2B33639980007", "", 404, "does not exist")
}

// TestKeysThatEnd: a consumer key that expired, and an empty one that is hashed.
func TestKeysThatEnd(t *testing.T) {
	w := open(t)
	keys := *w.Issued
	keys.ConsumerKey = "expired"
	if err := w.store.AddOVHCredential(t.Context(), ovh.Credential{
		ID: 1, Hash: auth.HashOf("expired"), Application: w.ApplicationID, State: ovh.Validated,
		Rules:     []ovh.Rule{{Method: "GET", Path: "/*"}},
		CreatedAt: time.Now().Add(-time.Hour), ExpiresAt: time.Now().Add(-time.Second),
	}, time.Time{}, 1); err != nil {
		t.Fatal(err)
	}
	if got := w.do(t, request{method: "GET", path: "/ovh/1.0/sms", keys: &keys}); got.status != 403 ||
		!strings.Contains(got.body, "INVALID_CREDENTIAL") {
		t.Errorf("expired: %d %s", got.status, got.body)
	}
	keys.ConsumerKey = ""
	if got := w.do(t, request{method: "GET", path: "/ovh/1.0/sms", keys: &keys}); got.status != 400 ||
		!strings.Contains(got.body, "INVALID_SIGNATURE") {
		t.Errorf("empty: %d %s", got.status, got.body)
	}
	signed := func(h http.Header) {
		stamp := fmt.Sprintf("+%d", time.Now().Unix())
		h.Set("X-Ovh-Timestamp", stamp)
		h.Set("X-Ovh-Signature", ovh.Signature(w.ApplicationSecret, w.ConsumerKey,
			"GET", w.url+"/ovh/1.0/sms", nil, stamp))
	}
	if got := w.do(t, request{method: "GET", path: "/ovh/1.0/sms", change: signed}); got.status != 400 ||
		!strings.Contains(got.body, "QUERY_TIME_OUT") {
		t.Errorf("a stamp with a sign: %d %s", got.status, got.body)
	}
}

// TestConsentPageRepeatsTokensAlone: nothing else of its address.
func TestConsentPageRepeatsTokensAlone(t *testing.T) {
	w := open(t)
	token := strings.Repeat("a", 63)
	for sent, want := range map[string]string{token + "b": token + "b", token + ";": "CREDENTIAL_TOKEN", token + "%3B": "CREDENTIAL_TOKEN", token + "%0A": "CREDENTIAL_TOKEN", "": "CREDENTIAL_TOKEN"} {
		page, err := http.Get(w.url + "/ovh/auth/?credentialToken=" + sent)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(page.Body)
		page.Body.Close()
		if err != nil || !strings.Contains(string(text), "<pre>relais keys validate "+want+"</pre>") {
			t.Errorf("%q: %s, %v", sent, text, err)
		}
	}
}

// TestCreditThatIsNotKnown yet is the configured one.
func TestCreditThatIsNotKnown(t *testing.T) {
	w := open(t)
	w.settings.Connector = "pigeon"
	var account struct{ CreditsLeft float64 }
	if w.call(t, "GET", service, "", &account); account.CreditsLeft != 1000 {
		t.Errorf("%v credits", account.CreditsLeft)
	}
}
