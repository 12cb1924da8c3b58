package policy

import (
	"slices"
	"time"
)

// holiday is a day of a year: fixed, or counted from Easter Sunday.
type holiday struct {
	month       time.Month
	day         int // after Easter Sunday where month is zero
	names       [2]string
	from, until int // years; 0: no bound
}

var (
	goodFriday = holiday{day: -2, names: [2]string{"Good Friday", "Vendredi saint"}}
	abolition  = [2]string{"Abolition of slavery", "Abolition de l'esclavage"}
)

// national are the days of the labour code (Code du travail, L3133-1), which hold
// everywhere in France.
var national = []holiday{
	{month: time.January, day: 1, names: [2]string{"New Year's Day", "Jour de l'an"}},
	{day: 1, names: [2]string{"Easter Monday", "Lundi de Pâques"}},
	{month: time.May, day: 1, names: [2]string{"Labour Day", "Fête du travail"}},
	{month: time.May, day: 8, names: [2]string{"Victory in Europe Day", "Victoire de 1945"}},
	{day: 39, names: [2]string{"Ascension Day", "Ascension"}},
	{day: 50, names: [2]string{"Whit Monday", "Lundi de Pentecôte"}},
	{month: time.July, day: 14, names: [2]string{"Bastille Day", "Fête nationale"}},
	{month: time.August, day: 15, names: [2]string{"Assumption Day", "Assomption"}},
	{month: time.November, day: 1, names: [2]string{"All Saints' Day", "Toussaint"}},
	{month: time.November, day: 11, names: [2]string{"Armistice Day", "Armistice de 1918"}},
	{month: time.December, day: 25, names: [2]string{"Christmas Day", "Noël"}},
}

// AlsaceMoselle is the place whose days no number tells: a pack adds it.
const AlsaceMoselle = "alsace-moselle"

// local are the days of one place beside the national ones, by country code.
// Documented: abolition of slavery by decree 83-1003, Alsace-Moselle by the labour
// code (L3134-13). Good Friday in Guadeloupe and Martinique is custom, and the days of
// the Pacific are those that the data of date-holidays has; both are counted, for a
// day too many wakes nobody.
var local = map[string][]holiday{
	AlsaceMoselle: {goodFriday, {month: time.December, day: 26, names: [2]string{"Saint Stephen's Day", "Saint-Étienne"}}},
	"YT":          {{month: time.April, day: 27, names: abolition}},
	"MQ":          {goodFriday, {month: time.May, day: 22, names: abolition}},
	"GP":          {goodFriday, {month: time.May, day: 27, names: abolition}},
	"GF":          {{month: time.June, day: 10, names: abolition}},
	"RE":          {{month: time.December, day: 20, names: abolition}},
	"NC":          {{month: time.September, day: 24, names: [2]string{"Citizenship Day", "Fête de la citoyenneté"}}},
	"PF": {
		goodFriday,
		{month: time.March, day: 5, names: [2]string{"Arrival of the Gospel", "Arrivée de l'Évangile"}},
		{month: time.June, day: 29, names: [2]string{"Autonomy Day", "Fête de l'autonomie"}, until: 2025},
		{month: time.November, day: 20, names: [2]string{"Matari'i", "Matari'i"}, from: 2026},
	},
	"WF": {
		{month: time.April, day: 28, names: [2]string{"Saint Peter Chanel", "Saint Pierre Chanel"}},
		{month: time.June, day: 29, names: [2]string{"Saints Peter and Paul", "Saint Pierre et saint Paul"}},
		{month: time.July, day: 29, names: [2]string{"Territory Day", "Fête du territoire"}},
	},
}

// french tells whether the national days hold in a country.
func french(country string) bool {
	return slices.Contains([]string{"FR", "RE", "YT", "GP", "GF", "MQ", "PM", "NC", "PF", "WF"}, country)
}

// Holiday is the name of the public holiday that a date is in a country, in English
// and French. The days of countries that are not French are not known.
func Holiday(country string, also []string, year int, month time.Month, day int) (names [2]string, found bool) {
	if !french(country) {
		return names, false
	}
	for _, list := range append([][]holiday{national, local[country]}, lists(also)...) {
		for i := range list {
			if list[i].is(year, month, day) {
				return list[i].names, true
			}
		}
	}
	return names, false
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
