package webhook_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/sms"
	"relais/webhook"
)

// tester makes one beside a desk.
func (d *desk) tester(policy webhook.Policy) *webhook.Tester {
	d.t.Helper()
	sealer, err := auth.NewSealer(strings.Repeat("5c", 32))
	if err != nil {
		d.t.Fatal(err)
	}
	return webhook.NewTester(webhook.Options{
		Store: d.store, Open: sealer.Open, Policy: policy, Timeout: 2 * time.Second, UserAgent: "Relais/test",
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
}

func TestEventIsTried(t *testing.T) {
	d := open(t, t.TempDir(), webhook.Policy{Loopback: true})
	defer d.close()
	r := receive(t, func(_ int, w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "bien reçu") })
	e := d.register(r)
	try, err := d.tester(webhook.Policy{Loopback: true}).Test(t.Context(), "default", e.ID)
	if err != nil || try.Status != http.StatusOK || try.Error != "" || try.Answer != "bien reçu" || try.Took <= 0 {
		t.Errorf("%+v, %v", try, err)
	}
	got := r.posts()
	var body struct {
		ID, Type string
		Data     struct{ Webhook sms.ID }
	}
	if len(got) != 1 || json.Unmarshal([]byte(got[0].body), &body) != nil || body.Type != "webhook.test" ||
		body.Data.Webhook != e.ID || body.ID != got[0].id || !strings.HasPrefix(body.ID, "evt_test_") {
		t.Errorf("came %+v", got)
	}
	log, err := d.store.Deliveries(t.Context(), "default", e.ID, "", 0, 10)
	if err != nil || len(log) != 0 {
		t.Errorf("the log has %+v, %v", log, err)
	}
	// What may be called is asked when the connection is made, as for every webhook.
	try, err = d.tester(webhook.Policy{}).Test(t.Context(), "default", e.ID)
	if err != nil || try.Status != 0 || !strings.Contains(try.Error, "webhooks.allow") {
		t.Errorf("to a forbidden network: %+v, %v", try, err)
	}
	if len(r.posts()) != 1 {
		t.Error("the forbidden network was called")
	}
	if _, err = d.tester(webhook.Policy{}).Test(t.Context(), "other", e.ID); !errors.Is(err, webhook.ErrUnknown) {
		t.Errorf("another account: %v", err)
	}
}

func TestRedirectOfATestIsNotFollowed(t *testing.T) {
	d := open(t, t.TempDir(), webhook.Policy{Loopback: true})
	defer d.close()
	called := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer inside.Close()
	r := receive(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL, http.StatusTemporaryRedirect)
	})
	try, err := d.tester(webhook.Policy{Loopback: true}).Test(t.Context(), "default", d.register(r).ID)
	if err != nil || try.Status != http.StatusTemporaryRedirect || try.Error == "" || called {
		t.Errorf("%+v, %v, called %t", try, err, called)
	}
}

func TestEndpointIsChanged(t *testing.T) {
	d := open(t, t.TempDir(), webhook.Policy{Loopback: true})
	defer d.close()
	r := receive(t, nil)
	e, twin := d.register(r), d.register(r, webhook.CreditLow)
	other, events := "http://127.0.0.1:9/other", []webhook.Type{webhook.MessageDelivered}
	before := e
	e.State, e.Reason, e.Failures, e.FailingAt = webhook.Quarantined, "x", 12, time.Now()
	if err := d.store.ChangeEndpoint(t.Context(), before, e); err != nil {
		t.Fatal(err)
	}
	got, err := d.Change(t.Context(), "default", e.ID, webhook.Change{Events: &events})
	if err != nil || got.URL != e.URL || len(got.Events) != 1 || got.State != webhook.Quarantined {
		t.Errorf("other events: %+v, %v", got, err)
	}
	if got, err = d.Change(t.Context(), "default", e.ID, webhook.Change{URL: &other}); err != nil ||
		got.URL != other || got.State != webhook.Active || got.Failures != 0 || len(got.Events) != 1 {
		t.Errorf("another address: %+v, %v", got, err)
	}
	private, same, low := "http://10.0.0.1/", r.URL, []webhook.Type{webhook.CreditLow}
	unknown := []webhook.Type{"message.lost"}
	for name, c := range map[string]webhook.Change{
		"webhook_url_invalid": {URL: &private}, "event_unknown": {Events: &unknown},
		"webhook_exists": {URL: &same, Events: &low},
	} {
		var refused *webhook.Error
		if _, err := d.Change(t.Context(), "default", e.ID, c); !errors.As(err, &refused) ||
			refused.Reason.Code.Wire() != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := d.Change(t.Context(), "default", twin.ID, webhook.Change{URL: &same}); err != nil {
		t.Errorf("the address that it has: %v", err)
	}
	named, err := d.ForRequest(t.Context(), "default", r.URL+"/named")
	if err != nil {
		t.Fatal(err)
	}
	var refused *webhook.Error
	if _, err = d.Change(t.Context(), "default", named, webhook.Change{URL: &other}); !errors.As(err, &refused) ||
		refused.Reason.Code != "webhook_named" {
		t.Errorf("one of a request: %v", err)
	}
	if _, err = d.Change(t.Context(), "other", e.ID, webhook.Change{}); !errors.Is(err, webhook.ErrUnknown) {
		t.Errorf("another account: %v", err)
	}
	if got, err = d.Disable(t.Context(), "default", e.ID); err != nil || got.State != webhook.Disabled || got.Gone() {
		t.Errorf("disabled: %+v, %v", got, err)
	}
}
