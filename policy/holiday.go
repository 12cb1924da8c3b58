package policy

import (
	"slices"
	"time"

	"relais/reason"
)

// holiday is a day of a year: fixed, or counted from Easter Sunday.
type holiday struct {
	month       time.Month
	day         int // after Easter Sunday where month is zero
	name        reason.Code
	from, until int // years; 0: no bound
}

var (
	goodFriday = holiday{day: -2, name: "words/holiday_good_friday"}
	abolition  = reason.Code("words/holiday_abolition")
)

// national are the days of the labour code (Code du travail, L3133-1), which hold
// everywhere in France.
var national = []holiday{
	{month: time.January, day: 1, name: "words/holiday_new_year"},
	{day: 1, name: "words/holiday_easter_monday"},
	{month: time.May, day: 1, name: "words/holiday_labour"},
	{month: time.May, day: 8, name: "words/holiday_victory"},
	{day: 39, name: "words/holiday_ascension"},
	{day: 50, name: "words/holiday_whit_monday"},
	{month: time.July, day: 14, name: "words/holiday_bastille"},
	{month: time.August, day: 15, name: "words/holiday_assumption"},
	{month: time.November, day: 1, name: "words/holiday_all_saints"},
	{month: time.November, day: 11, name: "words/holiday_armistice"},
	{month: time.December, day: 25, name: "words/holiday_christmas"},
}

// AlsaceMoselle is the place whose days no number tells: a pack adds it.
const AlsaceMoselle = "alsace-moselle"

// local are the days of one place beside the national ones, by country code.
// Documented: abolition of slavery by decree 83-1003, Alsace-Moselle by the labour
// code (L3134-13). Good Friday in Guadeloupe and Martinique is custom, and the days of
// the Pacific are those that the data of date-holidays has; both are counted, for a
// day too many wakes nobody.
var local = map[string][]holiday{
	AlsaceMoselle: {goodFriday, {month: time.December, day: 26, name: "words/holiday_saint_stephen"}},
	"YT":          {{month: time.April, day: 27, name: abolition}},
	"MQ":          {goodFriday, {month: time.May, day: 22, name: abolition}},
	"GP":          {goodFriday, {month: time.May, day: 27, name: abolition}},
	"GF":          {{month: time.June, day: 10, name: abolition}},
	"RE":          {{month: time.December, day: 20, name: abolition}},
	"NC":          {{month: time.September, day: 24, name: "words/holiday_citizenship"}},
	"PF": {
		goodFriday,
		{month: time.March, day: 5, name: "words/holiday_gospel"},
		{month: time.June, day: 29, name: "words/holiday_autonomy", until: 2025},
		{month: time.November, day: 20, name: "words/holiday_matarii", from: 2026},
	},
	"WF": {
		{month: time.April, day: 28, name: "words/holiday_peter_chanel"},
		{month: time.June, day: 29, name: "words/holiday_peter_and_paul"},
		{month: time.July, day: 29, name: "words/holiday_territory"},
	},
}

// french reports whether the national days hold in a country.
func french(country string) bool {
	return slices.Contains([]string{"FR", "RE", "YT", "GP", "GF", "MQ", "PM", "NC", "PF", "WF"}, country)
}

// Holiday is the name of the public holiday that a date is in a country. The days of
// countries that are not French are not known.
func Holiday(
	country string, also []string, year int, month time.Month, day int,
) (name reason.Reason, found bool) {
	if !french(country) {
		return name, false
	}
	for _, list := range append([][]holiday{national, local[country]}, lists(also)...) {
		for i := range list {
			if list[i].is(year, month, day) {
				return reason.Of(list[i].name, nil), true
			}
		}
	}
	return name, false
}

func lists(also []string) [][]holiday {
	var all [][]holiday
	for _, name := range also {
		all = append(all, local[name])
	}
	return all
}

func (h *holiday) is(year int, month time.Month, day int) bool {
	if year < h.from || h.until > 0 && year > h.until {
		return false
	}
	if h.month != 0 {
		return h.month == month && h.day == day
	}
	_, m, d := easter(year).AddDate(0, 0, h.day).Date()
	return m == month && d == day
}

// easter is Easter Sunday by the anonymous Gregorian algorithm (Meeus, "Astronomical
// Algorithms", chapter 8), with its letters.
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
