package ledger_test

import (
	"testing"
	"time"

	"relais/campaign/ledger"
)

func TestHours(t *testing.T) {
	const tuesday = "2026-12-01T"
	for _, tc := range []struct {
		hours, days, at string
		open            bool
	}{
		{"", "", tuesday + "03:00", true},
		{"09:00-12:00,14:00-18:00", "", tuesday + "08:59", false},
		{"09:00-12:00,14:00-18:00", "", tuesday + "09:00", true},
		{"09:00-12:00,14:00-18:00", "", tuesday + "12:00", false},
		{"09:00-12:00, 14:00-18:00", "", tuesday + "17:59", true},
		{"09:00-24:00", "", tuesday + "23:59", true},
		{"", "mon-fri", tuesday + "03:00", true},
		{"", "wed,sat", tuesday + "03:00", false},
		{"", "sat-tue", tuesday + "03:00", true},
		{"", "wed-mon", tuesday + "03:00", false},
		{"09:00-12:00", "tue", tuesday + "13:00", false},
	} {
		h, hoursOK, daysOK := ledger.ReadHours(tc.hours, tc.days)
		at, err := time.Parse("2006-01-02T15:04", tc.at)
		if err != nil || !hoursOK || !daysOK || h.Open(at) != tc.open {
			t.Errorf("%q %q at %s: %v (%v, %v), %v", tc.hours, tc.days, tc.at, h.Open(at), hoursOK, daysOK, err)
		}
	}
	for _, hours := range []string{
		"9:00-12:00", "09:00", "12:00-09:00", "09:00-12:00,11:00-13:00", "09:60-10:00", "09:00-24:01", "09:00-12:00,", "x",
		"09:00-09:00", "-",
	} {
		if _, ok, _ := ledger.ReadHours(hours, ""); ok {
			t.Errorf("%q is read", hours)
		}
	}
	for _, days := range []string{"lundi", "mon-", "mon,", "-fri", "Mon", "mon,mon", "mon-fri,thu-sat", "mon-sun,mon-sun"} {
		if _, _, ok := ledger.ReadHours("", days); ok {
			t.Errorf("%q is read", days)
		}
	}
}
