package smsgate_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/door/smsgate"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// TestWebhooks registers, replaces, lists and removes.
func TestWebhooks(t *testing.T) {
	h := open(t)
	list := func() string {
		t.Helper()
		var hooks []struct{ ID, URL, Event, DeviceID string }
		if err := json.Unmarshal([]byte(h.ask(t, http.MethodGet, "webhooks", "").body), &hooks); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, one := range hooks {
			if len(one.DeviceID) != 21 {
				t.Errorf("%+v", one)
			}
			all = append(all, one.ID+" "+one.Event+" "+one.URL)
		}
		return strings.Join(all, ", ")
	}
	if got := list(); got != "" {
		t.Errorf("%q", got)
	}
	register := func(body string, want int) *reply {
		t.Helper()
		got := h.ask(t, http.MethodPost, "webhooks", body)
		if got.status != want {
			t.Fatalf("%s: %d %s, want %d", body, got.status, got.body, want)
		}
		return got
	}
	register(`{"id":"mine","url":"https://town.example/a","event":"sms:received"}`, 201)
	register(`{"id":"mine","url":"https://town.example/b","event":"sms:failed"}`, 201)
	own := register(`{"url":"https://town.example/c","event":"sms:sent"}`, 201).shown(t).ID
	if got, want := list(), "mine sms:failed https://town.example/b, "+own+" sms:sent https://town.example/c"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, body := range []string{
		`{"url":"https://town.example/","event":"system:ping"}`, `{"url":"https://town.example/"}`, `{"event":"sms:sent"}`, `{"url":"http://127.0.0.1/","event":"sms:sent"}`, `{"url":"ftp://town.example/","event":"sms:sent"}`,
		`{"url":"https://town.example/d","event":"sms:sent","deviceId":"another"}`, `{"id":"a\u0000b","url":"https://town.example/e","event":"sms:sent"}`, `{"id":"mine","url":"http://10.0.0.1/","event":"sms:sent"}`,
	} {
		register(body, 400)
	}
	if got := h.ask(t, http.MethodGet, "webhooks", "", "Authorization", basic("other", "another password")); got.body != "[]" {
		t.Errorf("another's list: %s", got.body)
	}
	for range 2 {
		if got := h.ask(t, http.MethodDelete, "webhooks/mine", ""); got.status != http.StatusNoContent || got.body != "" {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	h.ask(t, http.MethodDelete, "webhooks/"+own, "", "Authorization", basic("other", "another password"))
	if got, want := list(), own+" sms:sent https://town.example/c"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestCalls are signed, name the client's ids, and tell of its messages alone.
func TestCalls(t *testing.T) {
	h := open(t)
	if got := h.ask(t, http.MethodPost, "webhooks", `{"id":"mine","url":"https://town.example/a","event":"sms:failed"}`); got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	all, err := h.store.Endpoints(t.Context(), "town")
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	f := smsgate.Callbacks{Door: smsgate.New(h.options(slog.New(slog.DiscardHandler)))}
	tell := func(kind webhook.Type, data any) (payload map[string]any, name string) {
		t.Helper()
		event, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		r, err := f.Request(t.Context(), all[0], &webhook.Event{Type: kind, Account: "town", Data: event, At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		if r == nil {
			return nil, ""
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, []byte("signing-key"))
		mac.Write([]byte(string(body) + r.Header.Get("X-Timestamp")))
		if r.Header.Get("X-Signature") != hex.EncodeToString(mac.Sum(nil)) || r.Header.Get("X-Timestamp") == "" {
			t.Errorf("signature %v", r.Header)
		}
		var said struct {
			ID, WebhookID, DeviceID, Event string
			Payload                        map[string]any
		}
		if err := json.Unmarshal(body, &said); err != nil || said.WebhookID != "mine" || len(said.DeviceID) != 21 || said.ID == "" {
			t.Errorf("%s, %v", body, err)
		}
		return said.Payload, said.Event
	}
	message := webhook.MessageData{ID: sms.NewID(time.Now()), To: "+33639980001", Status: sms.Rejected, Reason: "content", At: time.Now(), Metadata: map[string]string{"smsgate-id": "order-7"}}
	for kind, want := range map[webhook.Type]struct{ event, at string }{
		webhook.MessageSubmitted: {"sms:sent", "sentAt"}, webhook.MessageDelivered: {"sms:delivered", "deliveredAt"}, webhook.MessageUndelivered: {"sms:failed", "failedAt"},
		webhook.MessageExpired: {"sms:failed", "failedAt"}, webhook.MessageRejected: {"sms:failed", "failedAt"},
	} {
		payload, name := tell(kind, message)
		if name != want.event || payload["messageId"] != "order-7" || payload["phoneNumber"] != "+33639980001" || payload[want.at] == nil || (name == "sms:failed") != (payload["reason"] == "content") {
			t.Errorf("%s: %s %v", kind, name, payload)
		}
	}
	if payload, name := tell(webhook.InboundReceived, inbox.InboundData{ID: sms.NewID(time.Now()), From: "+33639980001", Text: "Oui"}); name != "sms:received" || payload["message"] != "Oui" || payload["phoneNumber"] != "+33639980001" || payload["receivedAt"] == nil {
		t.Errorf("%s %v", name, payload)
	}
	message.Metadata = nil
	erased := webhook.MessageData{ID: sms.NewID(time.Now()), To: "~", Metadata: map[string]string{"smsgate-id": "order-7"}}
	for _, m := range []webhook.MessageData{message, erased} {
		if payload, _ := tell(webhook.MessageDelivered, m); payload != nil {
			t.Errorf("%v is told", payload)
		}
	}
	if payload, _ := tell(webhook.MessageUncertain, message); payload != nil {
		t.Errorf("%v is told", payload)
	}
}
