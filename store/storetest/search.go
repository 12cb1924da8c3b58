package storetest

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/auth"
	"relais/gateway"
	"relais/search"
	"relais/sms"
)

func searchPages(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	first := accept(t, s, draft{to: "+33639980001", reference: "a", count: 1})
	second := accept(t, s, draft{to: "+33639980002", reference: "b", class: sms.OTP})
	third := accept(t, s, draft{to: "+33639980001", connector: "sfr"})
	settle(t, s, move(second[0], sms.Canceled, "canceled_by_caller"))
	ids := func(groups ...[]sms.Message) (all []sms.ID) {
		for _, g := range groups {
			all = append(all, g[0].ID)
		}
		return all
	}
	for _, tc := range []struct {
		name  string
		query search.Query
		want  []sms.ID
		more  bool
	}{
		{"all, newest first", search.Query{}, ids(third, second, first), false},
		{"first page", search.Query{Limit: 2}, ids(third, second), true},
		{"second page", search.Query{Limit: 2, Before: second[0].ID}, ids(first), false},
		{"by number", search.Query{To: "+33639980001"}, ids(third, first), false},
		{"by status", search.Query{Status: sms.Canceled}, ids(second), false},
		{"waiting", search.Query{Status: sms.Queued}, ids(third, first), false},
		{"waiting, first page", search.Query{Status: sms.Queued, Limit: 1}, ids(third), true},
		{
			"waiting, second page",
			search.Query{Status: sms.Queued, Limit: 1, Before: third[0].ID},
			ids(first),
			false,
		},
		{"waiting at a connector", search.Query{Status: sms.Queued, Connector: "sfr"}, ids(third), false},
		{"waiting for a number", search.Query{Status: sms.Queued, To: "+33639980001"}, ids(third, first), false},
		{"waiting with a reference", search.Query{Status: sms.Queued, Reference: "a"}, ids(first), false},
		{"waiting since", search.Query{Status: sms.Queued, Since: start}, ids(third, first), false},
		{"submitting", search.Query{Status: sms.Submitting}, nil, false},
		{"by class", search.Query{Class: sms.OTP}, ids(second), false},
		{"by connector", search.Query{Connector: "sfr"}, ids(third), false},
		{"by reference", search.Query{Reference: "a"}, ids(first), false},
		{"since", search.Query{Since: start}, ids(third, second, first), false},
		{"since before computers", search.Query{Since: time.Unix(-1e9, 0)}, ids(third, second, first), false},
		{"since later", search.Query{Since: start.Add(time.Microsecond)}, nil, false},
		{"until", search.Query{Until: start}, nil, false},
		{"until later", search.Query{Until: start.Add(time.Microsecond)}, ids(third, second, first), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.query.Account = "default"
			set(&tc.query.Limit, 100)
			found, more, err := s.Search(t.Context(), tc.query)
			if err != nil {
				t.Fatal(err)
			}
			var got []sms.ID
			for _, m := range found {
				got = append(got, m.ID)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || more != tc.more {
				t.Errorf("more = %v, want %v; ids (-want +got):\n%s", more, tc.more, diff)
			}
		})
	}
}

func accountsApart(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	mine := accept(t, s, draft{account: "mine"})[0]
	if _, err := s.Message(t.Context(), "other", mine.ID); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("Message of another account: %v, want ErrNotFound", err)
	}
	if _, _, err := s.Timeline(t.Context(), "other", mine.ID); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("Timeline of another account: %v, want ErrNotFound", err)
	}
	if found, _, err := s.Search(t.Context(), search.Query{Account: "other", Limit: 10}); err != nil ||
		len(found) != 0 {
		t.Errorf("Search of another account found %d, %v", len(found), err)
	}
}

func keys(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	text, key, err := auth.NewKey(t.Context(), s, "default", "publik", start)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.KeyByHash(t.Context(), auth.HashOf(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(key, got); diff != "" {
		t.Errorf("key (-made +found):\n%s", diff)
	}
	if _, err := s.KeyByHash(t.Context(), auth.HashOf(text+"x")); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("a wrong key: %v, want ErrUnknown", err)
	}
	if _, _, err := auth.NewKey(t.Context(), s, "nobody", "publik", start); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("a key for an account that does not exist: %v, want ErrUnknown", err)
	}
	revokedAt := start.Add(time.Hour)
	if got, err = s.RevokeKey(t.Context(), key.ID, revokedAt); err != nil || !got.RevokedAt.Equal(revokedAt) {
		t.Errorf("RevokeKey = %v, %v", got.RevokedAt, err)
	}
	if got, err = s.RevokeKey(t.Context(), key.ID, revokedAt.Add(time.Hour)); err != nil ||
		!got.RevokedAt.Equal(revokedAt) {
		t.Errorf("a second RevokeKey moved the time to %v, %v", got.RevokedAt, err)
	}
	if _, err := s.RevokeKey(t.Context(), "none", revokedAt); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("revoke of an unknown key: %v, want ErrUnknown", err)
	}
	list, err := s.Keys(t.Context())
	if err != nil || len(list) != 1 || list[0].RevokedAt.IsZero() {
		t.Errorf("Keys = %+v, %v", list, err)
	}
}

// limitedKeys holds that limits are kept whole, and changed, that one form makes one key,
// and that the time of the last use goes forward alone.
func limitedKeys(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	limits := auth.KeyLimits{
		Rights:     []auth.KeyRight{auth.KeySend, auth.KeyRead},
		Networks:   []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")},
		Connectors: []string{"ovh"}, Senders: []sms.Sender{"MAIRIE", "Ville"}, Until: start.Add(time.Hour),
	}
	id := auth.KeyIDOf("default", "form")
	wanted := auth.Key{ID: id, Account: "default", Name: "forms", CreatedAt: start, Limits: limits, MadeBy: "user:anne"}
	text, _, err := auth.MakeKey(t.Context(), s, wanted)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := auth.MakeKey(t.Context(), s, wanted); !errors.Is(err, auth.ErrExists) {
		t.Errorf("a second key by one form: %v, want ErrExists", err)
	}
	sameAddress := cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })
	got, err := s.KeyByHash(t.Context(), auth.HashOf(text))
	if diff := cmp.Diff(wanted, got, sameAddress); diff != "" || err != nil {
		t.Errorf("%v; key (-made +found):\n%s", err, diff)
	}
	fewer := auth.KeyLimits{Rights: []auth.KeyRight{auth.KeyRead}}
	if got, err = s.LimitKey(t.Context(), id, &limits, fewer); err != nil || cmp.Diff(fewer, got.Limits, sameAddress) != "" {
		t.Errorf("LimitKey = %+v, %v", got.Limits, err)
	}
	if _, err = s.LimitKey(t.Context(), "none", &fewer, fewer); !errors.Is(err, auth.ErrUnknown) {
		t.Errorf("limits of an unknown key: %v, want ErrUnknown", err)
	}
	if _, err = s.LimitKey(t.Context(), id, &limits, auth.KeyLimits{}); !errors.Is(err, auth.ErrLimited) {
		t.Errorf("by somebody who saw the limits of before: %v, want ErrLimited", err)
	}
	for _, used := range []time.Duration{time.Minute, 2 * time.Minute, time.Minute} {
		if err := s.KeysUsed(t.Context(), map[string]time.Time{id: start.Add(used), "none": start}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err = s.KeyByHash(t.Context(), auth.HashOf(text)); err != nil || !got.UsedAt.Equal(start.Add(2*time.Minute)) {
		t.Errorf("used at %v, %v", got.UsedAt, err)
	}
	if got, err = s.LimitKey(t.Context(), id, nil, auth.KeyLimits{}); err != nil || !got.Limits.May(auth.KeySend) {
		t.Errorf("without limits: %+v, %v", got.Limits, err)
	}
}

func accounts(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	if err := s.AddAccount(t.Context(), auth.Account{Name: "town-hall", CreatedAt: start}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddAccount(t.Context(), auth.Account{Name: "town-hall", CreatedAt: start}); !errors.Is(err,
		auth.ErrExists) {
		t.Errorf("a second account of the name: %v, want ErrExists", err)
	}
	list, err := s.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range list {
		names = append(names, a.Name)
	}
	if !slices.Equal(names, []string{"default", "town-hall"}) {
		t.Errorf("accounts = %v, want default and town-hall", names)
	}
}
