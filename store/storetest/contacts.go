package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/contact"
	"relais/inbox"
	"relais/person"
	"relais/sms"
)

var markAnne = contact.Mark{At: start, By: "user:anne"}

func newContact(n sms.Number, groups ...sms.ID) contact.Contact {
	return contact.Contact{
		Account: "default", ID: sms.NewID(start), Number: n, Version: 1, MadeAt: start, MadeBy: "user:anne", ChangedAt: start,
		ChangedBy: "user:anne", Detail: contact.Detail{Values: map[string]string{"Prénom": "Zoé '\""}, Groups: groups},
		Consents: []contact.Consent{},
	}
}

func addGroup(t *testing.T, s Store, name string) contact.Group {
	t.Helper()
	g := contact.Group{Account: "default", ID: sms.NewID(start), Version: 1, Name: name, Note: "é", MadeAt: start, MadeBy: "user:anne"}
	if err := s.AddGroup(t.Context(), g, "="+name); err != nil {
		t.Fatal(err)
	}
	return g
}

func members(t *testing.T, s Store, g contact.Group) int {
	t.Helper()
	now, err := s.Group(t.Context(), "default", g.ID)
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := s.Contacts(t.Context(), contact.Query{Account: "default", Group: g.ID, Limit: 100})
	if err != nil || len(found) != now.Members {
		t.Errorf("%d in the group, which counts %d: %v", len(found), now.Members, err)
	}
	return now.Members
}

var agreed = contact.Consent{
	Purpose: "Agenda culturel", Source: "formulaire", Proof: "« J'accepte »", GivenAt: start, NotedAt: start, NotedBy: "user:anne",
}

// contactsKept: a contact is kept by its number and changed by version; its groups count it.
func contactsKept(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	choir, club := addGroup(t, s, "chorale"), addGroup(t, s, "club")
	made := newContact("+33639980001", choir.ID)
	got, err := s.AddContact(t.Context(), made)
	if diff := cmp.Diff(made, got); err != nil || diff != "" {
		t.Fatalf("%v %s", err, diff)
	}
	if _, err := s.AddContact(t.Context(), newContact(made.Number)); !errors.Is(err, contact.ErrContactExists) {
		t.Errorf("the same number again: %v", err)
	}
	if _, err := s.AddContact(t.Context(), newContact("+33639980009", sms.NewID(start))); !errors.Is(err, contact.ErrGroupMissing) {
		t.Errorf("a group of nobody: %v", err)
	}
	next := contact.Detail{Values: map[string]string{"a": "b"}, Groups: []sms.ID{club.ID}}
	if _, err := s.ChangeContact(t.Context(), "default", made.Number, 7, next, markAnne); !errors.Is(err, contact.ErrContactOutdated) {
		t.Errorf("another version: %v", err)
	}
	got, err = s.ChangeContact(t.Context(), "default", made.Number, 1, next, markAnne)
	want := made
	want.Version, want.Detail = 2, next
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if a, b := members(t, s, choir), members(t, s, club); a != 0 || b != 1 {
		t.Errorf("%d and %d", a, b)
	}
	for i := range 5 {
		if _, err := s.AddContact(t.Context(), newContact(sms.Number(fmt.Sprintf("+3363998010%d", i)), club.ID)); err != nil {
			t.Fatal(err)
		}
	}
	page, more, err := s.Contacts(t.Context(), contact.Query{Account: "default", Group: club.ID, After: "+33639980100", Limit: 2})
	if err != nil || !more || len(page) != 2 || page[0].Number != "+33639980101" {
		t.Errorf("%+v %v %v", page, more, err)
	}
	if found, _, err := s.Contacts(t.Context(), contact.Query{Account: "other", Limit: 2}); err != nil || len(found) != 0 {
		t.Errorf("of another account: %+v, %v", found, err)
	}
	if _, err := s.Contact(t.Context(), "other", made.Number); !errors.Is(err, contact.ErrNoContact) {
		t.Errorf("of another account: %v", err)
	}
}

// contactsTaken: those of an import come together or not at all, onto the contact that there is, also where
// it was forgotten.
func contactsTaken(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	club := addGroup(t, s, "club")
	for _, n := range []sms.Number{"+33639980001", "+33639980002"} {
		if _, err := s.AddContact(t.Context(), newContact(n)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddConsent(t.Context(), "default", n, agreed); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DropContact(t.Context(), "default", "+33639980002", markAnne); err != nil {
		t.Fatal(err)
	}
	arriving := func(n sms.Number, groups ...sms.ID) contact.Arrival {
		given := agreed
		return contact.Arrival{
			ID: sms.NewID(start), Number: n, Values: map[string]string{"prenom": "Léa", "Rue": contact.ClearsValue}, Groups: groups, Consent: &given,
		}
	}
	lost := []contact.Arrival{arriving("+33639980003", club.ID), arriving("+33639980004", sms.NewID(start))}
	if err := s.TakeContacts(t.Context(), "default", lost, markAnne, "2"); !errors.Is(err, contact.ErrGroupMissing) {
		t.Errorf("a group of nobody: %v", err)
	}
	if _, err := s.Contact(t.Context(), "default", "+33639980003"); !errors.Is(err, contact.ErrNoContact) || members(t, s, club) != 0 {
		t.Errorf("some of them came: %v", err)
	}
	all := []contact.Arrival{
		arriving("+33639980001", club.ID), arriving("+33639980002", club.ID), arriving("+33639980003", club.ID),
	}
	for range 2 {
		if err := s.TakeContacts(t.Context(), "default", all, markAnne, "3"); err != nil {
			t.Fatal(err)
		}
		if n := members(t, s, club); n != 3 {
			t.Errorf("%d in the group", n)
		}
	}
	for n, want := range map[sms.Number]struct {
		version, consents int
		name              string
	}{"+33639980001": {3, 1, "Prénom"}, "+33639980002": {4, 1, "prenom"}, "+33639980003": {1, 1, "prenom"}} {
		c, err := s.Contact(t.Context(), "default", n)
		if err != nil || c.Version != want.version || len(c.Consents) != want.consents || len(c.Values) != 1 || c.Values[want.name] != "Léa" {
			t.Errorf("%+v, %v", c, err)
		}
	}
}

// contactsRaced: of many who change one version one does, and the groups count right.
func contactsRaced(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	a, b := addGroup(t, s, "a"), addGroup(t, s, "b")
	if _, err := s.AddContact(t.Context(), newContact("+33639980001")); err != nil {
		t.Fatal(err)
	}
	var changed atomic.Int32
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			groups := []sms.ID{a.ID, b.ID}
			if i%2 == 0 {
				groups = groups[:1]
			}
			_, err := s.ChangeContact(t.Context(), "default", "+33639980001", 1, contact.Detail{Groups: groups}, markAnne)
			switch {
			case err == nil:
				changed.Add(1)
			case !errors.Is(err, contact.ErrContactOutdated):
				t.Error(err)
			}
			if _, err := s.AddContact(t.Context(), newContact(sms.Number(fmt.Sprintf("+3363998020%d", i)), b.ID, a.ID)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if changed.Load() != 1 || members(t, s, a) != 9 || members(t, s, b) < 8 {
		t.Errorf("%d changed it", changed.Load())
	}
}

// consentsKept: a consent stays for ever with its proof; a withdrawal and a STOP end it, a reply
// that may be one does not.
func consentsKept(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	n := sms.Number("+33639980001")
	if _, err := s.AddConsent(t.Context(), "default", n, agreed); !errors.Is(err, contact.ErrNoContact) {
		t.Errorf("of nobody: %v", err)
	}
	if _, err := s.AddContact(t.Context(), newContact(n)); err != nil {
		t.Fatal(err)
	}
	other := agreed
	other.Purpose = "Alertes"
	for _, one := range []contact.Consent{agreed, other} {
		if _, err := s.AddConsent(t.Context(), "default", n, one); err != nil {
			t.Fatal(err)
		}
	}
	key := contact.PurposeKey("AGENDA CULTUREL")
	end := contact.Withdrawal{At: start.Add(time.Hour), By: "user:paul", Source: "téléphone"}
	c, err := s.EndConsents(t.Context(), "default", n, key, end)
	if err != nil || c.Agreed(key) || !c.Agreed("alertes") || c.Version != 4 {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := s.EndConsents(t.Context(), "default", n, key, end); !errors.Is(err, contact.ErrNoConsent) {
		t.Errorf("once more: %v", err)
	}
	stop := inbox.OptOutChange{
		ID: sms.NewID(start), Account: "default", Number: n, Added: true, Provisional: true, Source: inbox.FromReply,
		Actor: "gateway", At: start.Add(2 * time.Hour),
	}
	change := func() contact.Contact {
		t.Helper()
		if _, err := s.ChangeOptOuts(t.Context(), []inbox.OptOutChange{stop}); err != nil {
			t.Fatal(err)
		}
		c, err := s.Contact(t.Context(), "default", n)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := change(); !c.Agreed("alertes") {
		t.Error("what may be a STOP withdrew a consent")
	}
	stop.ID, stop.Provisional = sms.NewID(start), false
	ended := agreed
	ended.Ended = end
	stopped := other
	stopped.Ended = contact.Withdrawal{At: stop.At, By: "gateway", Source: contact.WithdrawnByStop}
	if diff := cmp.Diff([]contact.Consent{ended, stopped}, change().Consents); diff != "" {
		t.Error(diff)
	}
}

// contactsDropped: what somebody agreed to stays as a proof of a contact that is forgotten, comes
// back with it, and goes when nobody needs it any more.
func contactsDropped(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	g := addGroup(t, s, "a")
	for _, n := range []sms.Number{"+33639980001", "+33639980002"} {
		if _, err := s.AddContact(t.Context(), newContact(n, g.ID)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.AddConsent(t.Context(), "default", "+33639980001", agreed); err != nil {
		t.Fatal(err)
	}
	for _, n := range []sms.Number{"+33639980001", "+33639980002"} {
		if err := s.DropContact(t.Context(), "default", n, markAnne); err != nil {
			t.Fatal(err)
		}
		if err := s.DropContact(t.Context(), "default", n, markAnne); !errors.Is(err, contact.ErrNoContact) {
			t.Errorf("once more: %v", err)
		}
	}
	if found, _, err := s.Contacts(t.Context(), contact.Query{Account: "default", Limit: 5}); err != nil || len(found) != 0 || members(t, s, g) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
	left, err := s.PersonContact(t.Context(), "default", "+33639980001")
	if err != nil || len(left.Consents) != 1 || left.Consents[0].Ended.Source != contact.WithdrawnByDrop || len(left.Values) != 0 {
		t.Errorf("%+v, %v", left, err)
	}
	if _, err := s.PersonContact(t.Context(), "default", "+33639980002"); !errors.Is(err, contact.ErrNoContact) {
		t.Errorf("nothing to prove: %v", err)
	}
	again, err := s.AddContact(t.Context(), newContact("+33639980001", g.ID))
	if err != nil || len(again.Consents) != 1 || again.Agreed(contact.PurposeKey(agreed.Purpose)) || again.ID != left.ID || members(t, s, g) != 1 {
		t.Errorf("%+v, %v", again, err)
	}
	if err := s.DropContact(t.Context(), "default", "+33639980001", markAnne); err != nil {
		t.Fatal(err)
	}
	for at, stays := range map[time.Time]bool{
		start.Add(contact.KeptProofs - time.Hour): true, start.Add(contact.KeptProofs + time.Hour): false,
	} {
		if stays {
			pruneContacts(t, s, at)
			if _, err := s.PersonContact(t.Context(), "default", "+33639980001"); err != nil {
				t.Errorf("it went too early: %v", err)
			}
		}
	}
	pruneContacts(t, s, start.Add(contact.KeptProofs+time.Hour))
	if _, err := s.PersonContact(t.Context(), "default", "+33639980001"); !errors.Is(err, contact.ErrNoContact) {
		t.Errorf("it stays: %v", err)
	}
}

func pruneContacts(t *testing.T, s Store, at time.Time) {
	t.Helper()
	for range 20 {
		if more, err := s.PruneContacts(t.Context(), at, 1); err != nil || !more {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Error("there is always more to prune")
}

// groupsKept: a group has a name of its own, and what it had goes bit by bit once it is dropped.
func groupsKept(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	b, a := addGroup(t, s, "b"), addGroup(t, s, "a")
	if err := s.AddGroup(t.Context(), contact.Group{Account: "default", ID: sms.NewID(start), Version: 1, Name: "A"}, "=a"); !errors.Is(err, contact.ErrGroupTaken) {
		t.Errorf("the same name: %v", err)
	}
	for i := range 3 {
		if _, err := s.AddContact(t.Context(), newContact(sms.Number(fmt.Sprintf("+3363998000%d", i)), a.ID, b.ID)); err != nil {
			t.Fatal(err)
		}
	}
	to := a
	to.Name = "c"
	if _, err := s.ChangeGroup(t.Context(), to, 2, "=c", markAnne); !errors.Is(err, contact.ErrGroupOutdated) {
		t.Errorf("another version: %v", err)
	}
	if _, err := s.ChangeGroup(t.Context(), to, 1, "=b", markAnne); !errors.Is(err, contact.ErrGroupTaken) {
		t.Errorf("another's name: %v", err)
	}
	if got, err := s.ChangeGroup(t.Context(), to, 1, "=c", markAnne); err != nil || got.Version != 2 || got.Name != "c" || got.Members != 3 {
		t.Errorf("%+v, %v", got, err)
	}
	all, err := s.Groups(t.Context(), "default")
	if err != nil || len(all) != 2 || all[0].ID != b.ID {
		t.Errorf("%+v, %v", all, err)
	}
	if err := s.DropGroup(t.Context(), "default", b.ID, markAnne); err != nil {
		t.Fatal(err)
	}
	if err := s.DropGroup(t.Context(), "default", b.ID, markAnne); !errors.Is(err, contact.ErrNoGroup) {
		t.Errorf("once more: %v", err)
	}
	again := addGroup(t, s, "b") // the name is free
	c, err := s.Contact(t.Context(), "default", "+33639980001")
	if diff := cmp.Diff([]sms.ID{a.ID}, c.Groups); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	// A contact leaves what it has left already, while the chore has not come by.
	if err := s.DropContact(t.Context(), "default", "+33639980002", markAnne); err != nil {
		t.Error(err)
	}
	pruneContacts(t, s, start)
	if members(t, s, a) != 2 || members(t, s, again) != 0 {
		t.Error("the groups that stay count otherwise")
	}
}

// contactsErased: nothing of a person is left, and groups count one less.
func contactsErased(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	g := addGroup(t, s, "a")
	for _, n := range []sms.Number{"+33639980001", "+33639980002"} {
		if _, err := s.AddContact(t.Context(), newContact(n, g.ID)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.AddConsent(t.Context(), "default", "+33639980001", agreed); err != nil {
		t.Fatal(err)
	}
	done, err := s.Erase(t.Context(), person.Erasure{
		Numbers: []sms.Number{"+33639980001", "~a"}, Limit: 10,
		Audit: person.AuditEntry{ID: sms.NewID(start), Account: "default", At: start, Actor: "user:anne", Action: person.Erased, Subject: "~a"},
	})
	if err != nil || done.Contacts != 1 || done.More || members(t, s, g) != 1 {
		t.Errorf("%+v %v", done, err)
	}
	if _, err := s.PersonContact(t.Context(), "default", "+33639980001"); !errors.Is(err, contact.ErrNoContact) {
		t.Errorf("something is left: %v", err)
	}
}
