package campaign

import (
	"time"

	"relais/reason"
)

// Forecast is what a gateway says of the messages of a campaign, by its routes, its tariff and
// its hours.
type Forecast struct {
	Price *Price `json:"price,omitempty"` // of those whose price is known; nil: of none
	// WithoutPrice is how many messages have no price that is known.
	WithoutPrice int     `json:"without_price"`
	Routes       []Route `json:"routes"`
	// Start is when the first one leaves, and Last when the last one does; nil: nobody knows.
	Start time.Time  `json:"start"`
	Last  *time.Time `json:"last,omitempty"`
}

// Price is an amount of money, with a point.
type Price struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"` // ISO 4217
}

// Route is a connector, and what it carries.
type Route struct {
	Connector string  `json:"connector"`
	Messages  int     `json:"messages"`
	Segments  int     `json:"segments"`
	PerMinute int     `json:"per_minute,omitempty"` // messages at most; 0: not known
	Credit    *Credit `json:"credit,omitempty"`     // nil: not known
}

// Credit is what is left at the operator, and whether it is enough.
type Credit struct {
	Left   float64 `json:"left"`
	Unit   string  `json:"unit"` // credits, of which a segment takes one, or a currency
	Needed float64 `json:"needed"`
	Enough bool    `json:"enough"`
}

// Warn adds a sentence to what is to know, and stops nothing.
func (r *Report) Warn(what reason.Reason) { r.Warnings = append(r.Warnings, said(what)) }

// Note adds a sentence to what was noticed.
func (r *Report) Note(what reason.Reason) { r.Notes = append(r.Notes, said(what)) }

// Foresee adds what a gateway says, with the price of each family.
func (r *Report) Foresee(f *Forecast, prices map[string]*Price) {
	r.Forecast = f
	for i := range r.Families {
		r.Families[i].Price = prices[r.Families[i].Family]
	}
}
