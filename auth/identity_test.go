package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"relais/auth"
)

const issuer = "https://id.town.example"

// anne comes by the provider, with an address that is hers beyond doubt.
func anneArrives() auth.Arrival {
	return auth.Arrival{
		Issuer: issuer, Subject: "4711", Mail: "anne@town.example", Told: "anne@town.example", Display: "Anne M.",
		From: office,
	}
}

// invited makes a user whom nobody gave a password, and who may come under an address.
func (h *hall) invited(name, mail string, roles ...auth.Grant) auth.User {
	h.t.Helper()
	u, _, err := h.people.Create(h.t.Context(), cli, auth.NewUser{Name: name, Mail: mail, Roles: roles})
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// actCodes are the codes of what the audit has, the oldest first, from one on.
func (h *hall) actCodes(from auth.ActCode) (codes []auth.ActCode) {
	h.t.Helper()
	acts, _, err := h.people.Acts(h.t.Context(), auth.ActQuery{Limit: 1000})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, a := range slices.Backward(acts) {
		if len(codes) > 0 || a.Code == from {
			codes = append(codes, a.Code)
		}
	}
	return codes
}

func refused(t *testing.T, err error, code auth.ActCode, want ...string) {
	t.Helper()
	e, ok := errors.AsType[*auth.Error](err)
	if !ok || !slices.Contains(want, string(e.Reason.Code)) {
		t.Errorf("%s: %v, want %v", code, err, want)
	}
}

// TestIdentity: known by address once, by issuer and subject from then on.
func TestIdentity(t *testing.T) {
	h := newHall(t)
	u := h.invited("anne", "Anne@Town.example", town)
	if u.CanEnter() || u.Mail != "anne@town.example" {
		t.Fatalf("%+v", u)
	}
	token, s, err := h.people.SignInBy(t.Context(), anneArrives())
	if err != nil || s.Step != auth.StepNone || s.User.Identity.Subject != "4711" || s.User.Display != "Anne M." {
		t.Fatalf("%+v, %v", s, err)
	}
	if got, err := h.people.Session(t.Context(), token); err != nil || !got.May(auth.Send, "town") {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, want := h.actCodes(auth.IdentityBound), []auth.ActCode{auth.IdentityBound, auth.SignedIn}; !slices.Equal(got, want) {
		t.Errorf("the audit has %v, want %v", got, want)
	}
	// The address may change, or be told no more: issuer and subject are who she is.
	later := anneArrives()
	later.Mail, later.Display = "", "Anne Nouveau"
	if _, s, err = h.people.SignInBy(t.Context(), later); err != nil || s.User.ID != u.ID || s.User.Display != "Anne M." {
		t.Errorf("again: %+v, %v", s.User, err)
	}
	for name, change := range map[string]func(*auth.Arrival){
		"another subject under the same address": func(a *auth.Arrival) { a.Subject = "4712" },
		"another issuer":                         func(a *auth.Arrival) { a.Issuer = "https://other.example" },
		"an address that nobody invited":         func(a *auth.Arrival) { a.Subject, a.Mail = "9", "paul@town.example" },
		"no address":                             func(a *auth.Arrival) { a.Subject, a.Mail = "9", "" },
	} {
		a := anneArrives()
		change(&a)
		_, _, err := h.people.SignInBy(t.Context(), a)
		refused(t, err, auth.StrangerRefused, string(auth.CodeStranger))
		acts, _, _ := h.people.Acts(t.Context(), auth.ActQuery{Limit: 1})
		if acts[0].Code != auth.StrangerRefused || acts[0].Actor != auth.Nobody {
			t.Errorf("%s: the audit has %+v", name, acts[0])
		}
	}
	all, err := h.people.Users(t.Context())
	if err != nil || len(all) != 1 {
		t.Errorf("%d users, %v: a stranger became one", len(all), err)
	}
	refused(t, h.people.InviteMail(t.Context(), cli, u.ID, nil, "else@town.example"), "", string(auth.CodeMailBound))
	if err := h.people.ReleaseIdentity(t.Context(), cli, u.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.people.Session(t.Context(), token); !auth.HasCode(err, auth.CodeSessionEnded) {
		t.Errorf("after the identity was released: %v", err)
	}
	_, _, err = h.people.SignInBy(t.Context(), anneArrives())
	refused(t, err, "", string(auth.CodeStranger))
}

// TestRolesOfTheProvider: they are those of each sign-in, and sessions with others end.
func TestRolesOfTheProvider(t *testing.T) {
	h := newHall(t)
	h.invited("anne", "anne@town.example", admin)
	a := anneArrives()
	a.RolesTold, a.Roles = true, []auth.Grant{town}
	first, s, err := h.people.SignInBy(t.Context(), a)
	if err != nil || !slices.Equal(s.User.Roles, []auth.Grant{town}) || s.Step != auth.StepNone {
		t.Fatalf("%+v, %v", s, err)
	}
	second, _, err := h.people.SignInBy(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.people.Session(t.Context(), first); err != nil {
		t.Errorf("nothing changed, and the session ended: %v", err)
	}
	a.Roles = nil
	_, _, err = h.people.SignInBy(t.Context(), a)
	refused(t, err, "", string(auth.CodeNoRole))
	for _, token := range []string{first, second} {
		if _, err := h.people.Session(t.Context(), token); !auth.HasCode(err, auth.CodeSessionEnded) {
			t.Errorf("a session with roles that were taken: %v", err)
		}
	}
	acts, _, err := h.people.Acts(t.Context(), auth.ActQuery{Accounts: []string{"town"}, Limit: 1})
	if err != nil || len(acts) != 1 || acts[0].Code != auth.RoleTaken || acts[0].Actor != auth.Identities {
		t.Errorf("the audit of the account has %+v, %v", acts, err)
	}
}

// TestSecondStepAtTheProvider: ours is asked for, unless theirs counts.
func TestSecondStepAtTheProvider(t *testing.T) {
	h := newHall(t)
	h.invited("anne", "anne@town.example", admin)
	_, s, err := h.people.SignInBy(t.Context(), anneArrives())
	if err != nil || s.Step != auth.StepEnrol {
		t.Fatalf("%+v, %v", s, err)
	}
	a := anneArrives()
	a.Strong = true
	token, s, err := h.people.SignInBy(t.Context(), a)
	if err != nil || s.Step != auth.StepNone {
		t.Fatalf("%+v, %v", s, err)
	}
	fresh, _, err := h.people.ProveBy(t.Context(), token, a)
	if err != nil {
		t.Fatal(err)
	}
	a.Subject = "4712"
	_, _, err = h.people.ProveBy(t.Context(), fresh, a)
	refused(t, err, "", string(auth.CodeOther))
	if _, _, err := h.people.ProveBy(t.Context(), token, anneArrives()); !auth.HasCode(err, auth.CodeSessionEnded) {
		t.Errorf("the token of before: %v", err)
	}
}

// TestEmergency: where people sign in elsewhere, one account has a password.
func TestEmergency(t *testing.T) {
	h := newHall(t)
	u := h.settle("anne", town)
	try := func() error {
		_, _, err := h.people.SignIn(t.Context(), auth.Attempt{
			Name: "anne", Password: good, From: office, EmergencyOnly: true,
		})
		return err
	}
	refused(t, try(), "", string(auth.CodeNoPassword))
	if err := h.people.SetEmergency(t.Context(), cli, u.ID, true); err != nil {
		t.Fatal(err)
	}
	if err := try(); err != nil {
		t.Errorf("the account for emergencies: %v", err)
	}
}

func TestMailAddress(t *testing.T) {
	for typed, want := range map[string]string{
		" Claire.Martin@Town.Example ": "claire.martin@town.example", "": "", "élodie@ville.example": "élodie@ville.example",
	} {
		if got, err := auth.MailAddress(typed); got != want || err != nil {
			t.Errorf("%q = %q, %v", typed, got, err)
		}
	}
	for _, typed := range []string{
		"claire", "claire@", "@town", "a b@town", "a@to\nwn", "a@b@c", "\u202ea@town", strings.Repeat("a", 65) + "@b", "a@-b",
		"<a@b>",
	} {
		if got, err := auth.MailAddress(typed); !auth.HasCode(err, auth.CodeMail) {
			t.Errorf("%q = %q, %v", typed, got, err)
		}
	}
}
