package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/contact"
	"relais/person"
	"relais/sms"
)

// addList makes a list whose texts have letters that a database may stumble over.
func addList(t *testing.T, s Store, name string) contact.List {
	t.Helper()
	l := contact.List{
		Account: "default", ID: sms.NewID(start), Version: 1, MadeAt: start, MadeBy: "user:anne",
		Content: contact.Content{Name: name, Source: "Formulaire d'inscription \u202e", Purpose: "agenda \"culturel\"", KeepDays: 30},
		Shape:   contact.Shape{Fields: []string{}},
	}
	if err := s.AddList(t.Context(), l, name); err != nil {
		t.Fatal(err)
	}
	return l
}

// stage has a table wait with people, each with a key, a number and a name.
func stage(t *testing.T, s Store, l *contact.List, at time.Time, people ...[3]string) contact.List {
	t.Helper()
	now, err := s.List(t.Context(), l.Account, l.ID)
	if err != nil {
		t.Fatal(err)
	}
	set, err := s.StageList(t.Context(), l.Account, l.ID, now.Sets, contact.Mark{At: at, By: "user:anne"})
	if err != nil {
		t.Fatal(err)
	}
	var entries []contact.Entry
	for i, p := range people {
		entries = append(entries, contact.Entry{
			Row: i + 2, Key: p[0], Number: sms.Number(p[1]), Values: map[string]string{"Nom": p[2]},
		})
	}
	if err := s.AddEntries(t.Context(), l.Account, l.ID, set, entries); err != nil {
		t.Fatal(err)
	}
	waits, err := s.AwaitList(t.Context(), l.Account, l.ID, contact.Pending{
		Set: set, Name: "liste.csv", At: at, By: "user:anne", Entries: len(people), Skipped: []contact.Skipped{},
		Shape: contact.Shape{Phone: "Portable", Key: "Dossier", Fields: []string{"Nom"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return waits
}

func fill(t *testing.T, s Store, l *contact.List, at time.Time, people ...[3]string) contact.List {
	t.Helper()
	waits := stage(t, s, l, at, people...)
	filled, err := s.FillList(t.Context(), l.Account, l.ID, waits.Pending.Set, contact.Mark{At: at, By: "user:anne"})
	if err != nil {
		t.Fatal(err)
	}
	return filled
}

// onList are the keys of the people on a list.
func onList(t *testing.T, s Store, l *contact.List) []string {
	t.Helper()
	now, err := s.List(t.Context(), l.Account, l.ID)
	if err != nil {
		t.Fatal(err)
	}
	found, more, err := s.Entries(t.Context(), contact.EntryQuery{Account: l.Account, List: l.ID, Set: now.Set, Limit: 100})
	if err != nil || more || len(found) != now.Entries {
		t.Fatalf("%d entries of %d, more %v: %v", len(found), now.Entries, more, err)
	}
	keys := []string{}
	for _, e := range found {
		keys = append(keys, e.Key+" "+string(e.Number)+" "+e.Values["Nom"])
	}
	return keys
}

var (
	zoe   = [3]string{"1", "+33639980001", "Zoé"}
	lea   = [3]string{"2", "+33639980002", "Léa"}
	maxim = [3]string{"3", "+33639980003", "Max 😀"}
)

func listsKept(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	second, first := addList(t, s, "b"), addList(t, s, "a")
	again := first
	again.ID = sms.NewID(start)
	if err := s.AddList(t.Context(), again, "a"); !errors.Is(err, contact.ErrNameTaken) {
		t.Errorf("the same name again: %v", err)
	}
	again.Account = "other"
	if err := s.AddList(t.Context(), again, "a"); err != nil {
		t.Errorf("the same name in another account: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	found, err := s.Lists(t.Context(), "default")
	if diff := cmp.Diff([]contact.List{first, second}, found); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	content := contact.Content{Name: "A", Source: "guichet", KeepDays: 7}
	by := contact.Mark{At: start, By: "user:bob"}
	changed, err := s.ChangeList(t.Context(), "default", first.ID, 1, content, "A", by)
	if err != nil || changed.Version != 2 || changed.Content != content {
		t.Errorf("%+v %v", changed, err)
	}
	if _, err := s.ChangeList(t.Context(), "default", first.ID, 1, content, "A", by); !errors.Is(err, contact.ErrOutdated) {
		t.Errorf("a change over an older version: %v", err)
	}
	if _, err := s.ChangeList(t.Context(), "default", first.ID, 2, content, "b", by); !errors.Is(err, contact.ErrNameTaken) {
		t.Errorf("the name of another: %v", err)
	}
	if err := s.DropList(t.Context(), "default", first.ID, by); err != nil {
		t.Fatal(err)
	}
	if _, err := s.List(t.Context(), "default", first.ID); !errors.Is(err, contact.ErrUnknown) {
		t.Errorf("a list that was dropped: %v", err)
	}
	if err := s.DropList(t.Context(), "default", first.ID, by); !errors.Is(err, contact.ErrUnknown) {
		t.Errorf("dropped again: %v", err)
	}
	again.Account, again.ID = "default", sms.NewID(start)
	if err := s.AddList(t.Context(), again, "A"); err != nil {
		t.Errorf("the name of one that was dropped: %v", err)
	}
}

func listsFilled(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	l := addList(t, s, "a")
	waits := stage(t, s, &l, start, zoe, lea)
	if got := waits.Pending.Difference; got != (contact.Difference{Added: 2}) || waits.Entries != 0 {
		t.Errorf("%+v", waits)
	}
	by := contact.Mark{At: start.Add(time.Hour), By: "user:bob"}
	if _, err := s.FillList(t.Context(), "default", l.ID, waits.Pending.Set+1, by); !errors.Is(err, contact.ErrOutdated) {
		t.Errorf("another table than the one that waits: %v", err)
	}
	filled, err := s.FillList(t.Context(), "default", l.ID, waits.Pending.Set, by)
	if err != nil || filled.Entries != 2 || filled.Pending != nil || !filled.FilledAt.Equal(by.At) || filled.FilledBy != by.By ||
		filled.Shape.Key != "Dossier" || filled.Version != 2 {
		t.Errorf("%+v %v", filled, err)
	}
	if _, err := s.FillList(t.Context(), "default", l.ID, waits.Pending.Set, by); !errors.Is(err, contact.ErrNoTable) {
		t.Errorf("the same table again: %v", err)
	}
	married := [3]string{"2", "+33639980009", "Léa"}
	waits = stage(t, s, &l, start, married, maxim)
	if got := waits.Pending.Difference; got != (contact.Difference{Added: 1, Removed: 1, Changed: 1}) {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{"1 +33639980001 Zoé", "2 +33639980002 Léa"}, onList(t, s, &l)); diff != "" {
		t.Errorf("a table that waits is in force: %s", diff)
	}
	if _, err := s.RefuseList(t.Context(), "default", l.ID, waits.Pending.Set, by); err != nil {
		t.Error(err)
	}
	if _, err := s.RefuseList(t.Context(), "default", l.ID, waits.Pending.Set, by); !errors.Is(err, contact.ErrNoTable) {
		t.Errorf("refused again: %v", err)
	}
	fill(t, s, &l, start, married, maxim)
	if _, err := s.DropEntry(t.Context(), "default", l.ID, "3", by); err != nil {
		t.Error(err)
	}
	if _, err := s.DropEntry(t.Context(), "default", l.ID, "3", by); !errors.Is(err, contact.ErrNobody) {
		t.Errorf("taken off twice: %v", err)
	}
	if diff := cmp.Diff([]string{"2 +33639980009 Léa"}, onList(t, s, &l)); diff != "" {
		t.Error(diff)
	}
}

// listsRaced: of two tables that are read at once, the first one's rest is refused.
func listsRaced(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	l := addList(t, s, "a")
	by := contact.Mark{At: start, By: "user:anne"}
	first, err := s.StageList(t.Context(), "default", l.ID, 0, by)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.StageList(t.Context(), "default", l.ID, 0, by); !errors.Is(err, contact.ErrOutdated) {
		t.Errorf("another table that was read at the same time: %v", err)
	}
	second := stage(t, s, &l, start, zoe)
	entries := []contact.Entry{{Row: 2, Key: "2", Number: "+33639980002"}}
	if err := s.AddEntries(t.Context(), "default", l.ID, first, entries); !errors.Is(err, contact.ErrOutdated) {
		t.Errorf("the rest of the first table: %v", err)
	}
	_, err = s.AwaitList(t.Context(), "default", l.ID, contact.Pending{Set: first, At: start})
	if !errors.Is(err, contact.ErrOutdated) {
		t.Errorf("the first table in the place of the second: %v", err)
	}
	if now, err := s.List(t.Context(), "default", l.ID); err != nil || now.Pending.Set != second.Pending.Set {
		t.Errorf("%+v %v", now.Pending, err)
	}
}

// tablesCut: what was not read to its end is taken back at once, or after a while; a table that waits is
// not touched by either.
func tablesCut(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	left, cut, waits := addList(t, s, "left"), addList(t, s, "cut"), addList(t, s, "waits")
	stage(t, s, &waits, start, zoe)
	for _, l := range []*contact.List{&left, &cut} {
		set, err := s.StageList(t.Context(), "default", l.ID, 0, contact.Mark{At: start, By: "user:anne"})
		if err != nil {
			t.Fatal(err)
		}
		entries := []contact.Entry{{Row: 2, Key: "1", Number: "+33639980009"}}
		if err := s.AddEntries(t.Context(), "default", l.ID, set, entries); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.UnstageList(t.Context(), "default", left.ID, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.UnstageList(t.Context(), "default", waits.ID, 1); err != nil {
		t.Fatal(err)
	}
	entries := func(at time.Time) (n int) {
		prune(t, s, at)
		for _, l := range []*contact.List{&left, &cut} {
			found, _, err := s.Entries(t.Context(), contact.EntryQuery{Account: "default", List: l.ID, Set: 1, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			n += len(found)
		}
		return n
	}
	if n := entries(start.Add(time.Minute)); n != 1 {
		t.Errorf("%d entries a minute later, want those of the table that may still be read", n)
	}
	if n := entries(start.Add(2 * time.Hour)); n != 0 {
		t.Errorf("%d entries of a table that nobody reads any more", n)
	}
	if now, err := s.List(t.Context(), "default", waits.ID); err != nil || now.Pending == nil {
		t.Errorf("%+v, %v", now, err)
	}
}

// listsPruned: of what a list has no longer, nothing is left.
func listsPruned(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	kept, ended, dropped := addList(t, s, "kept"), addList(t, s, "ended"), addList(t, s, "dropped")
	late := start.AddDate(0, 0, 20)
	fill(t, s, &kept, start, zoe)
	fill(t, s, &kept, late, zoe, lea)
	fill(t, s, &ended, start, zoe)
	stage(t, s, &ended, start, maxim)
	fill(t, s, &dropped, late, lea)
	if err := s.DropList(t.Context(), "default", dropped.ID, contact.Mark{At: late, By: "user:bob"}); err != nil {
		t.Fatal(err)
	}
	prune(t, s, start.AddDate(0, 0, 31))
	if diff := cmp.Diff([]string{"1 +33639980001 Zoé", "2 +33639980002 Léa"}, onList(t, s, &kept)); diff != "" {
		t.Error(diff)
	}
	if now, err := s.List(t.Context(), "default", ended.ID); err != nil || now.Entries != 0 || now.Pending != nil {
		t.Errorf("its days are over: %+v %v", now, err)
	}
	for set := range 5 {
		for _, l := range []*contact.List{&ended, &dropped} {
			q := contact.EntryQuery{Account: "default", List: l.ID, Set: set, Limit: 10}
			if found, _, err := s.Entries(t.Context(), q); err != nil || len(found) > 0 {
				t.Errorf("%s still has somebody in set %d: %v", l.Name, set, err)
			}
		}
	}
}

func prune(t *testing.T, s Store, at time.Time) {
	t.Helper()
	for range 20 {
		more, err := s.PruneLists(t.Context(), at, 1)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return
		}
	}
	t.Error("there is always more to prune")
}

// listsErased: a person goes from lists and from tables that wait; a table that is being read
// has to be sent again.
func listsErased(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	l, reads := addList(t, s, "a"), addList(t, s, "b")
	fill(t, s, &l, start, zoe, lea)
	stage(t, s, &l, start, zoe, maxim)
	by := contact.Mark{At: start, By: "user:anne"}
	set, err := s.StageList(t.Context(), "default", reads.ID, 0, by)
	if err != nil {
		t.Fatal(err)
	}
	read, err := s.List(t.Context(), "default", l.ID)
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.PersonEntries(t.Context(), "default", "+33639980001")
	if err != nil || len(found) != 2 || found[0].Name != "a" || found[0].Key != "1" || found[0].Values["Nom"] != "Zoé" {
		t.Errorf("%+v %v", found, err)
	}
	done, err := s.Erase(t.Context(), person.Erasure{
		Numbers: []sms.Number{"+33639980001", "~a"}, Limit: 10,
		Audit: person.AuditEntry{ID: sms.NewID(start), Account: "default", At: start, Actor: "user:anne", Action: person.Erased, Subject: "~a"},
	})
	if err != nil || done.Entries != 2 || done.More {
		t.Errorf("%+v %v", done, err)
	}
	if diff := cmp.Diff([]string{"2 +33639980002 Léa"}, onList(t, s, &l)); diff != "" {
		t.Error(diff)
	}
	if err := s.AddEntries(t.Context(), "default", reads.ID, set, []contact.Entry{{Row: 2, Key: "1", Number: "+33639980001"}}); !errors.Is(err, contact.ErrOutdated) {
		t.Errorf("a table that was being read goes on: %v", err)
	}
	if _, err := s.StageList(t.Context(), "default", l.ID, read.Sets, by); !errors.Is(err, contact.ErrOutdated) {
		t.Errorf("a table that was read before is kept: %v", err)
	}
	now, err := s.List(t.Context(), "default", l.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.FillList(t.Context(), "default", l.ID, now.Pending.Set, by); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"3 +33639980003 Max 😀"}, onList(t, s, &l)); diff != "" {
		t.Error(diff)
	}
}

// listsPaged: pages come in the order of the table.
func listsPaged(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	l := addList(t, s, "a")
	var people [][3]string
	for i := range 25 {
		people = append(people, [3]string{fmt.Sprint(i), fmt.Sprintf("+336399801%02d", i), "x"})
	}
	filled := fill(t, s, &l, start, people...)
	q := contact.EntryQuery{Account: "default", List: l.ID, Set: filled.Set, Limit: 10}
	seen := 0
	for more := true; more; {
		var found []contact.Entry
		var err error
		if found, more, err = s.Entries(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		for _, e := range found {
			if e.Key != fmt.Sprint(seen) {
				t.Errorf("%s at %d", e.Key, seen)
			}
			seen, q.After = seen+1, e.Row
		}
	}
	if seen != len(people) {
		t.Errorf("%d of %d", seen, len(people))
	}
}
