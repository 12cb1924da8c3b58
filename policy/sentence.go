package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"relais/sms"
)

// Language is that of a sentence for people.
type Language uint8

// The languages.
const (
	English Language = iota
	French
)

var weekdays = [2][7]string{
	{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
}

var frenchMonths = [12]string{
	"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
}

// Sentence explains a verdict. It holds no number. It is empty when no pack has hours
// for the class.
func (v *Verdict) Sentence(l Language) string {
	if len(v.Reasons) == 0 {
		return ""
	}
	var parts []string
	switch {
	case v.Never && l == French:
		parts = append(parts, fmt.Sprintf("Aucune heure des %d prochains jours ne convient à toutes les règles.", farthest))
	case v.Never:
		parts = append(parts, fmt.Sprintf("No hour of the next %d days suits all rules.", farthest))
	case v.Moved() && l == French:
		parts = append(parts, "Attend jusqu'au "+moment(v.Due, v.Place, l)+".")
	case v.Moved():
		parts = append(parts, "Waits until "+moment(v.Due, v.Place, l)+".")
	}
	for i := range v.Reasons {
		parts = append(parts, v.Reasons[i].sentence(v.Class, l))
	}
	if slices.ContainsFunc(v.Reasons, func(r Reason) bool { return r.Pack.IsDefault() }) {
		parts = append(parts, byDefault[l])
	}
	return strings.Join(parts, " ")
}

var byDefault = [2]string{
	"These rules hold by default, for the account names no policy.",
	"Ces règles valent par défaut, car le compte ne nomme pas de policy.",
}

func (r *Reason) sentence(class sms.Class, l Language) string {
	when, pack, what := moment(r.At, r.Place, l), r.Pack.Label(), classNames[l][class]
	weekday := weekdays[l][r.At.In(r.Place.Zone).Weekday()]
	if l == French {
		return upper(r.french(when, pack, what, weekday))
	}
	return upper(r.english(when, pack, what, weekday))
}

var classNames = [2]map[sms.Class]string{
	{sms.Marketing: "advertising", sms.Transactional: "transactional messages"},
	{sms.Marketing: "la publicité", sms.Transactional: "les messages transactionnels"},
}

func (r *Reason) english(when, pack, what, weekday string) string {
	passed := ""
	if r.passed {
		passed = " Nothing is put off to a day that it tolerates and advises against."
	}
	switch r.Kind {
	case Within:
		return when + " is within the hours of " + pack + "."
	case Tolerated:
		return when + " is within the hours of " + pack + ", on a day that it tolerates and advises against."
	case Discouraged:
		return fmt.Sprintf("it would be %s, a day that %s tolerates and advises against: nothing is put off to it.", when, pack)
	case OnHoliday:
		return fmt.Sprintf("it would be %s, a public holiday (%s), on which %s lets no %s go.%s", when, r.holiday[English], pack, what, passed)
	case Closed:
		return fmt.Sprintf("it would be %s; on a %s %s lets no %s go.%s", when, weekday, pack, what, passed)
	default:
		return fmt.Sprintf("it would be %s; that day %s lets %s go %s.%s", when, pack, what, spansIn(r.spans, English), passed)
	}
}

func (r *Reason) french(when, pack, what, weekday string) string {
	passed := ""
	if r.passed {
		passed = " Rien n'est reporté à un jour toléré mais déconseillé."
	}
	switch r.Kind {
	case Within:
		return when + " est dans les heures de " + pack + "."
	case Tolerated:
		return when + " est dans les heures de " + pack + ", un jour toléré mais déconseillé."
	case Discouraged:
		return fmt.Sprintf("ce serait le %s, un jour que %s tolère et déconseille : rien n'y est reporté.", when, pack)
	case OnHoliday:
		return fmt.Sprintf("ce serait le %s, jour férié (%s) : %s n'y admet pas %s.%s", when, r.holiday[French], pack, what, passed)
	case Closed:
		return fmt.Sprintf("ce serait le %s : le %s, %s n'admet pas %s.%s", when, weekday, pack, what, passed)
	default:
		return fmt.Sprintf("ce serait le %s : ce jour-là, %s admet %s %s.%s", when, pack, what, spansIn(r.spans, French), passed)
	}
}

// moment is an instant as people of a place read it.
func moment(at time.Time, place Place, l Language) string {
	local := at.In(place.Zone)
	weekday := weekdays[l][local.Weekday()]
	if l == French {
		return fmt.Sprintf("%s %s %s %d à %d h %02d (heure de %s)", weekday, ordinal(local.Day()), frenchMonths[local.Month()-1], local.Year(),
			local.Hour(), local.Minute(), place.names[French])
	}
	return fmt.Sprintf("%s %d %s %d, %02d:%02d (%s time)", weekday, local.Day(), local.Month(), local.Year(),
		local.Hour(), local.Minute(), place.names[English])
}

// ordinal is the day of a month: the first one is "1er".
func ordinal(day int) string {
	if day == 1 {
		return "1er"
	}
	return fmt.Sprint(day)
}

func spansIn(spans []span, l Language) string {
	words := make([]string, len(spans))
	for i, s := range spans {
		if l == French {
			words[i] = fmt.Sprintf("de %s à %s", hour(s.from), hour(s.to))
			continue
		}
		words[i] = fmt.Sprintf("from %02d:%02d to %02d:%02d", s.from/60, s.from%60, s.to/60, s.to%60)
	}
	if l == French {
		return strings.Join(words, " et ")
	}
	return strings.Join(words, " and ")
}

// hour is a minute of a day as written in French: "8 h", "21 h 30".
func hour(minute int) string {
	if minute%60 == 0 {
		return fmt.Sprintf("%d h", minute/60)
	}
	return fmt.Sprintf("%d h %02d", minute/60, minute%60)
}

func upper(sentence string) string { return strings.ToUpper(sentence[:1]) + sentence[1:] }
