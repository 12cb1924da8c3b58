//go:build browser

package browser_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"relais/auth"
	"relais/store/sqlite"
)

// TestPasskey has Chromium hold a passkey: it is made in the profile, signs in by itself
// and as the second step, and is refused once it was removed. The gateway is its own: other
// tests sign in wrongly, and this address would have to wait.
func TestPasskey(t *testing.T) {
	w := ownWorld(t)
	home := strings.Replace(w.url, "127.0.0.1", "localhost", 1)
	tab, err := newTab(browser, home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tab.stop)
	seen(t, tab)
	hand := keyboard{t, tab}
	who := newcomer(t, w, visitor{name: "clef", roles: []auth.Grant{{Account: account, Role: auth.Agent}}})
	if err := tab.begin(who, look{"fr", "light", 1280}); err != nil {
		t.Fatal(err)
	}
	hand.do(order(webauthn.Enable, webauthn.EnableParams{}))
	hand.do(holdKeys(true))

	hand.do(chromedp.Navigate(home + "/console/me"))
	hand.arrives("/console/me")
	hand.enters("button", "Créer une clé d'accès")
	hand.reads("main", "codes de secours")
	hand.do(chromedp.Navigate(home + "/console/me"))
	hand.reads("#passkeys ~ ul", "n'a jamais servi")

	hand.enters("footer button", "Se déconnecter")
	hand.arrives("/console/signin")
	hand.enters("button", "Se connecter par une clé d'accès")
	hand.arrives("/console/")
	hand.enters("footer button", "Se déconnecter")
	hand.arrives("/console/signin")

	hand.writes("#name", "clef")
	hand.writes("#password", password)
	hand.enters("button", "Se connecter")
	hand.arrives("/console/step")
	hand.enters("button", "Prendre une clé d'accès")
	hand.arrives("/console/")

	hand.do(chromedp.Navigate(home + "/console/me"))
	hand.reads("#passkeys ~ ul", "a servi")
	hand.enters("button", "Retirer : ")
	hand.reads(".said", "La clé d'accès est retirée.")
	hand.enters("footer button", "Se déconnecter")
	hand.arrives("/console/signin")
	hand.enters("button", "Se connecter par une clé d'accès")
	hand.reads("[role=alert]", "Cette clé d'accès n'ouvre pas la console.")
	for _, fault := range tab.faultsSoFar() {
		t.Error(fault)
	}
}

// holdKeys gives the tab an authenticator within the machine, as a laptop has one.
func holdKeys(verifies bool) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
			Options: &webauthn.VirtualAuthenticatorOptions{
				Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true,
				IsUserVerified: verifies, AutomaticPresenceSimulation: true,
			},
		})
		return err
	})
}

// newcomer is a user of this test alone, signed in.
func newcomer(t *testing.T, w *world, v visitor) visitor {
	t.Helper()
	store, err := sqlite.Open(t.Context(), w.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	v.session, err = w.enter(t.Context(), auth.NewPeople(auth.PeopleOptions{Store: store}), v, true)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
