package sms

import (
	"testing"
	"time"
)

func TestIDsDoNotFollowAClockThatJumps(t *testing.T) {
	noon := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	later := func(ran, ahead time.Duration) reading { return reading{noon.Add(ran + ahead), ran} }
	const years = 4 * 365 * 24 * time.Hour
	for _, tc := range []struct {
		name     string
		first    time.Time // what the clock says at the start; zero: noon
		readings []reading
		want     []time.Duration // by which the clock is ahead of ids
	}{
		{"a clock that runs", time.Time{}, []reading{later(time.Hour, 0), later(100*time.Hour, 0)}, []time.Duration{0, 0}},
		{"a small step ahead", time.Time{}, []reading{later(time.Second, 59*time.Second)}, []time.Duration{0}},
		{"small steps add up", time.Time{}, []reading{later(1, 50*time.Second), later(2, 100*time.Second)}, []time.Duration{0, 0}},
		{
			"a jump of a minute, and back",
			time.Time{},
			[]reading{
				later(time.Second, years), later(time.Minute, years), later(2*time.Minute, 0),
				later(3*time.Minute, 0),
			},
			[]time.Duration{years, years, 0, 0},
		},
		{
			"a jump that lasts",
			time.Time{},
			[]reading{
				later(time.Second, years), later(4*time.Minute, years), later(6*time.Minute, years),
				later(7*time.Minute, years),
			},
			[]time.Duration{years, years, 0, 0},
		},
		{
			"two jumps, each shorter than what is believed",
			time.Time{},
			[]reading{
				later(time.Second, years), later(4*time.Minute, 0), later(5*time.Minute, years),
				later(9*time.Minute, years),
			},
			[]time.Duration{years, 0, years, years},
		},
		{"a clock that ran ahead at the start", noon.Add(years), []reading{later(time.Second, 0), later(time.Hour, 0)}, []time.Duration{0, 0}},
		{"a clock that was not set at the start", time.Unix(0, 0), []reading{later(time.Second, 0)}, []time.Duration{0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			first := reading{noon, 0}
			if !tc.first.IsZero() {
				first.wall = tc.first
			}
			m := machine{believed: first}
			for i, at := range tc.readings {
				if got := m.ahead(at); got != tc.want[i] {
					t.Errorf("reading %d: ahead by %v, want %v", i, got, tc.want[i])
				}
			}
		})
	}
}

func TestIDsOfAJumpAreOfThePresent(t *testing.T) {
	lastID.Lock()
	kept := lastID.machine
	lastID.Unlock()
	defer func() { lastID.Lock(); lastID.machine = kept; lastID.Unlock() }()
	at := readMachine()
	tick(at.wall, at, 0)
	const ahead = 1000 * time.Hour
	jumped := reading{at.wall.Add(time.Second + ahead), at.ran + time.Second}
	if milli, _ := tick(jumped.wall, jumped, 0); milli != at.wall.Add(time.Second).UnixMilli() {
		t.Errorf("an id of the jump is of %v, want %v", time.UnixMilli(milli), at.wall.Add(time.Second))
	}
}
