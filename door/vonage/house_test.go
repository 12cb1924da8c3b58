package vonage_test

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"testing"
	"time"

	"relais/auth"
	"relais/door/vonage"
	"relais/internal/doortest"
)

// Credentials of the tests.
const (
	key     = "a1b2c3d4"
	secret  = "0123456789abcdef"
	signing = "fedcba9876543210"
	method  = "sha256"

	otherKey, otherSecret = "ffffffff", "another secret"
	shutKey               = "eeeeeeee" // with secret and signing of the first
	partsKey              = "cccccccc" // likewise
)

// open stands the door before a gateway that sends nothing.
func open(t *testing.T, change ...func(*vonage.Options)) *doortest.House {
	t.Helper()
	h := doortest.Open(t)
	elsewhere := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	o := vonage.Options{
		Gateway: h.Gateway, Reader: h.Store, Keys: auth.NewKeeper(h.Store, nil, time.Now),
		Report: h.Webhooks.ForFormat, CheckURL: h.CheckURL, Log: h.Log, Now: time.Now,
		Accounts: []vonage.Account{
			{Name: "town", Key: key, Secret: secret, Signing: signing, Method: method, Account: "town", Connector: "ovh", HTTPMethod: "POST-JSON", ReceiptsURL: "https://app.town.example/receipts"},
			{Name: "other", Key: otherKey, Secret: otherSecret, Account: "other", HTTPMethod: "GET"},
			{Name: "shut", Key: shutKey, Secret: secret, Signing: signing, Method: method, Account: "shut", AllowFrom: elsewhere, HTTPMethod: "GET"},
			{Name: "parts", Key: partsKey, Secret: secret, Account: "parts", Parts: true, HTTPMethod: "GET"},
		},
	}
	for _, c := range change {
		c(&o)
	}
	h.Serve(t, vonage.New(o))
	return h
}

// told is an answer of the door.
type told struct {
	*doortest.Reply
	Count    string              `json:"message-count"`
	Messages []map[string]string `json:"messages"`
}

// status is that of the first entry.
func (a *told) status() string {
	if len(a.Messages) == 0 {
		return ""
	}
	return a.Messages[0]["status"]
}

func read(t *testing.T, r *doortest.Reply) *told {
	t.Helper()
	a := &told{Reply: r}
	if err := json.Unmarshal([]byte(r.Body), a); err != nil || a.Count != strconv.Itoa(len(a.Messages)) {
		t.Fatalf("%d %s: %v", r.Status, r.Body, err)
	}
	return a
}

var formType = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

// good is a message that is taken, with some parameters changed; an empty value takes one away.
func good(change ...string) url.Values {
	fields := url.Values{"api_key": {key}, "api_secret": {secret}, "from": {"RELAIS"}, "to": {"33639980001"}, "text": {"Bonjour"}}
	for i := 0; i < len(change); i += 2 {
		fields.Set(change[i], change[i+1])
		if change[i+1] == "" {
			fields.Del(change[i])
		}
	}
	return fields
}

// signed is a good message with a signature in place of the secret.
func signed(at time.Time, change ...string) url.Values {
	fields := good(append([]string{"api_secret", "", "timestamp", strconv.FormatInt(at.Unix(), 10)}, change...)...)
	fields.Set("sig", vonage.Signature(method, signing, flat(fields)))
	return fields
}

func flat(fields url.Values) map[string]string {
	all := map[string]string{}
	for name := range fields {
		all[name] = fields.Get(name)
	}
	return all
}

func post(t *testing.T, h *doortest.House, fields url.Values) *told {
	t.Helper()
	return read(t, h.Ask(t, http.MethodPost, "/sms/json", fields.Encode(), formType))
}
