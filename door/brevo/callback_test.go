package brevo_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/door/brevo"
	"relais/inbox"
	"relais/internal/doortest"
	"relais/sms"
	"relais/webhook"
)

// callbacks is the format of the door of a house.
func callbacks(h *doortest.House) brevo.Callbacks {
	paris := time.FixedZone("CEST", 2*3600)
	return brevo.Callbacks{Door: brevo.New(brevo.Options{
		Gateway: h.Gateway, Reader: h.Store, Report: h.Webhooks.ForFormat, Zone: paris, Log: h.Log, Now: time.Now,
		Accounts: []brevo.Account{{Name: "town", Account: "town", EventsURL: "https://app.town.example/events", EventsToken: "token"}},
	})}
}

func event(t *testing.T, kind webhook.Type, data any) *webhook.Event {
	t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return &webhook.Event{Account: "town", Type: kind, Data: text}
}

func read(t *testing.T, r *http.Request) map[string]any {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return fields
}

// TestReceipts tells each event, to the address of the message or to that of the section, which alone is shown its token.
func TestReceipts(t *testing.T) {
	h := doortest.Open(t)
	at := time.Date(2026, 5, 15, 14, 30, 0, 0, time.UTC)
	m := webhook.MessageData{ID: sms.BucketOf("town").NewID(at), To: "+33639980001", At: at, Reference: "file 7", Segments: 2, Class: sms.Marketing}
	number := 0.0
	for _, tc := range []struct {
		kind         webhook.Type
		reason, want string
	}{
		{webhook.MessageSubmitted, "", "sent"},
		{webhook.MessageDelivered, "", "delivered"},
		{webhook.MessageUndelivered, "absent", "soft_bounce"},
		{webhook.MessageUndelivered, "unknown_subscriber", "hard_bounce"},
		{webhook.MessageUndelivered, "blocked", "blocked"},
		{webhook.MessageExpired, "", "soft_bounce"},
		{webhook.MessageRejected, "content", "rejected"},
		{webhook.MessageRejected, "opted_out", "blocked"},
	} {
		for _, own := range []string{"", "https://app.town.example/own?k=1"} {
			m.Reason, m.Metadata = tc.reason, map[string]string{"brevo-url": own}
			r, err := callbacks(h).Request(t.Context(), webhook.Endpoint{URL: "https://app.town.example/events"}, event(t, tc.kind, m))
			if err != nil {
				t.Fatal(err)
			}
			wantURL, wantToken := "https://app.town.example/events", "Bearer token"
			if own != "" {
				wantURL, wantToken = own, ""
			}
			if r.URL.String() != wantURL || r.Header.Get("Authorization") != wantToken {
				t.Errorf("%s: %s, %q", tc.kind, r.URL, r.Header.Get("Authorization"))
			}
			got := read(t, r)
			if number == 0 {
				number, _ = got["messageId"].(float64)
			}
			want := map[string]any{
				"id": number, "messageId": number, "to": "33639980001", "sms_count": 2.0, "credits_used": 2.0, "msg_status": tc.want,
				"date": "2026-05-15 16:30:00", "type": "marketing", "reference": map[string]any{"1": m.ID.String()}, "tag": "file 7",
			}
			if diff := cmp.Diff(want, got); diff != "" || number < 1 {
				t.Errorf("%s (-want +got):\n%s", tc.kind, diff)
			}
		}
	}
}

// TestReplies tells what a person wrote, with the message that it answers or without.
func TestReplies(t *testing.T) {
	h := open(t)
	sent := ask(t, h, key, http.MethodPost, sendPath, good(t, "tag", "file 7", "webUrl", "https://app.town.example/own"))
	m := h.Stored(t, "town")[0]
	in := inbox.InboundData{ID: sms.BucketOf("town").NewID(time.Now()), From: "+33639980001", Text: "Oui", At: time.Date(2026, 5, 15, 14, 30, 0, 0, time.UTC)}
	for name, tc := range map[string]struct {
		message *sms.ID
		intent  inbox.Intent
		url     string
		want    map[string]any
	}{
		"an answer": {&m.ID, "", "https://app.town.example/own", map[string]any{
			"id": sent.fields["messageId"], "messageId": sent.fields["messageId"], "msg_status": "replied", "tag": "file 7", "reference": map[string]any{"1": m.ID.String()},
		}},
		"a STOP": {&m.ID, inbox.IntentStop, "https://app.town.example/own", map[string]any{
			"id": sent.fields["messageId"], "messageId": sent.fields["messageId"], "msg_status": "unsubscribed", "tag": "file 7", "reference": map[string]any{"1": m.ID.String()},
		}},
		"no answer": {nil, "", "https://app.town.example/events", map[string]any{"msg_status": "replied"}},
	} {
		in.Message, in.Intent = tc.message, tc.intent
		r, err := callbacks(h).Request(t.Context(), webhook.Endpoint{URL: "https://app.town.example/events"}, event(t, webhook.InboundReceived, in))
		if err != nil {
			t.Fatal(err)
		}
		tc.want["to"], tc.want["reply"], tc.want["date"] = "33639980001", "Oui", "2026-05-15 16:30:00"
		if diff := cmp.Diff(tc.want, read(t, r)); diff != "" || r.URL.String() != tc.url {
			t.Errorf("%s: %s (-want +got):\n%s", name, r.URL, diff)
		}
	}
}

// TestNothingToTell: events that Brevo has no word for, people who were erased, accounts without a section.
func TestNothingToTell(t *testing.T) {
	h := doortest.Open(t)
	id := sms.BucketOf("town").NewID(time.Now())
	for kind, data := range map[webhook.Type]any{
		webhook.MessageUncertain: webhook.MessageData{ID: id, To: "+33639980001"}, webhook.MessageDelivered: webhook.MessageData{ID: id, To: "~"},
		webhook.InboundReceived: inbox.InboundData{ID: id, From: "~x"},
	} {
		if r, err := callbacks(h).Request(t.Context(), webhook.Endpoint{URL: "https://app.town.example/"}, event(t, kind, data)); r != nil || err != nil {
			t.Errorf("%s: %v, %v", kind, r, err)
		}
	}
	for _, e := range []*webhook.Event{{Account: "gone", Type: webhook.MessageDelivered, Data: []byte("{}")}, {Account: "town", Type: webhook.MessageDelivered}, {Account: "town", Type: webhook.InboundReceived}} {
		if r, err := callbacks(h).Request(t.Context(), webhook.Endpoint{URL: "https://app.town.example/"}, e); r != nil || err == nil {
			t.Errorf("%+v: %v, %v", e, r, err)
		}
	}
}
