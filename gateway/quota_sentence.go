package gateway

// bounded writes amounts of what the quota bounds.
func (q *Quota) bounded(r room) said {
	var parts []said
	if q.Messages > 0 {
		parts = append(parts, quantity(r.messages, "message"))
	}
	if q.Segments > 0 {
		parts = append(parts, quantity(r.segments, "segment"))
	}
	if q.Money > 0 {
		parts = append(parts, amount(r.money, q.currency))
	}
	return joined(parts)
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
