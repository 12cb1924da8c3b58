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
	"relais/gateway"
	"relais/inbox"
	"relais/internal/doortest"
	"relais/quota"
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
		{"a line behind the end", head + "<Response><Message>un</Message></Response>\n", inbox.IntentReply, []string{"un"}},
		{"a comment behind the end", "<Response><Message>un</Message></Response>\r\n<!-- made by PHP -->\n<?php ?>", inbox.IntentReply, []string{"un"}},
		{"words behind the end", "<Response><Message>non</Message></Response> OK", inbox.IntentReply, nil},
		{"Latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?><Response><Message>\xe0 demain</Message></Response>", inbox.IntentReply, []string{"à demain"}},
		{"Windows", "<?xml version='1.0' encoding='windows-1252'?><Response><Message>\x80</Message></Response>", inbox.IntentReply, []string{"€"}},
		{"another charset", "<?xml version='1.0' encoding='utf-7'?><Response><Message>non</Message></Response>", inbox.IntentReply, nil},
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
		for _, m := range h.Stored(t, "town") {
			got = append(got, m.Text)
			if from := m.Sender == "36180"; from != (m.Text == "ici") {
				t.Errorf("%s: %q is from %q", tc.name, m.Text, m.Sender)
			}
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
	if n := len(h.Stored(t, "town")); n != 10 {
		t.Errorf("%d were sent", n)
	}
}

// TestTwiMLOfAnOldReply: an event may be told again after the key of its texts was forgotten.
func TestTwiMLOfAnOldReply(t *testing.T) {
	h := open(t)
	callbacks := twilio.Callbacks{Door: twilio.New(h.options(slog.New(slog.DiscardHandler)))}
	for _, tc := range []struct {
		age  time.Duration
		sent int
	}{{8 * 24 * time.Hour, 0}, {5 * 24 * time.Hour, 1}} {
		if err := callbacks.Taken(replyOf(t, sms.NewID(time.Now().Add(-tc.age))), []byte("<Response><Message>oui</Message></Response>"), time.Now()); err != nil {
			t.Fatal(err)
		}
		if n := len(h.Stored(t, "town")); n != tc.sent {
			t.Errorf("after %s: %d were sent, want %d", tc.age, n, tc.sent)
		}
	}
}

// TestTwiMLBetweenTwoMachines has a machine at the other end, which answers each text.
func TestTwiMLBetweenTwoMachines(t *testing.T) {
	h := open(t)
	callbacks := twilio.Callbacks{Door: twilio.New(h.options(slog.New(slog.DiscardHandler)))}
	for range 15 {
		event := replyOf(t, sms.NewID(time.Now()))
		for range 2 { // told again, it takes no more room
			if err := callbacks.Taken(event, []byte("<Response><Message>un</Message><Message>deux</Message></Response>"), time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(h.Stored(t, "town")); n != 20 {
		t.Errorf("%d were sent, want 20", n)
	}
}

// TestTwiMLBeyondAQuota: the program is not told of one reply again until the day is over.
func TestTwiMLBeyondAQuota(t *testing.T) {
	h := open(t)
	now := time.Now().UTC()
	noon := time.FixedZone("where it is noon", int(12*time.Hour/time.Second)-int(now.Sub(now.Truncate(24*time.Hour))/time.Second))
	log := slog.New(slog.DiscardHandler)
	h.Gateway = doortest.Gateway(t, h.Store, log, func(o *gateway.Options) {
		o.Quotas = quota.New(quota.Options{
			Quotas: []quota.Quota{{Name: "little", Per: quota.PerAccount, Every: quota.Day, Messages: 1}}, Store: h.Store, Zone: noon, Log: log,
		})
	})
	callbacks := twilio.Callbacks{Door: twilio.New(h.options(log))}
	if err := callbacks.Taken(replyOf(t, sms.NewID(now)), []byte("<Response><Message>un</Message><Message>deux</Message></Response>"), now); err != nil {
		t.Errorf("the reply is told again: %v", err)
	}
	if n := len(h.Stored(t, "town")); n != 1 {
		t.Errorf("%d were sent, want 1", n)
	}
}

// replyOf is the event of a reply.
func replyOf(t *testing.T, id sms.ID) *webhook.Event {
	t.Helper()
	data, err := json.Marshal(inbox.InboundData{ID: id, From: "+33639980001", To: "36180", Text: "Oui", Intent: inbox.IntentReply, Connector: "ovh", At: id.Time()})
	if err != nil {
		t.Fatal(err)
	}
	return &webhook.Event{Seq: 1, Account: "town", Type: webhook.InboundReceived, Data: data}
}

// TestReplyTellsItsSegments: programs that count what a conversation costs read them.
func TestReplyTellsItsSegments(t *testing.T) {
	h := open(t)
	callbacks := twilio.Callbacks{Door: twilio.New(h.options(slog.New(slog.DiscardHandler)))}
	for text, want := range map[string]string{"": "1", "Oui": "1", strings.Repeat("a", 400): "3", strings.Repeat("ç", 71): "2"} {
		data, err := json.Marshal(inbox.InboundData{ID: sms.NewID(time.Now()), From: "+33639980001", To: "36180", Text: text, Intent: inbox.IntentReply})
		if err != nil {
			t.Fatal(err)
		}
		event := &webhook.Event{Seq: 1, Account: "town", Type: webhook.InboundReceived, Data: data}
		r, err := callbacks.Request(t.Context(), webhook.Endpoint{URL: "https://town.example/sms"}, event)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.PostFormValue("NumSegments"); got != want {
			t.Errorf("%d characters are %q segments, want %s", len([]rune(text)), got, want)
		}
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
