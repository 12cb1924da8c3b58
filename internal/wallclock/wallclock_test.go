package wallclock_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"relais/internal/wallclock"
)

func TestRead(t *testing.T) {
	for _, tc := range []struct {
		name, zone, text, want string
		odd                    wallclock.Oddity
	}{
		{"an ordinary time", "Europe/Paris", "2026-11-29 10:00", "2026-11-29T10:00:00+01:00", wallclock.None},
		{"before the clock is put back", "Europe/Paris", "2026-10-25 01:59", "2026-10-25T01:59:00+02:00", wallclock.None},
		{"twice", "Europe/Paris", "2026-10-25 02:30", "2026-10-25T02:30:00+02:00", wallclock.Twice},
		{"the first minute that comes twice", "Europe/Paris", "2026-10-25 02:00", "2026-10-25T02:00:00+02:00", wallclock.Twice},
		{"after it", "Europe/Paris", "2026-10-25 03:00", "2026-10-25T03:00:00+01:00", wallclock.None},
		{"before the clock is put forward", "Europe/Paris", "2027-03-28 01:59", "2027-03-28T01:59:00+01:00", wallclock.None},
		{"never", "Europe/Paris", "2027-03-28 02:30", "2027-03-28T03:30:00+02:00", wallclock.Never},
		{"the first minute that never comes", "Europe/Paris", "2027-03-28 02:00", "2027-03-28T03:00:00+02:00", wallclock.Never},
		{"after that", "Europe/Paris", "2027-03-28 03:00", "2027-03-28T03:00:00+02:00", wallclock.None},
		{"twice, half an hour", "Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-05T01:45:00+11:00", wallclock.Twice},
		{"never, half an hour", "Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04T02:45:00+11:00", wallclock.Never},
		{"in the west", "America/New_York", "2026-11-01 01:30", "2026-11-01T01:30:00-04:00", wallclock.Twice},
		{"overseas, where no clock moves", "Indian/Reunion", "2026-10-25 02:30", "2026-10-25T02:30:00+04:00", wallclock.None},
		{"at midnight", "America/Havana", "2026-03-08 00:30", "2026-03-08T01:30:00-04:00", wallclock.Never},
	} {
		t.Run(tc.name, func(t *testing.T) {
			zone, err := time.LoadLocation(tc.zone)
			if err != nil {
				t.Fatal(err)
			}
			at, odd, err := wallclock.Read("2006-01-02 15:04", tc.text, zone)
			if err != nil {
				t.Fatal(err)
			}
			if got := at.Format(time.RFC3339); got != tc.want || odd != tc.odd {
				t.Errorf("%s, %d; want %s, %d", got, odd, tc.want, tc.odd)
			}
		})
	}
	if _, _, err := wallclock.Read("2006-01-02 15:04", "soon", time.UTC); err == nil {
		t.Error("soon is taken for a time")
	}
}
