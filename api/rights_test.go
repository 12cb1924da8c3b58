package api_test

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/api"
	"relais/auth"
	"relais/connector"
	"relais/gateway"
	"relais/sms"
)

// keySets are all sets of rights; the empty one has none of OnMachine, which touch other
// accounts.
func keySets() (all [][]auth.KeyRight) {
	for bits := range 1 << len(auth.KeyRights()) {
		var set []auth.KeyRight
		for i, right := range auth.KeyRights() {
			if bits&(1<<i) != 0 {
				set = append(set, right)
			}
		}
		all = append(all, set)
	}
	return all
}

// limited adds keys of the town to those that a door knows.
func limited(keys map[string]auth.KeyLimits) setting {
	all := map[string]auth.Key{
		townKey:  {ID: "town", Account: "town", Name: "form"},
		otherKey: {ID: "other", Account: "other", Name: "other"},
	}
	for text, limits := range keys {
		all[text] = auth.Key{ID: text, Account: "town", Name: text, Limits: limits}
	}
	return func(_ *gateway.Options, o *api.Options) {
		o.Keys = auth.NewKeeper(nil, all, func() time.Time { return today })
	}
}

// TestWhoMayCallWhat holds each route to the right that a person has looked at.
func TestWhoMayCallWhat(t *testing.T) {
	var b strings.Builder
	for _, r := range api.Routes() {
		fmt.Fprintf(&b, "%s: %s\n", r.Pattern, r.Needs)
	}
	compare(t, "testdata/rights.golden", b.String())
}

// TestEveryRouteNamesItsRight fails for a route without a line in the table, and for a line
// without a route.
func TestEveryRouteNamesItsRight(t *testing.T) {
	d := open(t)
	known := map[string]auth.KeyRight{}
	for _, r := range api.Routes() {
		known[r.Pattern] = r.Needs
		if !r.Needs.Valid() {
			t.Errorf("%s needs %q, which is no right", r.Pattern, r.Needs)
		}
		method, path, _ := strings.Cut(r.Pattern, " ")
		if got := d.do(request{method: method, path: filled(path, someID)}); method != "HEAD" &&
			strings.Contains(string(got.body), "route_unknown") || got.StatusCode == http.StatusMethodNotAllowed {
			t.Errorf("%s: there is no such route", r.Pattern)
		}
	}
	openAPI(t, d).each(func(method, path string, op map[string]any) {
		right := known[method+" "+path]
		if strings.HasPrefix(path, "/v1/") && (right == "" || fmt.Sprint(op["security"]) != fmt.Sprintf("[map[key:[%s]]]", right)) {
			t.Errorf("%s %s: needs %q, described as %v", method, path, right, op["security"])
		}
	})
}

// filled is the path of a route with an id where it has one.
func filled(path, id string) string {
	return strings.NewReplacer("{id}", id, "{number}", "+33639980009", "{name}", "ovh", "{event}", someID).Replace(path)
}

// bodies are those of routes that take one; {} does for the others.
var bodies = map[string]string{
	"POST /v1/messages":                   `{"to":"+33639980003","text":"Le cours a lieu"}`,
	"POST /v1/messages/preview":           `{"to":"+33639980003","text":"Le cours a lieu"}`,
	"POST /v1/batches":                    `{"messages":[{"to":"+33639980003","text":"Le cours a lieu"}]}`,
	"POST /v1/messages/{id}/resolve":      `{"outcome":"given_up"}`,
	"POST /v1/inbound/{id}/decision":      `{"decision":"reply"}`,
	"POST /v1/connectors/{name}/reassign": `{"to":"sfr"}`,
	"POST /v1/connectors/{name}/pause":    `{"why":"a test","preview":true}`,
	"PUT /v1/opt-outs/{number}":           `{}`,
	"POST /v1/webhooks":                   `{"url":"https://hooks.town.example/x"}`,
	"POST /v1/opt-outs.csv":               "number\n+33639980008\n",
	"POST /v1/campaigns":                  `{"name":"Wishes"}`,
	"POST /v1/lists":                      `{"name":"Canteen"}`,
	"POST /v1/contacts":                   `{"number":"0639980001"}`,
	"POST /v1/groups":                     `{"name":"Canteen"}`,
	"PUT /v1/lists/{id}/table":            "Name;Mobile\nZoé;0639980001\n",
	"PUT /v1/campaigns/{id}/file":         "Name;Mobile\nZoé;0639980001\n",
}

// TestRightsOfKeys walks every route with every set of rights, and with ids of the account,
// of another and of nobody: who has not the right is told so alone, and an id of another
// account is answered as one of nobody.
func TestRightsOfKeys(t *testing.T) {
	keys := map[string]auth.KeyLimits{}
	for i, set := range keySets() {
		keys[fmt.Sprint("key-", i)] = auth.KeyLimits{Rights: set}
	}
	d := open(t, limited(keys))
	addTown(t, d)
	if err := d.store.AddAccount(t.Context(), auth.Account{Name: "other", CreatedAt: today}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{townKey, otherKey} { // before anything else waits at the operator
		replyTo(t, d, key)
	}
	walked, refused := 0, 0
	for _, r := range api.Routes() {
		method, path, _ := strings.Cut(r.Pattern, " ")
		for i, set := range keySets() {
			key := fmt.Sprint("key-", i)
			may := len(set) == 0 && !r.Needs.OnMachine() || slices.Contains(set, r.Needs)
			answers := map[string]string{}
			for whose, id := range owned(t, d, path) {
				walked++
				body := bodies[r.Pattern]
				if body == "" && method == "POST" {
					body = "{}"
				}
				got := d.do(request{method: method, path: filled(path, id), key: key, body: body})
				told := strings.Contains(string(got.body), "key_right") || method == "HEAD" && got.StatusCode == http.StatusForbidden
				if told == may || told != (got.StatusCode == http.StatusForbidden) {
					t.Errorf("%s with %v, an id of %s: %d %s", r.Pattern, set, whose, got.StatusCode, got.body)
				}
				if told {
					refused++
				}
				answers[whose] = fmt.Sprint(got.StatusCode, strings.ReplaceAll(string(got.body), id, "ID"))
			}
			if strings.Contains(path, "{id}") && answers["another account"] != answers["nobody"] {
				t.Errorf("%s with %v: an id of another account is told apart from one of nobody:\n%s\n%s", r.Pattern, set,
					answers["another account"], answers["nobody"])
			}
		}
	}
	t.Logf("%d routes, %d sets of rights: %d combinations, %d refused for want of the right",
		len(api.Routes()), len(keySets()), walked, refused)
}

// owned are ids for a path, new ones each time: of the account, of another, of nobody. A
// path without an id has one of nobody.
func owned(t *testing.T, d *door, path string) map[string]string {
	t.Helper()
	all := map[string]string{"nobody": someID}
	if !strings.Contains(path, "{id}") {
		return all
	}
	for whose, key := range map[string]string{"the account": townKey, "another account": otherKey} {
		switch {
		case strings.Contains(path, "/messages/"):
			var sent api.SubmitAnswer
			d.do(request{method: "POST", path: "/v1/messages", key: key, body: good}).as(http.StatusAccepted, &sent)
			all[whose] = sent.Messages[0].ID.String()
		case strings.Contains(path, "/templates/"):
			all[whose] = templateOf(t, d, key)
		case strings.Contains(path, "/campaigns/"):
			all[whose] = campaignOf(t, d, key)
		case strings.Contains(path, "/lists/"):
			all[whose] = listOf(t, d, key)
		case strings.Contains(path, "/groups/"):
			all[whose] = groupOf(t, d, key)
		case strings.Contains(path, "/webhooks/"):
			all[whose] = hookOf(t, d, key)
		case strings.Contains(path, "/inbound/"):
			all[whose] = replyTo(t, d, key)
		}
	}
	return all
}

// templateOf is the id of a new template of an account.
func templateOf(t *testing.T, d *door, key string) string {
	t.Helper()
	var made api.Template
	d.do(request{
		method: "POST", path: "/v1/templates", key: key, body: `{"name":"` + rand.Text() + `","text":"a"}`,
	}).as(http.StatusCreated, &made)
	return made.ID.String()
}

// listOf is the id of a new list of an account.
func listOf(t *testing.T, d *door, key string) string {
	t.Helper()
	var made api.List
	d.do(request{method: "POST", path: "/v1/lists", key: key, body: `{"name":"` + rand.Text() + `"}`}).as(http.StatusCreated, &made)
	return made.ID.String()
}

// groupOf is the id of a new group of an account.
func groupOf(t *testing.T, d *door, key string) string {
	t.Helper()
	var made api.Group
	d.do(request{method: "POST", path: "/v1/groups", key: key, body: `{"name":"` + rand.Text() + `"}`}).as(http.StatusCreated, &made)
	return made.ID.String()
}

// campaignOf is the id of a new campaign of an account.
func campaignOf(t *testing.T, d *door, key string) string {
	t.Helper()
	var made api.Campaign
	d.do(request{method: "POST", path: "/v1/campaigns", key: key, body: bodies["POST /v1/campaigns"]}).
		as(http.StatusCreated, &made)
	return made.ID.String()
}

// hookOf is the id of a webhook of an account, which has one.
func hookOf(t *testing.T, d *door, key string) string {
	t.Helper()
	var hooks api.WebhookList
	d.do(request{method: "GET", path: "/v1/webhooks", key: key}).as(http.StatusOK, &hooks)
	for _, h := range hooks.Items {
		return h.ID.String()
	}
	var made api.NewWebhook
	d.do(request{method: "POST", path: "/v1/webhooks", key: key, body: bodies["POST /v1/webhooks"]}).
		as(http.StatusCreated, &made)
	return made.ID.String()
}

// replyTo is the id of a reply to a message of an account, which has one.
func replyTo(t *testing.T, d *door, key string) string {
	t.Helper()
	var replies api.InboundList
	list := request{method: "GET", path: "/v1/inbound", key: key}
	if d.do(list).as(http.StatusOK, &replies); len(replies.Items) == 0 {
		var sent api.SubmitAnswer
		d.do(request{method: "POST", path: "/v1/messages", key: key, body: good}).as(http.StatusAccepted, &sent)
		settleAs(d, sent.Messages[0].ID, "to-"+key)
		d.push(connector.News{Inbounds: []sms.Inbound{
			{ProviderID: "by-" + key, From: "33639980001", Text: "Oui", AnswersID: "to-" + key, At: today},
		}})
		d.do(list).as(http.StatusOK, &replies)
	}
	return replies.Items[0].ID.String()
}

// TestLimitsOfKeys refuses a key after its end, from elsewhere, and with senders and
// connectors of others.
func TestLimitsOfKeys(t *testing.T) {
	d := open(t, limited(map[string]auth.KeyLimits{
		"ended":  {Until: time.Date(2026, 3, 2, 0, 0, 0, 0, time.Local)},
		"office": {Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}},
		"away":   {Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}},
		"sfr":    {Connectors: []string{"sfr"}, Senders: []sms.Sender{"MAIRIE"}},
		"gone":   {Connectors: []string{"renamed"}},
		"reads":  {Rights: []auth.KeyRight{auth.KeyRead}},
	}))
	const text = `"to":"+33639980001","text":"Le cours a lieu"`
	for _, c := range []struct {
		name, key, body, from string
		status                int
		code, english, french string
	}{
		{name: "ended", key: "ended", status: 401, code: "key_expired", english: "The key ended on", french: "La clé a pris fin le"},
		{name: "from the office", key: "office", status: 202},
		{name: "from its other network", key: "office", from: "2001:db8::7", status: 202},
		{name: "from elsewhere", key: "away", status: 403, code: "key_address", english: "from the address 192.0.2.1.", french: "depuis l'adresse 192.0.2.1."},
		{name: "behind a proxy elsewhere", key: "away", from: "somebody", status: 403, code: "key_address", english: "from the address ?.", french: "l'adresse ?."},
		{name: "may read", key: "reads", status: 403, code: "key_right", english: "This key may not send; it may read.", french: "Cette clé ne permet pas d'envoyer ; elle permet de lire."},
		{name: "its own", key: "sfr", body: `{"sender":"Mairie","connector":"sfr",` + text + `}`, status: 202},
		{name: "the first of its own", key: "sfr", body: `{"sender":"MAIRIE",` + text + `}`, status: 202},
		{name: "another sender", key: "sfr", body: `{"sender":"ECOLE",` + text + `}`, status: 422, code: "sender_not_of_key", english: "The sender ECOLE is not among those of this key: MAIRIE.", french: "L'expéditeur ECOLE n'est pas de ceux de cette clé : MAIRIE."},
		{name: "no sender", key: "sfr", body: `{` + text + `}`, status: 422, code: "sender_not_of_key", english: "No sender was asked for", french: "Aucun expéditeur n'a été demandé"},
		{name: "another connector", key: "sfr", body: `{"sender":"MAIRIE","connector":"ovh",` + text + `}`, status: 422, code: "connector_not_of_key", english: "The connector ovh is not among those of this key: sfr.", french: "Le connecteur ovh n'est pas de ceux de cette clé : sfr."},
		{name: "none of its own is configured", key: "gone", status: 422, code: "connector_not_of_key", english: "No connector of this key is configured. It may use: renamed.", french: "Aucun connecteur de cette clé n'est configuré."},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := d.in(t)
			for language, want := range map[string]string{"en": c.english, "fr": c.french} {
				r := request{
					method: "POST", path: "/v1/messages", key: c.key, body: cmp.Or(c.body, "{"+text+"}"),
					header: map[string]string{"Accept-Language": language},
				}.http(t.Context(), "http://relais.example")
				r.RemoteAddr = "192.0.2.1:4711"
				if c.from != "" {
					r.RemoteAddr = "127.0.0.1:4711"
					r.Header.Set("X-Forwarded-For", c.from)
				}
				got := d.send(r)
				if c.status == http.StatusAccepted {
					got.as(c.status, &api.SubmitAnswer{})
					continue
				}
				if language == "en" {
					compare(t, "testdata/key_"+strings.ReplaceAll(c.name, " ", "_")+".golden", got.transcript())
				}
				if p := got.problem(c.status, c.code); !strings.Contains(p.Detail, want) {
					t.Errorf("%q, want %q", p.Detail, want)
				}
			}
		})
	}
}

// TestReplayAfterALimit: who may not send any more gets no first answer either; who may not
// use the sender any more does, for nothing is sent again.
func TestReplayAfterALimit(t *testing.T) {
	dir := t.TempDir()
	const body = `{"to":"+33639980001","sender":"MAIRIE","text":"Le cours a lieu"}`
	with := func(limits auth.KeyLimits) answer {
		d := openIn(t, dir, limited(map[string]auth.KeyLimits{"key": limits}))
		defer d.store.Close()
		return d.do(request{
			method: "POST", path: "/v1/messages", key: "key", body: body, header: map[string]string{"Idempotency-Key": "7"},
		})
	}
	first := with(auth.KeyLimits{})
	first.as(http.StatusAccepted, &api.SubmitAnswer{})
	with(auth.KeyLimits{Rights: []auth.KeyRight{auth.KeyRead}}).problem(http.StatusForbidden, "key_right")
	again := with(auth.KeyLimits{Senders: []sms.Sender{"ECOLE"}, Connectors: []string{"sfr"}})
	if again.Header.Get("Idempotency-Replayed") != "true" || string(again.body) != string(first.body) {
		t.Errorf("%d %s, want the first answer", again.StatusCode, again.body)
	}
}
