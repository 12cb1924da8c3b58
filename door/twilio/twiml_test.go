package twilio_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/door/twilio"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// TestTwiML has what programs answer to a reply.
func TestTwiML(t *testing.T) {
	h := open(t)
	callbacks := twilio.Callbacks{Door: twilio.New(h.options(slog.New(slog.DiscardHandler)))}
	const head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	var want []string
	for i, tc := range []struct {
		name, answer string
		intent       inbox.Intent
		sent         []string
	}{
		{"nothing", "", inbox.IntentReply, nil},
		{"an empty response", head + "<Response/>", inbox.IntentReply, nil},
		{"a message", head + "<Response><Message>Merci &amp; à demain</Message></Response>", inbox.IntentReply, []string{"Merci & à demain"}},
		{"a body", "<Response><Message><Body>Oui</Body></Message></Response>", inbox.IntentReply, []string{"Oui"}},
		{"two", "<Response><Message>un</Message><Sms>deux</Sms></Response>", inbox.IntentReply, []string{"un", "deux"}},
		{"to the same", `<Response><Message to="+33639980001" from="36180">ici</Message></Response>`, inbox.IntentReply, []string{"ici"}},
		{"to another", `<Response><Message to="+33639980002">là</Message></Response>`, inbox.IntentReply, nil},
		{"media beside", "<Response><Message>image<Media>https://x.example/a.png</Media></Message></Response>", inbox.IntentReply, []string{"image"}},
		{"redirect", "<Response><Redirect>https://x.example/</Redirect></Response>", inbox.IntentReply, nil},
		{"an empty message", "<Response><Message> </Message></Response>", inbox.IntentReply, nil},
		{"no TwiML", "OK", inbox.IntentReply, nil},
		{"a page", "<html><body><Message>non</Message></body></html>", inbox.IntentReply, nil},
		{"a broken response", "<Response><Message>non</Response>", inbox.IntentReply, nil},
		{"two responses", "<Response><Message>non</Message></Response><Response/>", inbox.IntentReply, nil},
		{"an entity", "<!DOCTYPE r [<!ENTITY x 'non'>]><Response><Message>&x;</Message></Response>", inbox.IntentReply, nil},
		{"to who said STOP", "<Response><Message>non</Message></Response>", inbox.IntentStop, nil},
		{"to who may have", "<Response><Message>non</Message></Response>", inbox.IntentUnsure, nil},
		{"a text that cannot be sent", "<Response><Message>" + strings.Repeat("é€", 2000) + "</Message></Response>", inbox.IntentReply, nil},
	} {
		data, err := json.Marshal(inbox.InboundData{
			ID: sms.NewID(time.Now()), From: "+33639980001", To: "36180", Text: "Oui", Intent: tc.intent, Connector: "ovh", At: time.Now(),
		})
		if err != nil {
			t.Fatal(err)
		}
		event := &webhook.Event{Seq: int64(i + 1), Account: "town", Type: webhook.InboundReceived, Data: data}
		for range 2 { // it is told again when our note of the answer got lost
			if err := callbacks.Taken(event, []byte(tc.answer), time.Now()); err != nil {
				t.Errorf("%s: %v", tc.name, err)
			}
		}
		want = append(want, tc.sent...)
		var got []string
		for _, m := range h.stored(t, "town") {
			got = append(got, m.Text)
			if m.To != "+33639980001" || m.Connector != "ovh" || m.Class != sms.Transactional {
				t.Errorf("%s: to %s by %s, %s", tc.name, m.To, m.Connector, m.Class)
			}
		}
		slices.Reverse(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%s: sent %q, want %q", tc.name, got, want)
		}
	}
}

// TestTwiMLSendsTenAtMost has an answer of hundreds of messages.
func TestTwiMLSendsTenAtMost(t *testing.T) {
	h := open(t)
	callbacks := twilio.Callbacks{Door: twilio.New(h.options(slog.New(slog.DiscardHandler)))}
	data, err := json.Marshal(inbox.InboundData{ID: sms.NewID(time.Now()), From: "+33639980001", Intent: inbox.IntentReply, Connector: "ovh"})
	if err != nil {
		t.Fatal(err)
	}
	var answer strings.Builder
	for i := range 300 {
		fmt.Fprintf(&answer, "<Message>%d</Message>", i)
	}
	event := &webhook.Event{Seq: 1, Account: "town", Type: webhook.InboundReceived, Data: data}
	if err := callbacks.Taken(event, []byte("<Response>"+answer.String()+"</Response>"), time.Now()); err != nil {
		t.Fatal(err)
	}
	if n := len(h.stored(t, "town")); n != 10 {
		t.Errorf("%d were sent", n)
	}
}

func FuzzTwiML(f *testing.F) {
	f.Add([]byte("<Response><Message to=\"+33639980001\">a<Body>b</Body></Message></Response>"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		verbs, err := twilio.ParseTwiML(answer)
		if err != nil && len(verbs) > 0 {
			t.Errorf("%d verbs of what is no TwiML", len(verbs))
		}
	})
}
