package gateway

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/tariff"
)

const (
	tariffLife  = 24 * time.Hour // of a price that an operator told
	tariffRetry = time.Minute    // after a question that failed; doubled up to tariffWait
	tariffWait  = time.Hour
)

// firstCountry is asked before a message goes there: it is where most go.
const firstCountry = "FR"

// prices are those of one lane. An accept reads them and waits for nobody.
type prices struct {
	table    *tariff.Table // of a file; nil: none
	operator bool          // the operator is asked

	told atomic.Pointer[map[string]*tariff.Table] // by country

	mu   sync.Mutex
	due  map[string]time.Time // when each country is asked next, by the monotonic clock
	news chan struct{}        // a country is new
}

func newPrices(i Instance) *prices {
	p := &prices{table: i.Tariff, operator: i.TariffOfOperator, due: map[string]time.Time{}, news: make(chan struct{}, 1)}
	p.told.Store(&map[string]*tariff.Table{})
	if p.operator {
		p.due[firstCountry] = time.Now()
	}
	return p
}

// none tells whether the lane has no tariff at all.
func (p *prices) none() bool { return p.table == nil && !p.operator }

// of is the tariff for a country; nil: not known, or not yet. A country that the
// operator was not asked about is asked soon.
func (p *prices) of(country string) *tariff.Table {
	if !p.operator {
		return p.table
	}
	known := (*p.told.Load())[country]
	if known == nil && country != "" {
		p.want(country)
	}
	return known
}

func (p *prices) want(country string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, wanted := p.due[country]; wanted {
		return
	}
	p.due[country] = time.Now()
	select {
	case p.news <- struct{}{}:
	default:
	}
}

// next is the country whose question is due first.
func (p *prices) next() (country string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c, due := range p.due {
		if country == "" || due.Before(at) || due.Equal(at) && c < country {
			country, at = c, due
		}
	}
	return country, at
}

// put says when a country is asked again, and keeps what the operator said. nil: it
// could not be asked; what it said before stays.
func (p *prices) put(country string, told *tariff.Table, again time.Duration) {
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

// watchTariff asks an operator for its prices, until ctx ends: of France at the
// start, of another country after the first message there, of each again every day.
// It runs on every node, for each of them accepts messages.
func (g *Gateway) watchTariff(ctx context.Context, l *lane) {
	failures := 0
	for {
		country, at := l.prices.next()
		if wait := time.Until(at); wait > 0 {
			if l.prices.await(ctx, wait) != nil {
				return
			}
			continue
		}
		told, err := g.askTariff(ctx, l, country)
		if err == nil {
			failures = 0
			l.prices.put(country, told, tariffLife)
			continue
		}
		if ctx.Err() != nil {
			return
		}
		g.log.Warn("a price could not be read", "connector", l.name, "country", country, "error", err)
		wait := doubled(tariffRetry, failures, tariffWait)
		failures++
		l.prices.put(country, nil, wait)
		if duty.Sleep(ctx, wait) != nil { // the next country would most likely fail too
			return
		}
	}
}

// await waits for a time, or for a country that is new.
func (p *prices) await(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-p.news:
		return nil
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// askTariff asks for one price. One in another currency cannot be added to the
// others: it is as good as none.
func (g *Gateway) askTariff(ctx context.Context, l *lane, country string) (*tariff.Table, error) {
	asking, cancel := context.WithTimeout(ctx, l.facts.Timeout)
	defer cancel()
	price, err := l.caps.Tariffer.Tariff(l.paced(asking), country)
	if err != nil {
		return nil, err
	}
	if price.Segment > 0 && price.Currency != g.currency {
		g.log.Warn("the operator has its prices in another currency than this gateway; they are not used",
			"connector", l.name, "country", country, "currency", price.Currency, "wanted", g.currency)
		price = connector.Price{}
	}
	return tariff.Told(country, g.currency, price.Segment, g.now()), nil
}
