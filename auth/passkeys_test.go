package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"relais/auth"
	"relais/auth/passkeytest"
)

var site = auth.Site{Host: "sms.town.example", Origin: "https://sms.town.example"}

// phoned is an answer of a telephone to a question.
func phoned(ask auth.Ask, response string) auth.Answer {
	return auth.Answer{Site: site, State: ask.State, Response: response, From: home}
}

// key gives who is signed in a passkey on a new telephone.
func (h *hall) key(token, name string) (phone *passkeytest.Telephone, fresh string, codes []string) {
	h.t.Helper()
	ask, err := h.people.AskToAdd(h.t.Context(), token, site)
	if err != nil {
		h.t.Fatal(err)
	}
	phone = passkeytest.New(h.t, site.Origin)
	codes, fresh, s, err := h.people.AddPasskey(h.t.Context(), token, name, phoned(ask, phone.Make(ask.Options)))
	if err != nil || s.Step != auth.StepNone {
		h.t.Fatalf("add a passkey: %v, step %q", err, s.Step)
	}
	return phone, fresh, codes
}

// enters signs somebody in by a passkey.
func (h *hall) enters(phone *passkeytest.Telephone) (string, auth.Session, error) {
	h.t.Helper()
	ask, err := h.people.AskToEnter(site)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.people.SignInByPasskey(h.t.Context(), phoned(ask, phone.Sign(ask.Options)))
}

// Somebody adds a passkey, signs in by it alone, and by password with the passkey as the
// second step. Recovery codes stand in for it.
func TestPasskeys(t *testing.T) {
	h := newHall(t)
	u := h.settle("anne", town)
	token, _ := h.signIn("anne", office)
	phone, fresh, codes := h.key(token, "Téléphone")
	h.ended("the token of before", token)
	if len(codes) != 10 {
		t.Errorf("%d recovery codes with the first second step, want 10", len(codes))
	}
	_, s, err := h.enters(phone)
	if err != nil || s.Step != auth.StepNone || s.User.Name != "anne" || !s.May(auth.Send, "town") {
		t.Fatalf("by passkey: %+v, %v", s, err)
	}
	keys, err := h.people.Passkeys(t.Context(), u.ID)
	if err != nil || len(keys) != 1 || keys[0].Name != "Téléphone" || !keys[0].UsedAt.Equal(today) {
		t.Errorf("passkeys = %+v, %v; want the one, used now", keys, err)
	}
	if keys[0].Host != site.Host {
		t.Errorf("made for %q, want %q", keys[0].Host, site.Host)
	}
	if strings.Contains(string(keys[0].Public), "clientDataJSON\":\"ey") {
		t.Errorf("the attestation is stored: %s", keys[0].Public)
	}

	half, s := h.signIn("anne", office)
	if s.Step != auth.StepCode {
		t.Fatalf("step = %q, want that of a code", s.Step)
	}
	ask, err := h.people.AskToProve(t.Context(), half, site)
	if err != nil {
		t.Fatal(err)
	}
	phone.Verifies = false // the password came before
	whole, s, err := h.people.SecondStepByPasskey(t.Context(), half, phoned(ask, phone.Sign(ask.Options)))
	if err != nil || s.Step != auth.StepNone {
		t.Fatalf("as second step: %+v, %v", s, err)
	}
	h.lasts("after the second step", whole)
	half, _ = h.signIn("anne", office)
	if _, _, err := h.people.SecondStep(t.Context(), half, "123456", office); !auth.HasCode(err, auth.CodeStepWrong) {
		t.Errorf("a code by time of nobody: %v", err)
	}
	if _, s, err = h.people.SecondStep(t.Context(), half, codes[0], office); err != nil || s.Step != auth.StepNone {
		t.Errorf("a recovery code: %+v, %v", s, err)
	}
	h.lasts("the session of the one who added it", fresh)
	want := []string{"user:anne passkey_added anne  " + keys[0].ID}
	if told := h.told(); !slices.Contains(told, want[0]) {
		t.Errorf("audit = %q, want %q in it", told, want)
	}
}

// A role that asks for a second step has one by a passkey, from the first sign-in on.
func TestPasskeyOfAdministrator(t *testing.T) {
	h := newHall(t)
	h.settle("root", admin)
	token, s := h.signIn("root", office)
	if s.Step != auth.StepEnrol {
		t.Fatalf("step = %q, want that a second step is set up", s.Step)
	}
	phone, _, _ := h.key(token, "Clé")
	if _, s = h.signIn("root", office); s.Step != auth.StepCode {
		t.Errorf("step = %q, want the passkey to be asked for", s.Step)
	}
	token, s, err := h.enters(phone)
	if err != nil || !s.May(auth.ManageUsers, "") {
		t.Fatalf("by passkey: %+v, %v", s, err)
	}
	keys, _ := h.people.Passkeys(t.Context(), s.User.ID)
	if _, s, err = h.people.RemovePasskey(t.Context(), token, keys[0].ID, home); err != nil || s.Step != auth.StepEnrol {
		t.Errorf("without the only one: step %q, %v; want another to be set up", s.Step, err)
	}
	if _, _, err := h.enters(phone); !auth.HasCode(err, auth.CodePasskeyWrong) {
		t.Errorf("a passkey that was removed: %v", err)
	}
}

// What a browser signed counts once, for what it was asked, where it was asked, by a key
// that is the user's.
func TestPasskeyRefused(t *testing.T) {
	h := newHall(t)
	h.settle("anne", town)
	token, _ := h.signIn("anne", office)
	phone, token, _ := h.key(token, "Téléphone")
	enter := func() auth.Ask {
		ask, err := h.people.AskToEnter(site)
		if err != nil {
			t.Fatal(err)
		}
		return ask
	}
	signIn := func(a auth.Answer) error {
		_, _, err := h.people.SignInByPasskey(t.Context(), a)
		return err
	}
	ask := enter()
	once := phoned(ask, phone.Sign(ask.Options))
	if err := signIn(once); err != nil {
		t.Fatal(err)
	}
	phone.Counter += 5
	again := phoned(ask, phone.Sign(ask.Options))
	if err := signIn(again); !auth.HasCode(err, auth.CodePasskeyLate) {
		t.Errorf("the same question again: %v", err)
	}
	for name, tc := range map[string]struct {
		lie  func()
		make func() auth.Answer
		code string
	}{
		"nobody looked at": {func() { phone.Verifies = false }, nil, "people/passkey_wrong"},
		"another site's":   {func() { phone.Origin = "https://sms.town.example.org" }, nil, "people/passkey_wrong"},
		"another site": {nil, func() auth.Answer {
			a := enter()
			answer := phoned(a, phone.Sign(a.Options))
			answer.Site = auth.Site{Host: "other.example", Origin: "https://other.example"}
			return answer
		}, "people/passkey_wrong"},
		"too late": {nil, func() auth.Answer {
			a := enter()
			answer := phoned(a, phone.Sign(a.Options))
			h.pass(auth.AskLife)
			return answer
		}, "people/passkey_late"},
		"a question of one's own": {nil, func() auth.Answer {
			a := enter()
			answer := phoned(a, phone.Sign(a.Options))
			answer.State = answer.State[:40] + strings.Repeat("A", len(answer.State)-40)
			return answer
		}, "people/passkey_late"},
		"for another purpose": {nil, func() auth.Answer {
			a, err := h.people.AskToProve(t.Context(), token, site)
			if err != nil {
				t.Fatal(err)
			}
			return phoned(a, phone.Sign(a.Options))
		}, "people/passkey_late"},
		"no answer at all": {nil, func() auth.Answer { return phoned(enter(), "{}") }, "people/passkey_wrong"},
		"a copy":           {func() { phone.Counter = 2 }, nil, "people/passkey_copied"},
	} {
		before := *phone
		if tc.lie != nil {
			tc.lie()
		}
		var answer auth.Answer
		if tc.make != nil {
			answer = tc.make()
		} else {
			a := enter()
			answer = phoned(a, phone.Sign(a.Options))
		}
		var told *auth.Error
		if err := signIn(answer); !errors.As(err, &told) || string(told.Reason.Code) != tc.code {
			t.Errorf("%s: %v, want %s", name, err, tc.code)
		}
		before.Counter = max(before.Counter, phone.Counter) + 1
		*phone = before
		h.pass(10 * time.Minute) // guessers wait
	}
	if told := h.told(); !slices.Contains(told, "user:anne passkey_suspect anne") {
		t.Errorf("audit = %q, want the copy in it", told)
	}
	if _, _, err := h.enters(phone); err != nil {
		t.Errorf("the passkey itself, after all that: %v", err)
	}
}

// A telephone that does not count is no copy.
func TestPasskeyWithoutCounter(t *testing.T) {
	h := newHall(t)
	h.settle("anne", town)
	token, _ := h.signIn("anne", office)
	ask, err := h.people.AskToAdd(t.Context(), token, site)
	if err != nil {
		t.Fatal(err)
	}
	phone := passkeytest.New(t, site.Origin)
	phone.Counter, phone.Counts = 0, false
	_, _, _, err = h.people.AddPasskey(t.Context(), token, "Téléphone", phoned(ask, phone.Make(ask.Options)))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, _, err := h.enters(phone); err != nil {
			t.Error(err)
		}
	}
}

// Who was invited may have a passkey instead of a password; a link alone gives none to
// who has a second step.
func TestWelcomeByPasskey(t *testing.T) {
	h := newHall(t)
	u, code := h.add("root", admin)
	ask, err := h.people.AskToWelcome(t.Context(), code, site)
	if err != nil {
		t.Fatal(err)
	}
	phone := passkeytest.New(t, site.Origin)
	answer := phoned(ask, phone.Make(ask.Options))
	token, s, err := h.people.RedeemByPasskey(t.Context(), code, "Téléphone", answer)
	if err != nil || s.Step != auth.StepNone || !s.May(auth.ManageUsers, "") {
		t.Fatalf("welcome by passkey: %+v, %v", s, err)
	}
	if _, _, err := h.people.RedeemByPasskey(t.Context(), code, "Téléphone", answer); !auth.HasCode(err, auth.CodeLink) {
		t.Errorf("the link again: %v", err)
	}
	if _, _, err := h.enters(phone); err != nil {
		t.Errorf("the next day: %v", err)
	}
	keys, _ := h.people.Passkeys(t.Context(), u.ID)
	if _, _, err := h.people.RemovePasskey(t.Context(), token, keys[0].ID, home); !auth.HasCode(err, auth.CodePasskeyLast) {
		t.Errorf("the only way in is removed: %v", err)
	}
	proof, err := h.people.AskToProve(t.Context(), token, site)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.people.ProveByPasskey(t.Context(), token, phoned(proof, phone.Sign(proof.Options))); err != nil {
		t.Errorf("a proof: %v", err)
	}
	link, err := h.people.Invite(t.Context(), cli, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.people.AskToWelcome(t.Context(), link.Code, site); !auth.HasCode(err, auth.CodeStepSet) {
		t.Errorf("a second passkey by a link alone: %v", err)
	}
	if _, err := h.people.Reset(t.Context(), cli, u.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.enters(phone); !auth.HasCode(err, auth.CodePasskeyWrong) {
		t.Errorf("after relais users reset --second-step: %v", err)
	}
}

// A key that one user registered is no other's, and an address is no site for passkeys.
func TestPasskeyElsewhere(t *testing.T) {
	h := newHall(t)
	h.settle("anne", town)
	token, _ := h.signIn("anne", office)
	for _, host := range []string{"", "192.0.2.1", "::1"} {
		_, err := h.people.AskToAdd(t.Context(), token, auth.Site{Host: host, Origin: "https://" + host})
		if !auth.HasCode(err, auth.CodePasskeySite) {
			t.Errorf("passkeys for %q: %v", host, err)
		}
	}
	ask, err := h.people.AskToAdd(t.Context(), token, site)
	if err != nil {
		t.Fatal(err)
	}
	phone := passkeytest.New(t, site.Origin)
	for _, name := range []string{" ", strings.Repeat("a", 61), "a\nb"} {
		_, _, _, err := h.people.AddPasskey(t.Context(), token, name, phoned(ask, phone.Make(ask.Options)))
		if !auth.HasCode(err, auth.CodePasskeyName) {
			t.Errorf("name %q: %v", name, err)
		}
	}
}

// TestPasskeyLearnsItsHost: a passkey of before hosts were kept has one once it is used.
func TestPasskeyLearnsItsHost(t *testing.T) {
	h := newHall(t)
	u := h.settle("anne", town)
	token, _ := h.signIn("anne", office)
	phone, _, _ := h.key(token, "Téléphone")
	if err := h.store.ChangeUser(t.Context(), u.ID, func(r *auth.Record) (auth.Change, error) {
		r.Passkeys = slices.Clone(r.Passkeys)
		r.Passkeys[0].Host = ""
		return auth.Change{}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.enters(phone); err != nil {
		t.Fatal(err)
	}
	if keys, err := h.people.Passkeys(t.Context(), u.ID); err != nil || keys[0].Host != site.Host {
		t.Errorf("after its use: %+v, %v", keys, err)
	}
}

// TestSiteOf: passkeys are for the host of an address with HTTPS, or for this machine.
func TestSiteOf(t *testing.T) {
	for address, want := range map[string]auth.Site{
		"https://sms.town.example":      {Host: "sms.town.example", Origin: "https://sms.town.example"},
		"https://sms.town.example:8443": {Host: "sms.town.example", Origin: "https://sms.town.example:8443"},
		"http://sms.town.example":       {Host: "localhost"},
		"":                              {Host: "localhost"},
	} {
		if got := auth.SiteOf(address); got != want {
			t.Errorf("the site of %q is %+v, want %+v", address, got, want)
		}
	}
}
