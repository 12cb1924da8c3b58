package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/auth"
)

func passkeysKept(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	anne, paul := addUser(t, s, "anne"), addUser(t, s, "paul")
	key := func(id string) auth.Passkey {
		return auth.Passkey{
			ID: id, Name: "Clé \u202e <b>", CreatedAt: start, Credential: []byte{0, 255, id[0]}, Public: []byte(`{"id":1}`),
			Host: "sms.town.example",
		}
	}
	set := func(r auth.Record, c auth.Change, keys ...auth.Passkey) error {
		return s.ChangeUser(t.Context(), r.ID, func(r *auth.Record) (auth.Change, error) {
			r.Passkeys, r.PasskeyCount = keys, len(keys)
			return c, nil
		})
	}
	expect := func(what string, want ...auth.Passkey) {
		t.Helper()
		got, err := s.UserByID(t.Context(), anne.ID)
		if diff := cmp.Diff(want, got.Passkeys); diff != "" || err != nil || got.PasskeyCount != len(want) {
			t.Errorf("%s: %v, counted %d (-written +read):\n%s", what, err, got.PasskeyCount, diff)
		}
	}
	once := auth.Change{Spend: "question", SpendUntil: start.Add(time.Minute)}
	if err := set(anne, once, key("a"), key("b")); err != nil {
		t.Fatal(err)
	}
	expect("added", key("a"), key("b"))
	if got, err := s.UserByPasskey(t.Context(), key("b").Credential); err != nil || got.ID != anne.ID {
		t.Errorf("by passkey: %+v, %v", got, err)
	}
	if all, err := s.Users(t.Context()); err != nil || all[0].PasskeyCount != 2 || all[1].PasskeyCount != 0 {
		t.Errorf("in the list: %+v, %v", all, err)
	}
	used := key("b")
	used.UsedAt, used.Public = start.Add(time.Hour), []byte(`{"id":2}`)
	if err := set(anne, once, used); !errors.Is(err, auth.ErrSpent) {
		t.Errorf("an answer that counted: %v", err)
	}
	expect("after an answer that counted", key("a"), key("b"))
	if err := set(paul, auth.Change{}, key("a")); !errors.Is(err, auth.ErrKnownKey) {
		t.Errorf("another's passkey: %v", err)
	}
	if err := set(anne, auth.Change{}, used); err != nil {
		t.Fatal(err)
	}
	expect("one used, one removed", used)
	if _, err := s.UserByPasskey(t.Context(), key("a").Credential); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("by a passkey that was removed: %v", err)
	}
	strayPasskeys(t, s)
	if err := set(anne, auth.Change{}); err != nil {
		t.Fatal(err)
	}
	expect("none left")
}

// strayPasskeys: who has passkeys of other hosts is counted once, and those of whom nobody
// knows the host, or who may not sign in, are not.
func strayPasskeys(t *testing.T, s Store) {
	t.Helper()
	now := map[string][]string{
		"paul": {"old.town.example", "sms.town.example"}, "lea": {"localhost", "old.town.example"}, "max": {""},
		"eva": {"older.town.example"},
	}
	for name, hosts := range now {
		u, err := s.UserByName(t.Context(), name)
		if errors.Is(err, auth.ErrUnknown) {
			u = addUser(t, s, name)
		}
		if err := s.ChangeUser(t.Context(), u.ID, func(r *auth.Record) (auth.Change, error) {
			r.Passkeys = nil
			for _, host := range hosts {
				id := name + host
				r.Passkeys = append(r.Passkeys, auth.Passkey{
					ID: id, Name: id, CreatedAt: start, Credential: []byte(id), Public: []byte(`{}`), Host: host,
				})
			}
			r.PasskeyCount = len(r.Passkeys)
			if name == "eva" {
				r.DisabledAt = start
			}
			return auth.Change{}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.StrayPasskeys(t.Context(), "sms.town.example")
	want := auth.StrayPasskeys{People: 2, Hosts: []string{"localhost", "old.town.example"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("passkeys of other hosts: %v (-want +got):\n%s", err, diff)
	}
}
