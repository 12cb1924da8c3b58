package gateway

import (
	"strconv"
	"strings"

	"relais/sms"
)

// counted writes a number of messages or segments, which have one name in both
// languages. None is many in English and not in French.
func counted(n int, word string) said {
	one := strconv.Itoa(n) + " " + word
	switch n {
	case 0:
		return said{one + "s", one}
	case 1:
		return said{one, one}
	default:
		return said{one + "s", one + "s"}
	}
}

// amount writes a sum of money: "50.00 EUR".
func amount(m sms.Money, currency string) said {
	text := m.String()
	return said{text + " " + currency, strings.Replace(text, ".", ",", 1) + " " + currency}
}

// listed joins parts: "1 message, 3 segments and 0.20 EUR".
func listed(parts []said) said {
	var all said
	for i, p := range parts {
		switch {
		case i == 0:
		case i == len(parts)-1:
			all.english, all.french = all.english+" and ", all.french+" et "
		default:
			all.english, all.french = all.english+", ", all.french+", "
		}
		all.english, all.french = all.english+p.english, all.french+p.french
	}
	return all
}

// bounded writes amounts of what the quota bounds.
func (q *Quota) bounded(r room) said {
	var parts []said
	if q.Messages > 0 {
		parts = append(parts, counted(r.messages, "message"))
	}
	if q.Segments > 0 {
		parts = append(parts, counted(r.segments, "segment"))
	}
	if q.Money > 0 {
		parts = append(parts, amount(r.money, q.currency))
	}
	return listed(parts)
}

// frenchPeriod is how French speaks of a period: "100 messages par heure".
var frenchPeriod = map[Period]struct{ each, first, age string }{
	Minute: {"par minute", "la première minute", "une minute"},
	Hour:   {"par heure", "la première heure", "une heure"},
	Day:    {"par jour", "le premier jour", "un jour"},
	Month:  {"par mois", "le premier mois", "un mois"},
}

// limit writes what the quota allows: "100 messages and 300 segments an hour".
func (q *Quota) limit() said {
	most := q.bounded(room{q.Messages, q.Segments, q.Money})
	french := frenchPeriod[q.Every]
	if q.Per == PerNewCountry {
		return said{
			most.english + " in the first " + string(q.Every) + " to a country that is new to a key",
			most.french + " " + french.first + " vers un pays nouveau pour une clé",
		}
	}
	article := " a "
	if q.Every == Hour {
		article = " an "
	}
	whom := limitOf[q.Per]
	return said{most.english + article + string(q.Every) + whom.english, most.french + " " + french.each + whom.french}
}

var limitOf = map[Per]said{
	PerAccount:   {" to the account", " pour le compte"},
	PerKey:       {" to each key", " pour chaque clé"},
	PerCountry:   {" to each country, for each key", " vers chaque pays, pour chaque clé"},
	PerRecipient: {" to one number", " vers un même numéro"},
	PerText:      {" with one text to one number", " avec un même texte vers un même numéro"},
}
