package tariff

import (
	"strings"
	"time"

	"relais/number"
	"relais/reason"
	"relais/sms"
)

// Table is a list of prices. Make it with Parse or Told; it does not change
// afterwards.
type Table struct {
	Name     string
	Version  int
	Since    time.Time // the day from which its source holds; of Told: when the operator said so
	Source   string    // where the prices stand, for people
	Currency string    // ISO 4217

	segment map[string]sms.Money // by destination
	told    bool                 // by the operator

	reasons map[string]reason.Reason // of segment
}

// Told is what an operator said of one country, in ISO 3166-1. A price that is not
// above zero means that the operator names none.
func Told(country, currency string, price sms.Money, at time.Time) *Table {
	t := &Table{Currency: currency, Since: at, told: true}
	if price > 0 {
		t.segment = map[string]sms.Money{Destination(country): price}
	}
	return t.ready()
}

// Destination is the word for a country, in ISO 3166-1: number.FRMetro for
// metropolitan France, else the country in lower case.
func Destination(country string) string {
	if country == "FR" {
		return number.FRMetro
	}
	return strings.ToLower(country)
}

// Segment returns the price of one segment to a number, and the word of the table
// that it stands behind: a country before its family, a family before all. Where the
// table has none, ok is false and destination is the most exact word there is for
// the number.
func (t *Table) Segment(n number.Parsed) (price sms.Money, destination string, ok bool) {
	exact := Destination(n.Country)
	if exact == "" {
		exact = n.Family
	}
	if t == nil {
		return 0, exact, false
	}
	for _, word := range [...]string{exact, n.Family, number.All} {
		if price, ok := t.segment[word]; ok {
			return price, word, true
		}
	}
	return 0, exact, false
}
