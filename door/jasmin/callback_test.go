package jasmin_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"relais/door/jasmin"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// told is what an address is told of an event.
type told struct {
	method, address string
	fields          url.Values
}

func (h *house) tell(t *testing.T, kind webhook.Type, e webhook.Endpoint, data any) *told {
	t.Helper()
	body, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	f := jasmin.Callbacks{Door: jasmin.New(h.options(slog.New(slog.DiscardHandler)))}
	r, err := f.Request(t.Context(), e, &webhook.Event{Type: kind, Account: "town", Data: body, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if r == nil {
		return nil
	}
	said := &told{method: r.Method, fields: r.URL.Query()}
	if r.Method == http.MethodPost {
		form, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		if said.fields, err = url.ParseQuery(string(form)); err != nil {
			t.Fatal(err)
		}
	}
	r.URL.RawQuery = ""
	said.address = r.URL.String()
	return said
}

// TestReceipts: each level hears of the events that it asked for, in the words of SMPP.
func TestReceipts(t *testing.T) {
	h := open(t)
	for _, tc := range []struct {
		event            webhook.Type
		provider, reason string
		want             map[string]string // level and status by the level that was asked for; none: nothing is told
	}{
		{webhook.MessageSubmitted, "op-1", "", map[string]string{"1": "1 ESME_ROK", "3": "1 ESME_ROK"}},
		{webhook.MessageDelivered, "op-1", "", map[string]string{"2": "2 DELIVRD", "3": "2 DELIVRD"}},
		{webhook.MessageUndelivered, "op-1", "", map[string]string{"2": "2 UNDELIV", "3": "2 UNDELIV"}},
		{webhook.MessageExpired, "", "", map[string]string{"2": "2 EXPIRED", "3": "2 EXPIRED"}},
		{webhook.MessageRejected, "", "", map[string]string{"1": "1 ESME_RSUBMITFAIL", "2": "2 REJECTD", "3": "1 ESME_RSUBMITFAIL"}},
		{webhook.MessageRejected, "", string(sms.ReasonUnknownSubscriber), map[string]string{"1": "1 ESME_RINVDSTADR", "2": "2 REJECTD", "3": "1 ESME_RINVDSTADR"}},
		{webhook.MessageRejected, "op-1", "", map[string]string{"2": "2 REJECTD", "3": "2 REJECTD"}},
		{webhook.MessageUncertain, "op-1", "", nil},
	} {
		for _, level := range []string{"1", "2", "3"} {
			m := webhook.MessageData{
				ID: sms.NewID(time.Now()), To: "+33639980001", ProviderID: tc.provider, Reason: tc.reason, Connector: "ovh", At: time.Now(),
				Metadata: map[string]string{"jasmin-dlr-url": "https://town.example/dlr", "jasmin-dlr-level": level, "jasmin-dlr-method": "POST"},
			}
			got, want := h.tell(t, tc.event, webhook.Endpoint{}, m), tc.want[level]
			if got == nil {
				if want != "" {
					t.Errorf("%s at level %s: nothing is told, want %s", tc.event, level, want)
				}
				continue
			}
			said := got.fields.Get("level") + " " + got.fields.Get("message_status")
			if said != want || got.fields.Get("id") != m.ID.String() || got.fields.Get("connector") != "ovh" || (got.fields.Get("level") == "2") != got.fields.Has("donedate") {
				t.Errorf("%s at level %s: %v, want %s", tc.event, level, got.fields, want)
			}
			m.To = "~"
			if h.tell(t, tc.event, webhook.Endpoint{}, m) != nil {
				t.Errorf("%s is told of a person who was erased", tc.event)
			}
		}
	}
}

// TestReceiptsByGET keeps the query of the address, and tells the first signs of the text.
func TestReceiptsByGET(t *testing.T) {
	h := open(t)
	address := "https://town.example/dlr?file=7"
	if got := h.get(t, "/send", good("dlr-url", address, "dlr-level", "2", "dlr-method", "GET", "content", "Votre rendez-vous est à 9 h")); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	m := h.last(t)
	got := h.tell(t, webhook.MessageDelivered, webhook.Endpoint{}, webhook.MessageData{ID: m.ID, To: m.To, ProviderID: "op-1", Metadata: m.Metadata, At: time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)})
	for name, want := range map[string]string{
		"file": "7", "id": m.ID.String(), "id_smsc": "op-1", "sub": "001", "dlvrd": "001", "donedate": "2611221405", "err": "000", "text": "Votre rendez-vous es",
	} {
		if got.fields.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.fields.Get(name), want)
		}
	}
	if got.method != http.MethodGet || got.address != "https://town.example/dlr" {
		t.Errorf("%+v", got)
	}
}

func TestReplies(t *testing.T) {
	h := open(t)
	d := jasmin.New(h.options(slog.New(slog.DiscardHandler)))
	ids, err := d.ReplyEndpoints(t.Context(), &inbox.Inbound{Account: "town"})
	if err != nil || len(ids) != 1 {
		t.Fatalf("%v, %v", ids, err)
	}
	if none, err := d.ReplyEndpoints(t.Context(), &inbox.Inbound{Account: "other"}); err != nil || len(none) != 0 {
		t.Errorf("%v, %v", none, err)
	}
	e, err := h.store.Endpoint(t.Context(), "town", ids[0])
	if err != nil {
		t.Fatal(err)
	}
	for text, coding := range map[string]string{"Oui": "0", "Да": "8"} {
		in := inbox.InboundData{ID: sms.NewID(time.Now()), From: "+33639980001", To: "36184", Text: text, Connector: "ovh"}
		got := h.tell(t, webhook.InboundReceived, e, in)
		for name, want := range map[string]string{
			"id": in.ID.String(), "from": "+33639980001", "to": "36184", "origin-connector": "ovh", "coding": coding, "content": text,
		} {
			if got.fields.Get(name) != want {
				t.Errorf("%s is %q, want %q", name, got.fields.Get(name), want)
			}
		}
		if got.method != http.MethodGet || got.address != "https://town.example/mo" || got.fields.Get("binary") != map[string]string{"Oui": "004f00750069", "Да": "04140430"}[text] {
			t.Errorf("%+v", got)
		}
	}
}

// TestAcknowledgement: what is answered without ACK/Jasmin is told again for a while.
func TestAcknowledgement(t *testing.T) {
	f, at := jasmin.Callbacks{}, time.Now()
	for _, tc := range []struct {
		answer string
		later  time.Duration
		taken  bool
	}{
		{"ACK/Jasmin", 0, true},
		{" ACK/Jasmin\r\n", 0, true},
		{"", 0, false},
		{"OK", 90 * time.Second, false},
		{"<b>ACK/Jasmin</b>", 0, false},
		{"OK", 2 * time.Minute, true},
	} {
		if err := f.Taken(&webhook.Event{At: at}, []byte(tc.answer), at.Add(tc.later)); (err == nil) != tc.taken {
			t.Errorf("%q after %s: %v", tc.answer, tc.later, err)
		}
	}
}
