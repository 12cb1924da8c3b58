package sms_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"relais/sms"
)

func TestIDFormsRoundTrip(t *testing.T) {
	now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for range 10_000 {
		id := sms.NewID(now)
		if got, err := sms.ParseID(id.String()); err != nil || got != id {
			t.Fatalf("ParseID(%s) = %v, %v", id, got, err)
		}
		if got, err := sms.ParseRef(id.Ref()); err != nil || got != id {
			t.Fatalf("ParseRef(%s) of %s = %v, %v", id.Ref(), id, got, err)
		}
		if len(id.Ref()) != 20 {
			t.Fatalf("reference %q is not 20 characters", id.Ref())
		}
	}
}

func TestIDsKeepTheirOrder(t *testing.T) {
	now := time.Now()
	var ids []string
	for range 100_000 {
		ids = append(ids, sms.NewID(now).String())
	}
	if !slices.IsSorted(ids) {
		t.Error("ids of one millisecond are out of order")
	}
	if len(slices.Compact(ids)) != 100_000 {
		t.Error("two ids are the same")
	}
	if got := mustParse(t, ids[0]).Time(); got.UnixMilli() < now.UnixMilli() {
		t.Errorf("time of the first id is %v, before %v", got, now)
	}
}

// A clock that ran ahead, or a moment that somebody asked about, moves nothing.
func TestIDsComeBackWithTheClock(t *testing.T) {
	now := time.Now().Truncate(time.Millisecond)
	for _, tc := range []struct {
		name  string
		ahead time.Duration
		back  bool // ids go back with the clock; else they keep their order
	}{
		{"a second", time.Second, false},
		{"ten seconds", 10 * time.Second, false},
		{"eleven seconds", 11 * time.Second, true},
		{"an hour", time.Hour, true},
		{"four years", 4 * 365 * 24 * time.Hour, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			now = now.Add(time.Minute) // behind what the case before used
			seen := map[sms.ID]bool{}
			for range 1000 {
				before := sms.NewID(now)
				ahead := sms.NewID(now.Add(tc.ahead))
				after := sms.NewID(now)
				seen[before], seen[ahead], seen[after] = true, true, true
				want := now.Add(tc.ahead)
				if tc.back {
					want = now
				}
				if !after.Time().Equal(want) {
					t.Fatalf("an id of %v is of %v, want %v", now, after.Time(), want)
				}
				now = want
			}
			if len(seen) != 3000 {
				t.Errorf("%d different ids, want 3000", len(seen))
			}
		})
	}
}

func mustParse(t *testing.T, s string) sms.ID {
	t.Helper()
	id, err := sms.ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestParseIDRefuses(t *testing.T) {
	good := sms.NewID(time.Now()).String()
	for _, tc := range []struct{ name, text string }{
		{"empty", ""},
		{"short", good[:35]},
		{"no dashes", strings.ReplaceAll(good, "-", "0")},
		{"not hexadecimal", "g" + good[1:]},
		{"another version", good[:14] + "4" + good[15:]},
		{"another variant", good[:19] + "0" + good[20:]},
		{"not ours: last bits set", good[:35] + "1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if id, err := sms.ParseID(tc.text); err == nil {
				t.Errorf("ParseID(%q) = %v", tc.text, id)
			}
		})
	}
}

func FuzzParseRef(f *testing.F) {
	f.Add("AZrAAAAAAAAAAAAAAAAA")
	f.Add("00000000000000\r000000")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := sms.ParseRef(s)
		if err == nil && id.Ref() != s {
			t.Errorf("ParseRef(%q) = %v, whose reference is %q", s, id, id.Ref())
		}
	})
}
