package twilio_test

import (
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"relais/auth"
	"relais/door/twilio"
	"relais/internal/doortest"
	"relais/sms"
)

// Credentials of the tests.
const (
	town    = "AC0123456789abcdef0123456789abcdef"
	other   = "ACffffffffffffffffffffffffffffffff"
	shut    = "ACeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
	token   = "fedcba9876543210fedcba9876543210"
	service = "MG0123456789abcdef0123456789abcdef"
	foreign = "MGffffffffffffffffffffffffffffffff"
	keySid  = "SK0123456789abcdef0123456789abcdef"
)

// house is the door before a gateway that sends nothing.
type house struct{ *doortest.House }

func open(t *testing.T) *house {
	t.Helper()
	h := &house{doortest.Open(t)}
	h.Serve(t, twilio.New(h.options(h.Log)))
	return h
}

func (h *house) options(log *slog.Logger) twilio.Options {
	services := map[string]twilio.Service{service: {Sender: "Mairie", Connector: "sfr", Class: sms.OTP}}
	return twilio.Options{
		Gateway: h.Gateway, Reader: h.Store, Keys: auth.NewKeeper(h.Store, nil, time.Now),
		Accounts: []twilio.Account{
			{Name: "town", Sid: town, Token: token, Account: "town", Services: services},
			{Name: "other", Sid: other, Token: "another token", Account: "other", Services: map[string]twilio.Service{foreign: {}}},
			{Name: "shut", Sid: shut, Token: token, Account: "shut", AllowFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		},
		Report:   h.Webhooks.ForFormat,
		CheckURL: h.CheckURL, Log: log, Now: time.Now,
	}
}

// reply is what the door answered.
type reply struct {
	status int
	header http.Header
	body   string
	fields map[string]any
}

func (r *reply) code() int {
	code, _ := r.fields["code"].(float64)
	return int(code)
}

// ask calls a path of an account with its token.
func (h *house) ask(t *testing.T, method, path string, fields url.Values) *reply {
	t.Helper()
	return h.askAs(t, town, token, method, "/2010-04-01/Accounts/"+town+path, fields, nil)
}

func (h *house) askAs(
	t *testing.T, user, password, method, path string, fields url.Values, header http.Header,
) *reply {
	t.Helper()
	head := http.Header{}
	maps.Copy(head, header)
	if fields != nil {
		head.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if user != "" {
		head.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
	}
	answer := h.Ask(t, method, path, fields.Encode(), head)
	got := &reply{status: answer.Status, header: answer.Header, body: answer.Body}
	if answer.Body == "" {
		return got
	}
	if err := json.Unmarshal([]byte(answer.Body), &got.fields); err != nil {
		t.Fatalf("%s %s: %q: %v", method, path, answer.Body, err)
	}
	return got
}

// good is a message that is taken, with some fields changed; an empty value takes one away.
func good(change ...string) url.Values {
	fields := url.Values{"To": {"+33639980001"}, "From": {"RELAIS"}, "Body": {"Bonjour"}}
	for i := 0; i < len(change); i += 2 {
		fields.Set(change[i], change[i+1])
		if change[i+1] == "" {
			fields.Del(change[i])
		}
	}
	return fields
}

// create takes a message, and gives its sid.
func (h *house) create(t *testing.T, change ...string) string {
	t.Helper()
	got := h.ask(t, http.MethodPost, "/Messages.json", good(change...))
	if got.status != http.StatusCreated {
		t.Fatalf("%d %s", got.status, got.body)
	}
	return got.fields["sid"].(string)
}
