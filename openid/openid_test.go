//go:build oracle

package openid_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"relais/internal/identitiestest"
	"relais/openid"
)

const back = "http://127.0.0.1:1/console/oidc/back"

// clients of the provider, by what is special about each.
var clients = []identitiestest.Client{
	{ID: "rsa", Secret: "a secret of the client", Redirects: []string{back}, AfterLogout: []string{back + "/out"}},
	{ID: "ec", Secret: "a secret of the client", Redirects: []string{back}, Token: "ES256", Auth: "client_secret_post"},
	{ID: "signed", Secret: "a secret of the client", Redirects: []string{back}, UserInfo: "ES256"},
	{ID: "shared", Secret: "a secret of the client, 32 bytes or more", Redirects: []string{back}, Token: "HS256"},
}

var accounts = map[string]identitiestest.Facts{
	"claire": {
		"email": "claire@town.example", "email_verified": true, "given_name": "Claire", "usual_name": "Martin",
		"siret": "21350238800019", "groups": []string{"sms", "hall"}, "acr": "eidas2", "amr": []string{"pwd", "otp"},
		"realm_access": map[string]any{"roles": []string{"sms-agent"}},
	},
	"paul": {"email": "paul@town.example"},
}

// asker is a gateway that asks a provider, with a clock that a test moves.
type asker struct {
	*testing.T
	*openid.Provider

	there   *identitiestest.Provider
	browser *http.Client
	now     time.Time
}

func newAsker(t *testing.T, there *identitiestest.Provider, change func(*openid.Options)) *asker {
	t.Helper()
	a := &asker{T: t, there: there, browser: there.Browser(t), now: time.Now()}
	o := openid.Options{
		Issuer: there.Issuer, ClientID: "rsa", Secret: "a secret of the client", RedirectURI: back,
		AfterLogout: back + "/out", Scopes: []string{"openid", "email", "profile", "siret", "groups"},
		PKCE: openid.Auto, ClientAuth: openid.Auto, Needed: []string{"email", "siret"},
		Client: &http.Client{}, Now: func() time.Time { return a.now },
	}
	if change != nil {
		change(&o)
	}
	a.Provider = openid.New(o)
	return a
}

// went is an attempt of somebody who signed in at the provider, with what the browser
// brings back.
func (a *asker) went(name string, again bool) (openid.Attempt, url.Values) {
	a.Helper()
	to, attempt, err := a.Begin(a.Context(), again)
	if err != nil {
		a.Fatal(err)
	}
	return attempt, a.there.SignIn(a.T, a.browser, to, name).Query()
}

func (a *asker) finish(name string) openid.Person {
	a.Helper()
	attempt, brought := a.went(name, false)
	person, err := a.Finish(a.Context(), attempt, brought)
	if err != nil {
		a.Fatal(err)
	}
	return person
}

// TestWhoItIs: RS256 and ES256, the secret in a header and in the form, userinfo as JSON
// and signed, with and without PKCE.
func TestWhoItIs(t *testing.T) {
	there := identitiestest.Start(t, identitiestest.Setup{Clients: clients, Accounts: accounts})
	for name, change := range map[string]func(*openid.Options){
		"RS256":           func(*openid.Options) {},
		"ES256, by form":  func(o *openid.Options) { o.ClientID, o.ClientAuth = "ec", openid.Post },
		"signed userinfo": func(o *openid.Options) { o.ClientID = "signed" },
		"without PKCE":    func(o *openid.Options) { o.PKCE = openid.Off },
		"PKCE by order":   func(o *openid.Options) { o.PKCE = openid.On },
		"claims asked": func(o *openid.Options) {
			o.Claims, o.ACRValues = `{"id_token":{"amr":{"essential":true}}}`, []string{"eidas2", "eidas1"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAsker(t, there, change)
			p := a.finish("claire")
			if p.Issuer != there.Issuer || p.Subject != "claire" || p.Text("email") != "claire@town.example" ||
				!p.True("email_verified") || p.Text("siret") != "21350238800019" || p.Token == "" ||
				strings.Join(p.List("groups"), ",") != "sms,hall" ||
				strings.Join(p.List("realm_access.roles"), ",") != "sms-agent" {
				t.Errorf("%+v", p)
			}
			if name == "claims asked" && (p.Text("acr") != "eidas2" || strings.Join(p.List("amr"), ",") != "pwd,otp") {
				t.Errorf("acr %q, amr %q", p.Text("acr"), p.List("amr"))
			}
		})
	}
	p := newAsker(t, there, nil).finish("paul")
	if p.True("email_verified") || p.Has("siret") || p.List("groups") != nil || p.Text("groups.of") != "" {
		t.Errorf("%+v", p)
	}
}

func TestWhatIsAsked(t *testing.T) {
	there := identitiestest.Start(t, identitiestest.Setup{Clients: clients, Accounts: accounts})
	asked := func(pkce string, again bool) url.Values {
		a := newAsker(t, there, func(o *openid.Options) { o.PKCE = pkce })
		to, attempt, err := a.Begin(t.Context(), again)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		if q := u.Query(); q.Get("state") != attempt.State || q.Get("nonce") != attempt.Nonce || len(attempt.State) < 32 ||
			len(attempt.Nonce) < 32 || attempt.State == attempt.Nonce || q.Get("redirect_uri") != back {
			t.Errorf("%s", to)
		}
		return u.Query()
	}
	for pkce, want := range map[string]bool{openid.Auto: true, openid.On: true, openid.Off: false} {
		if q := asked(pkce, false); q.Has("code_challenge") != want || want && q.Get("code_challenge_method") != "S256" ||
			q.Has("prompt") || q.Has("claims") || q.Has("acr_values") {
			t.Errorf("PKCE %s: %v", pkce, q)
		}
	}
	// ProConnect refuses every parameter that it does not know.
	plain := asked(openid.Off, false)
	for name := range plain {
		if !strings.Contains(" response_type client_id redirect_uri scope state nonce ", " "+name+" ") {
			t.Errorf("%s is asked too", name)
		}
	}
	if q := asked(openid.Off, true); q.Get("prompt") != "login" {
		t.Errorf("again: %v", q)
	}
}

// TestRefusals: whatever does not fit lets nobody in.
func TestRefusals(t *testing.T) {
	there := identitiestest.Start(t, identitiestest.Setup{Clients: clients, Accounts: accounts, RequirePKCE: true})
	for name, tc := range map[string]struct {
		options func(*openid.Options)
		change  func(a *asker, at *openid.Attempt, brought url.Values)
		want    error
	}{
		"another state":   {nil, func(_ *asker, _ *openid.Attempt, b url.Values) { b.Set("state", strings.Repeat("x", 43)) }, openid.ErrStale},
		"no state":        {nil, func(_ *asker, _ *openid.Attempt, b url.Values) { b.Del("state") }, openid.ErrStale},
		"no attempt":      {nil, func(_ *asker, at *openid.Attempt, b url.Values) { *at = openid.Attempt{}; b.Del("state") }, openid.ErrStale},
		"another nonce":   {nil, func(_ *asker, at *openid.Attempt, _ url.Values) { at.Nonce = strings.Repeat("x", 43) }, openid.ErrDoubtful},
		"another proof":   {nil, func(_ *asker, at *openid.Attempt, _ url.Values) { at.Verifier = strings.Repeat("x", 43) }, openid.ErrDoubtful},
		"another code":    {nil, func(_ *asker, _ *openid.Attempt, b url.Values) { b.Set("code", "x") }, openid.ErrDoubtful},
		"another issuer":  {nil, func(_ *asker, _ *openid.Attempt, b url.Values) { b.Set("iss", "https://else.example") }, openid.ErrDoubtful},
		"no issuer":       {nil, func(_ *asker, _ *openid.Attempt, b url.Values) { b.Del("iss") }, openid.ErrDoubtful},
		"declined":        {nil, func(_ *asker, _ *openid.Attempt, b url.Values) { b.Set("error", "access_denied") }, openid.ErrDeclined},
		"expired":         {nil, func(a *asker, _ *openid.Attempt, _ url.Values) { a.now = a.now.Add(121 * time.Second) }, openid.ErrDoubtful},
		"a minute late":   {nil, func(a *asker, _ *openid.Attempt, _ url.Values) { a.now = a.now.Add(110 * time.Second) }, nil},
		"from the future": {nil, func(a *asker, _ *openid.Attempt, _ url.Values) { a.now = a.now.Add(-2 * time.Minute) }, openid.ErrDoubtful},
		"a minute early":  {nil, func(a *asker, _ *openid.Attempt, _ url.Values) { a.now = a.now.Add(-50 * time.Second) }, nil},
		"too late":        {nil, func(a *asker, _ *openid.Attempt, _ url.Values) { a.now = a.now.Add(16 * time.Minute) }, openid.ErrStale},
		"a wrong secret":  {func(o *openid.Options) { o.Secret = "wrong" }, nil, openid.ErrDoubtful},
		"a shared key": {func(o *openid.Options) {
			o.ClientID, o.Secret = "shared", "a secret of the client, 32 bytes or more"
		}, nil, openid.ErrDoubtful},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAsker(t, there, tc.options)
			attempt, brought := a.went("claire", false)
			if tc.change != nil {
				tc.change(a, &attempt, brought)
			}
			p, err := a.Finish(t.Context(), attempt, brought)
			if !errors.Is(err, tc.want) || err != nil && p.Subject != "" {
				t.Errorf("%+v, %v; want %v", p.Subject, err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), brought.Get("code")) && brought.Get("code") != "x" {
				t.Errorf("the code is told: %v", err)
			}
		})
	}
	a := newAsker(t, there, nil)
	attempt, brought := a.went("claire", false)
	if _, err := a.Finish(t.Context(), attempt, brought); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Finish(t.Context(), attempt, brought); !errors.Is(err, openid.ErrDoubtful) {
		t.Errorf("the same answer once more: %v", err)
	}
	attempt, brought = newAsker(t, there, nil).went("nobody", false)
	if _, err := a.Finish(t.Context(), attempt, brought); !errors.Is(err, openid.ErrDeclined) {
		t.Errorf("whom the provider does not know: %v", err)
	}
}

// TestProveAgain: who is signed in there is asked once more.
func TestProveAgain(t *testing.T) {
	there := identitiestest.Start(t, identitiestest.Setup{Clients: clients, Accounts: accounts})
	a := newAsker(t, there, func(o *openid.Options) { o.Claims = `{"id_token":{"auth_time":{"essential":true}}}` })
	a.finish("claire")
	attempt, brought := a.went("paul", false)
	if p, err := a.Finish(t.Context(), attempt, brought); err != nil || p.Subject != "claire" {
		t.Fatalf("who is signed in was asked: %v, %v", p.Subject, err)
	}
	attempt, brought = a.went("claire", true)
	if _, err := a.Finish(t.Context(), attempt, brought); err != nil {
		t.Errorf("proved again: %v", err)
	}
	attempt, brought = a.went("claire", false)
	attempt.Again, attempt.At = true, a.now.Add(3*time.Minute) // as if the provider had not asked
	a.now = attempt.At.Add(-time.Minute - 30*time.Second)
	if _, err := a.Finish(t.Context(), attempt, brought); !errors.Is(err, openid.ErrDoubtful) {
		t.Errorf("not asked again: %v", err)
	}
}

// TestProviderIsDown: nothing fails but the sign-in, and it is found once it is back.
func TestProviderIsDown(t *testing.T) {
	there := identitiestest.Start(t, identitiestest.Setup{Clients: clients, Accounts: accounts})
	at, err := url.Parse(there.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	there.Stop()
	a := newAsker(t, there, nil)
	if _, _, err := a.Begin(t.Context(), false); !errors.Is(err, openid.ErrUnreachable) {
		t.Fatalf("a provider that is down: %v", err)
	}
	var port int
	for _, digit := range at.Port() {
		port = port*10 + int(digit-'0')
	}
	again := identitiestest.Start(t, identitiestest.Setup{Clients: clients, Accounts: accounts, Port: port})
	attempt, brought := a.went("claire", false)
	again.Stop()
	if _, err := a.Finish(t.Context(), attempt, brought); !errors.Is(err, openid.ErrUnreachable) {
		t.Errorf("gone before the code was traded: %v", err)
	}
}

func TestSignOut(t *testing.T) {
	there := identitiestest.Start(t, identitiestest.Setup{Clients: clients, Accounts: accounts})
	a := newAsker(t, there, nil)
	p := a.finish("claire")
	to, err := a.SignOut(t.Context(), p.Token, "the state of who signs out, long enough")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := a.browser.Get(to)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK || !strings.Contains(to, "post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fconsole%2Foidc%2Fback%2Fout") {
		t.Errorf("%d %s", answer.StatusCode, to)
	}
}
