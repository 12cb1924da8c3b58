package twilio_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"relais/door/twilio"
	"relais/gateway"
	"relais/inbox"
	"relais/internal/doortest"
	"relais/quota"
	"relais/sms"
)

// TestLimitsReachTheCaller: what the gateway refuses for the person's, the account's or its own sake comes in Twilio's words.
func TestLimitsReachTheCaller(t *testing.T) {
	h := open(t)
	now := time.Now().UTC()
	noon := time.FixedZone("where it is noon", int(12*time.Hour/time.Second)-int(now.Sub(now.Truncate(24*time.Hour))/time.Second))
	log := slog.New(slog.DiscardHandler)
	h.Gateway = doortest.Gateway(t, h.Store, log, func(o *gateway.Options) {
		o.Quotas = quota.New(quota.Options{
			Quotas: []quota.Quota{{Name: "little", Per: quota.PerAccount, Every: quota.Day, Messages: 1}}, Store: h.Store, Zone: noon, Log: log,
		})
	})
	o := h.options(log)
	o.Accounts[0].Class = sms.Marketing
	h.Serve(t, twilio.New(o))
	stop := inbox.OptOutChange{ID: sms.NewID(now), Account: "town", Number: "+33639980007", Added: true, Source: inbox.FromAPI, Actor: sms.ActorCLI, At: now}
	if _, err := h.Store.ChangeOptOuts(t.Context(), []inbox.OptOutChange{stop}); err != nil {
		t.Fatal(err)
	}
	ask := func(to string, status, code int) *reply {
		t.Helper()
		got := h.ask(t, http.MethodPost, "/Messages.json", good("To", to))
		if got.status != status || got.code() != code {
			t.Errorf("%s: %d %s, want %d %d", to, got.status, got.body, status, code)
		}
		return got
	}
	ask("+33639980007", 400, 21610)
	ask("+33899700000", 400, 21408)
	ask("+33639980001", 201, 0)
	if got := ask("+33639980002", 429, 20429); got.header.Get("Retry-After") == "" {
		t.Error("no word of when to try again")
	}
	if err := h.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ask("+33639980003", 503, 20503); got.header.Get("Retry-After") == "" {
		t.Error("no word of when to try again")
	}
}
