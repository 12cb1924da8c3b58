package door_test

import (
	"log/slog"
	"strings"
	"testing"

	"relais/door"
	"relais/webhook"
)

// TestWarnOf tells the operator at the start, and not when the first reply is lost.
func TestWarnOf(t *testing.T) {
	for _, tc := range []struct {
		name, address string
		policy        webhook.Policy
		want          string // in the log; empty: nothing
	}{
		{"none", "", webhook.Policy{}, ""},
		{"the internet", "https://town.example/sms?k=secret", webhook.Policy{}, ""},
		{"a private network", "http://10.0.0.1:8080/sms?k=secret", webhook.Policy{}, "section=twilio.town key=replies_url host=10.0.0.1:8080"},
		{"a private network that is opened", "http://10.0.0.1/sms", webhook.Policy{Private: true}, ""},
		{"this machine", "http://localhost/sms", webhook.Policy{Private: true}, "webhooks.allow"},
	} {
		var log strings.Builder
		env := &door.Env{Webhooks: &webhook.Manager{Policy: tc.policy}, Log: slog.New(slog.NewTextHandler(&log, nil))}
		env.WarnOf("twilio", "town", "replies_url", tc.address)
		if (tc.want == "") != (log.Len() == 0) || !strings.Contains(log.String(), tc.want) || strings.Contains(log.String(), "secret") {
			t.Errorf("%s: %q, want %q", tc.name, log.String(), tc.want)
		}
	}
}

// TestWrongTarget: what webhooks.allow may open is no mistake of the section.
func TestWrongTarget(t *testing.T) {
	for address, wrong := range map[string]bool{
		"https://town.example/sms": false, "http://10.0.0.1/": false, "http://127.0.0.1:8080/": false,
		"https://town.example:0/": true, "http://2130706433/": true, "http://0x7f.1/": true, "http://a:b@town.example/": true,
	} {
		if got := !door.WrongTarget(address).IsZero(); got != wrong {
			t.Errorf("%s is wrong: %v", address, got)
		}
	}
}
