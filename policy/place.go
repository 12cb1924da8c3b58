package policy

import (
	"time"
	_ "time/tzdata" // the zones of recipients, also where the machine has none
)

// Place is where a recipient is, as far as the number tells.
type Place struct {
	Country string // ISO 3166-1
	Zone    *time.Location
	names   [2]string // in the order of languages
}

// places are those whose clock and holidays are known. The Marquises and the
// Gambier islands, at half an hour and an hour from Tahiti, have no numbers of their
// own, nor have Saint-Martin and Saint-Barthélemy. Of the neighbours only those with
// one time zone stand here.
var places = map[string]Place{
	"FR": place("FR", "Europe/Paris", "Paris", "Paris"),
	"RE": place("RE", "Indian/Reunion", "Réunion", "La Réunion"),
	"YT": place("YT", "Indian/Mayotte", "Mayotte", "Mayotte"),
	"GP": place("GP", "America/Guadeloupe", "Guadeloupe", "Guadeloupe"),
	"GF": place("GF", "America/Cayenne", "French Guiana", "Guyane"),
	"MQ": place("MQ", "America/Martinique", "Martinique", "Martinique"),
	"PM": place("PM", "America/Miquelon", "Saint-Pierre-et-Miquelon", "Saint-Pierre-et-Miquelon"),
	"NC": place("NC", "Pacific/Noumea", "New Caledonia", "Nouvelle-Calédonie"),
	"PF": place("PF", "Pacific/Tahiti", "Tahiti", "Tahiti"),
	"WF": place("WF", "Pacific/Wallis", "Wallis and Futuna", "Wallis-et-Futuna"),
	"BE": place("BE", "Europe/Brussels", "Brussels", "Bruxelles"),
	"CH": place("CH", "Europe/Zurich", "Zurich", "Zurich"),
	"LU": place("LU", "Europe/Luxembourg", "Luxembourg", "Luxembourg"),
	"MC": place("MC", "Europe/Monaco", "Monaco", "Monaco"),
	"DE": place("DE", "Europe/Berlin", "Berlin", "Berlin"),
	"IT": place("IT", "Europe/Rome", "Rome", "Rome"),
	"GB": place("GB", "Europe/London", "London", "Londres"),
	"IE": place("IE", "Europe/Dublin", "Dublin", "Dublin"),
}

func place(country, zone, english, french string) Place {
	location, err := time.LoadLocation(zone)
	if err != nil {
		panic(err) // time/tzdata has it
	}
	return Place{country, location, [2]string{english, french}}
}

// PlaceOf returns the place of a country. One that is not known goes by the clock
// and the holidays of metropolitan France, where the charters hold.
func PlaceOf(country string) Place {
	if p, ok := places[country]; ok {
		return p
	}
	return places["FR"]
}

// in is the place by whose clock a pack goes.
func (p *Pack) in(place Place) Place {
	if p.zone == nil {
		return place
	}
	for _, known := range places {
		if known.Zone.String() == p.zone.String() {
			return known
		}
	}
	return Place{"FR", p.zone, [2]string{p.zone.String(), p.zone.String()}}
}
