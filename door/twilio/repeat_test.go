package twilio_test

import (
	"crypto/sha256"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/door/twilio"
	"relais/gateway"
	"relais/person"
	"relais/webhook"
)

const messagesPath = "/2010-04-01/Accounts/" + town + "/Messages.json"

// TestARepeatGivesNothingOutAgain: what is kept of an answer is nothing of a person's, and a message that was emptied is told
// of as it is, and not sent again.
func TestARepeatGivesNothingOutAgain(t *testing.T) {
	h := open(t)
	keyed, fields := http.Header{"Idempotency-Key": {"order-7"}}, good("StatusCallback", "https://town.example/?of=33639980001")
	first := h.askAs(t, town, token, http.MethodPost, messagesPath, fields, keyed)
	if first.status != 201 {
		t.Fatalf("%d %s", first.status, first.body)
	}
	kept, err := h.Store.Answer(t.Context(), "town", gateway.IdempotencyKey{Key: "order-7", Request: sha256.Sum256([]byte("twilio\n" + fields.Encode()))})
	if err != nil || len(kept) == 0 || strings.Contains(string(kept), "Bonjour") || strings.Contains(string(kept), "39980001") {
		t.Errorf("kept %s, %v", kept, err)
	}
	path := "/Messages/" + first.fields["sid"].(string) + ".json"
	for _, step := range []struct {
		method string
		fields url.Values
		to     any // of the repeat
	}{
		{http.MethodPost, url.Values{"Status": {"canceled"}}, "+33639980001"},
		{http.MethodPost, url.Values{"Body": {""}}, "+33639980001"},
		{http.MethodDelete, nil, nil},
	} {
		if got := h.ask(t, step.method, path, step.fields); got.status > 204 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		again := h.askAs(t, town, token, http.MethodPost, messagesPath, fields, keyed)
		emptied := step.method == http.MethodDelete || step.fields.Has("Body")
		if again.status != 201 || again.fields["sid"] != first.fields["sid"] || again.fields["to"] != step.to ||
			emptied != (again.fields["body"] == "") || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("after %s %v: %d %s", step.method, step.fields, again.status, again.body)
		}
	}
	if n := len(h.Stored(t, "town")); n != 1 {
		t.Errorf("%d are stored", n)
	}
	rest := person.Purge{Account: "town", Before: time.Now().Add(time.Hour), Limit: 10, Metadata: true}
	if left, err := h.Store.Purge(t.Context(), rest); err != nil || left.Next.IsZero() || left.Changed != 0 {
		t.Errorf("DELETE left text or metadata: %+v, %v", left, err)
	}
}

// TestARepeatIsNotRefused: the door's own rules have changed since the message was taken, or time has passed.
func TestARepeatIsNotRefused(t *testing.T) {
	h := open(t)
	keyed := http.Header{"Idempotency-Key": {"order-7"}}
	fields := good("ScheduleType", "fixed", "SendAt", time.Now().Add(20*time.Minute).UTC().Format(time.RFC3339),
		"MessagingServiceSid", service, "StatusCallback", "https://town.example/")
	first := h.askAs(t, town, token, http.MethodPost, messagesPath, fields, keyed)
	if first.status != 201 {
		t.Fatalf("%d %s", first.status, first.body)
	}
	for name, change := range map[string]func(*twilio.Options){
		"later":      func(o *twilio.Options) { o.Now = func() time.Time { return time.Now().Add(10 * time.Minute) } },
		"no service": func(o *twilio.Options) { o.Accounts[0].Services = nil },
		"no such calls": func(o *twilio.Options) {
			o.CheckURL = func(string) error { return webhook.CheckURL("x:", webhook.Policy{}) }
		},
	} {
		o := h.options(slog.New(slog.DiscardHandler))
		change(&o)
		server := httptest.NewServer(twilio.New(o))
		changed := house{new(*h.House)}
		changed.URL = server.URL
		if got := changed.askAs(t, town, token, http.MethodPost, messagesPath, fields, nil); got.status != 400 {
			t.Errorf("%s, without the key: %d %s", name, got.status, got.body)
		}
		if got := changed.askAs(t, town, token, http.MethodPost, messagesPath, fields, keyed); got.status != 201 || got.fields["sid"] != first.fields["sid"] {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if got := changed.askAs(t, town, token, http.MethodPost, messagesPath, good(), keyed); got.status != 409 {
			t.Errorf("%s, another body: %d %s", name, got.status, got.body)
		}
		server.Close()
	}
	if n := len(h.Stored(t, "town")); n != 1 {
		t.Errorf("%d were stored", n)
	}
}

func TestARefusedMessageLeavesNoEndpoint(t *testing.T) {
	h := open(t)
	for _, fields := range []url.Values{good("To", "+33123"), good("Body", "a\x00b"), good("From", "MairieDeTresLoin")} {
		fields.Set("StatusCallback", "https://town.example/")
		if got := h.ask(t, http.MethodPost, "/Messages.json", fields); got.status != 400 {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	if all, err := h.Store.Endpoints(t.Context(), "town"); err != nil || len(all) != 0 {
		t.Errorf("%d endpoints, %v", len(all), err)
	}
	h.create(t, "StatusCallback", "https://town.example/")
	if all, err := h.Store.Endpoints(t.Context(), "town"); err != nil || len(all) != 1 {
		t.Errorf("%d endpoints of a message that was taken, %v", len(all), err)
	}
}

// TestChangesShowNothingToWhoMayNotRead has keys that cancel and empty what another one sent.
func TestChangesShowNothingToWhoMayNotRead(t *testing.T) {
	h := open(t)
	path := "/2010-04-01/Accounts/" + town + "/Messages/" + h.create(t) + ".json"
	for _, tc := range []struct {
		right  auth.KeyRight
		fields url.Values
	}{{auth.KeySend, url.Values{"Status": {"canceled"}}}, {auth.KeyManage, url.Values{"Body": {""}}}} {
		key := h.Key(t, "town", auth.KeyLimits{Rights: []auth.KeyRight{auth.KeySend, tc.right}})
		got := h.askAs(t, keySid, key, http.MethodPost, path, tc.fields, nil)
		if got.status != 200 || got.fields["status"] != "canceled" || got.fields["body"] != "" || got.fields["to"] != nil || got.fields["from"] != nil {
			t.Errorf("%s: %d %s", tc.right, got.status, got.body)
		}
	}
}

func TestLengthsAndNumbersOfFieldsAreToldApart(t *testing.T) {
	h := open(t)
	for want, fields := range map[string]url.Values{
		"The message body is too long: it has more than 1600 characters": good("Body", strings.Repeat("a", 1601)),
		"The message body is too long: The text takes 16 segments":       good("Body", strings.Repeat("é€", 790)),
	} {
		if got := h.ask(t, http.MethodPost, "/Messages.json", fields); got.status != 400 || !strings.HasPrefix(got.fields["message"].(string), want) {
			t.Errorf("%d %s, want %s", got.status, got.body, want)
		}
	}
	status, body := h.write(t, &raw{method: http.MethodPost, target: messagesOf + ".json", headers: []string{formType}, body: goodBody + strings.Repeat("&a", 10_000)})
	if status != 400 || !strings.Contains(body, "too many fields") {
		t.Errorf("%d %s", status, body)
	}
}
