package policy

import (
	"strings"
	"time"
	_ "time/tzdata" // the zones of recipients, also where the machine has none

	"relais/reason"
)

// Place is where a recipient is, as far as the number tells.
type Place struct {
	Country string // ISO 3166-1
	Zone    *time.Location
	name    reason.Reason // how it is called; zero: as its zone
}

// places are those whose clock and holidays are known. The Marquises and the
// Gambier islands, at half an hour and an hour from Tahiti, have no numbers of their
// own, nor have Saint-Martin and Saint-Barthélemy. Of the neighbours only those with
// one time zone stand here.
var places = map[string]Place{
	"FR": place("FR", "Europe/Paris"),
	"RE": place("RE", "Indian/Reunion"),
	"YT": place("YT", "Indian/Mayotte"),
	"GP": place("GP", "America/Guadeloupe"),
	"GF": place("GF", "America/Cayenne"),
	"MQ": place("MQ", "America/Martinique"),
	"PM": place("PM", "America/Miquelon"),
	"NC": place("NC", "Pacific/Noumea"),
	"PF": place("PF", "Pacific/Tahiti"),
	"WF": place("WF", "Pacific/Wallis"),
	"BE": place("BE", "Europe/Brussels"),
	"CH": place("CH", "Europe/Zurich"),
	"LU": place("LU", "Europe/Luxembourg"),
	"MC": place("MC", "Europe/Monaco"),
	"DE": place("DE", "Europe/Berlin"),
	"IT": place("IT", "Europe/Rome"),
	"GB": place("GB", "Europe/London"),
	"IE": place("IE", "Europe/Dublin"),
}

func place(country, zone string) Place {
	location, err := time.LoadLocation(zone)
	if err != nil {
		panic(err) // time/tzdata has it
	}
	return Place{country, location, reason.Of(phrasePlace+reason.Code(strings.ToLower(country)), nil)}
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
	return Place{Country: "FR", Zone: p.zone}
}
