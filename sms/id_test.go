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
