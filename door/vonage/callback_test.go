package vonage_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/door/vonage"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// callbacks is the format of a door whose account tells in some way, and signs.
func callbacks(method, signing string, now time.Time) vonage.Callbacks {
	return vonage.Callbacks{Door: vonage.New(vonage.Options{
		Now:      func() time.Time { return now },
		Accounts: []vonage.Account{{Name: "town", Key: key, Account: "town", HTTPMethod: method, Signing: signing, Method: "sha512"}},
	})}
}

// fieldsOf are those of a request, wherever they are.
func fieldsOf(t *testing.T, r *http.Request) map[string]string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	switch r.Header.Get("Content-Type") {
	case "application/json":
		err = json.Unmarshal(body, &fields)
	case "application/x-www-form-urlencoded":
		var form url.Values
		form, err = url.ParseQuery(string(body))
		fields = flat(form)
	default:
		fields = flat(r.URL.Query())
	}
	if err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	return fields
}

func event(t *testing.T, kind webhook.Type, data any) *webhook.Event {
	t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return &webhook.Event{Account: "town", Type: kind, Data: text}
}

// TestReceipts tells each event, in each of the three ways, with and without a signature.
func TestReceipts(t *testing.T) {
	at := time.Date(2026, 5, 15, 14, 30, 0, 0, time.UTC)
	m := webhook.MessageData{
		ID: sms.BucketOf("town").NewID(at), To: "+33639980001", Sender: "+33639980009", At: at, Reference: "file 7",
		Metadata: map[string]string{"vonage-callback": "https://app.town.example/r?k=1&status=x"},
	}
	for _, tc := range []struct {
		kind         webhook.Type
		reason       string
		status, code string
	}{
		{webhook.MessageSubmitted, "", "accepted", "0"},
		{webhook.MessageDelivered, "", "delivered", "0"},
		{webhook.MessageUndelivered, "absent", "failed", "2"},
		{webhook.MessageUndelivered, "unknown_subscriber", "failed", "3"},
		{webhook.MessageUndelivered, "blocked", "failed", "4"},
		{webhook.MessageUndelivered, "content", "failed", "6"},
		{webhook.MessageUndelivered, "network", "failed", "8"},
		{webhook.MessageUndelivered, "unknown", "failed", "1"},
		{webhook.MessageExpired, "expired", "expired", "1"},
		{webhook.MessageRejected, "opted_out", "rejected", "4"},
	} {
		for _, way := range []string{"GET", "POST", "POST-JSON"} {
			for _, signing := range []string{"", signing} {
				m.Reason = tc.reason
				r, err := callbacks(way, signing, at).Request(t.Context(), webhook.Endpoint{URL: "https://app.town.example/"}, event(t, tc.kind, m))
				if err != nil {
					t.Fatal(err)
				}
				got := fieldsOf(t, r)
				if signing != "" && (!vonage.Verify("sha512", signing, got) || got["timestamp"] != "1778855400" || got["nonce"] == "") || signing == "" && got["sig"] != "" {
					t.Errorf("%s: signed %v", way, got)
				}
				for _, name := range []string{"sig", "timestamp", "nonce"} {
					delete(got, name)
				}
				want := map[string]string{
					"msisdn": "33639980001", "to": "33639980009", "messageId": m.ID.String(), "status": tc.status, "err-code": tc.code,
					"scts": "2605151430", "message-timestamp": "2026-05-15 14:30:00", "client-ref": "file 7", "api-key": key,
				}
				if way == "GET" {
					want["k"] = "1"
				} else if r.URL.RawQuery != "k=1&status=x" {
					t.Errorf("%s: called %s", way, r.URL)
				}
				if diff := cmp.Diff(want, got); diff != "" || r.URL.Path != "/r" {
					t.Errorf("%s %s (-want +got):\n%s", tc.kind, way, diff)
				}
			}
		}
	}
}

// TestReplies tells what a person wrote.
func TestReplies(t *testing.T) {
	at := time.Date(2026, 5, 15, 14, 30, 0, 0, time.UTC)
	for text, want := range map[string]map[string]string{
		" oui & à demain": {"keyword": "OUI", "type": "text"},
		"Да, завтра":      {"keyword": "ДА,", "type": "unicode"},
		"":                {"keyword": "", "type": "text"},
	} {
		in := inbox.InboundData{ID: sms.BucketOf("town").NewID(at), From: "+33639980001", To: "36180", Text: text, At: at}
		r, err := callbacks("POST", "", at).Request(t.Context(), webhook.Endpoint{URL: "https://app.town.example/in?k=1"}, event(t, webhook.InboundReceived, in))
		if err != nil {
			t.Fatal(err)
		}
		want["msisdn"], want["to"], want["messageId"], want["text"] = "33639980001", "36180", in.ID.String(), text
		want["message-timestamp"], want["api-key"] = "2026-05-15 14:30:00", key
		if diff := cmp.Diff(want, fieldsOf(t, r)); diff != "" || r.URL.String() != "https://app.town.example/in?k=1" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// TestNothingToTell: events that Vonage has no word for, and people who were erased.
func TestNothingToTell(t *testing.T) {
	id := sms.BucketOf("town").NewID(time.Now())
	for kind, data := range map[webhook.Type]any{
		webhook.MessageUncertain: webhook.MessageData{ID: id, To: "+33639980001"}, webhook.MessageDelivered: webhook.MessageData{ID: id, To: "~"},
		webhook.InboundReceived: inbox.InboundData{ID: id, From: "~x"},
	} {
		if r, err := callbacks("GET", "", time.Now()).Request(t.Context(), webhook.Endpoint{URL: "https://app.town.example/"}, event(t, kind, data)); r != nil || err != nil {
			t.Errorf("%s: %v, %v", kind, r, err)
		}
	}
	for name, e := range map[string]*webhook.Event{
		"no section": {Account: "gone", Type: webhook.MessageDelivered, Data: []byte(`{"to":"+33639980001"}`)},
		"no JSON":    {Account: "town", Type: webhook.MessageDelivered, Data: []byte(`x`)},
		"no reply":   {Account: "town", Type: webhook.InboundReceived, Data: []byte(`x`)},
	} {
		if r, err := callbacks("GET", "", time.Now()).Request(t.Context(), webhook.Endpoint{URL: "https://app.town.example/"}, e); r != nil || err == nil {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
}
