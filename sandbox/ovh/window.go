package ovh

import (
	"time"

	"relais/sandbox/world"
)

// The hours of advertising, Europe/Paris. Sources disagree; these are the ones of
// the "OVHcloud SMS FAQ" (2026): not from 20h to 8h, nor on Sundays and public
// holidays.
const (
	windowOpens  = 8
	windowCloses = 20
)

// nextOpening returns t when advertising may leave at t, else the first moment
// when it may.
func nextOpening(t time.Time) time.Time {
	local := t.In(world.Paris)
	open := isOpenDay(local)
	if open && local.Hour() >= windowOpens && local.Hour() < windowCloses {
		return t
	}
	year, month, day := local.Date()
	if !open || local.Hour() >= windowCloses {
		day++
	}
	for {
		opening := time.Date(year, month, day, windowOpens, 0, 0, 0, world.Paris)
		if isOpenDay(opening) {
			return opening
		}
		day++
	}
}

func isOpenDay(t time.Time) bool {
	return t.Weekday() != time.Sunday && !isFrenchHoliday(t)
}

func isFrenchHoliday(t time.Time) bool {
	year, month, day := t.Date()
	switch (md{month, day}) {
	case md{time.January, 1}, md{time.May, 1}, md{time.May, 8}, md{time.July, 14}, md{time.August, 15},
		md{time.November, 1}, md{time.November, 11}, md{time.December, 25}:
		return true
	}
	const easterMonday, ascension, whitMonday = 1, 39, 50
	easter := easterSunday(year)
	for _, after := range [...]int{easterMonday, ascension, whitMonday} {
		_, m, d := easter.AddDate(0, 0, after).Date()
		if month == m && day == d {
			return true
		}
	}
	return false
}

type md struct {
	month time.Month
	day   int
}

// easterSunday follows the anonymous Gregorian algorithm (Meeus, "Astronomical
// Algorithms", chapter 8), with its letters.
func easterSunday(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 12, 0, 0, 0, world.Paris)
}
