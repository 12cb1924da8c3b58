package terms

import (
	"cmp"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"relais/internal/bell"
	"relais/number"
	"relais/reason"
	"relais/sms"
	"relais/tariff"
)

// firstCountry is asked before a message goes there: it is where most go.
const firstCountry = "FR"

// Price is what one segment costs to a number.
type Price struct {
	Segment  sms.Money     // 0: not known
	Decision reason.Reason // which tariff says so; zero where there is no tariff
}

// Of is the price of so many segments.
func (p Price) Of(segments int) sms.Money { return p.Segment * sms.Money(segments) }

// Prices are those of one connector. Whoever reads them waits for nobody.
type Prices struct {
	table    *tariff.Table // of a file; nil: none
	operator bool          // the operator is asked

	told atomic.Pointer[map[string]*tariff.Table] // by country

	mu   sync.Mutex
	due  map[string]time.Time // when each country is asked next, by the monotonic clock
	news bell.Bell            // a country is new
}

// FixedPrices are those of a table; nil: none are known.
func FixedPrices(table *tariff.Table) *Prices { return newPrices(table, false) }

// OperatorPrices are those that the operator tells when a PriceReading asks.
func OperatorPrices() *Prices {
	p := newPrices(nil, true)
	p.due[firstCountry] = time.Now()
	return p
}

func newPrices(table *tariff.Table, operator bool) *Prices {
	p := &Prices{table: table, operator: operator, due: map[string]time.Time{}, news: bell.New()}
	p.told.Store(&map[string]*tariff.Table{})
	return p
}

// Asked reports whether they are the operator's, who must be asked.
func (p *Prices) Asked() bool { return p != nil && p.operator }

// of is the price of one segment, and the decision that tells it.
func (p *Prices) of(country, family string) Price {
	if p == nil || p.table == nil && !p.operator {
		return Price{}
	}
	t := p.tableOf(country)
	segment, destination, _ := t.Segment(number.Parsed{Country: country, Family: family})
	return Price{segment, t.Reason(destination)}
}

// tableOf is the tariff for a country; nil: not known, or not yet. A country that the
// operator was not asked about is asked soon.
func (p *Prices) tableOf(country string) *tariff.Table {
	if !p.operator {
		return p.table
	}
	known := (*p.told.Load())[country]
	if known == nil && country != "" {
		p.want(country)
	}
	return known
}

func (p *Prices) want(country string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, wanted := p.due[country]; wanted {
		return
	}
	p.due[country] = time.Now()
	p.news.Ring()
}

// next is the country whose question is due first.
func (p *Prices) next() (country string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c, due := range p.due {
		if country == "" || cmp.Or(due.Compare(at), cmp.Compare(c, country)) < 0 {
			country, at = c, due
		}
	}
	return country, at
}

// put says when a country is asked again, and keeps what the operator said. nil: it
// could not be asked; what it said before stays.
func (p *Prices) put(country string, told *tariff.Table, again time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due[country] = time.Now().Add(again)
	if told == nil {
		return
	}
	known := maps.Clone(*p.told.Load())
	known[country] = told
	p.told.Store(&known)
}
