package terms

import (
	"context"
	"log/slog"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/tariff"
)

// PricesEvery is how often a price that an operator told is asked again.
const PricesEvery = 24 * time.Hour

const (
	tariffRetry = time.Minute // after a question that failed; doubled up to tariffWait
	tariffWait  = time.Hour
)

// PriceReading asks an operator for its prices: of France at the start, of another
// country after the first message there, of each again every day.
type PriceReading struct {
	Connector string
	Prices    *Prices // of OperatorPrices
	Currency  string  // that the gateway counts in
	Ask       func(ctx context.Context, country string) (connector.Price, error)
	Log       *slog.Logger
	Now       func() time.Time
}

// Run asks until ctx ends.
func (r *PriceReading) Run(ctx context.Context) {
	retry := tariffRetry
	for {
		country, err := r.await(ctx)
		if err != nil {
			return
		}
		told, err := r.ask(ctx, country)
		if err == nil {
			retry = tariffRetry
			r.Prices.put(country, told, PricesEvery)
			continue
		}
		if ctx.Err() != nil {
			return
		}
		r.Log.Warn("a price could not be read", "connector", r.Connector, "country", country, "error", err)
		r.Prices.put(country, nil, retry)
		if duty.Sleep(ctx, retry) != nil { // the next country would most likely fail too
			return
		}
		retry = min(2*retry, tariffWait)
	}
}

// await waits until the question about a country is due.
func (r *PriceReading) await(ctx context.Context) (country string, err error) {
	for {
		country, at := r.Prices.next()
		wait := time.Until(at)
		if wait <= 0 {
			return country, ctx.Err()
		}
		if _, err := r.Prices.news.WaitAtMost(ctx, wait); err != nil { // a new country is due sooner
			return "", err
		}
	}
}

// ask asks for one price. One in another currency cannot be added to the others, so that
// it counts as none.
func (r *PriceReading) ask(ctx context.Context, country string) (*tariff.Table, error) {
	price, err := r.Ask(ctx, country)
	if err != nil {
		return nil, err
	}
	if price.Segment > 0 && price.Currency != r.Currency {
		r.Log.Warn("the operator has its prices in another currency than this gateway; they are not used",
			"connector", r.Connector, "country", country, "currency", price.Currency, "wanted", r.Currency)
		price = connector.Price{}
	}
	return tariff.Told(country, r.Currency, price.Segment, r.Now()), nil
}
