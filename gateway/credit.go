package gateway

import (
	"context"
	"encoding/json"
	"time"

	"relais/connector"
	"relais/lane"
)

// CreditRecord is what is known of a connector's credit.
type CreditRecord struct {
	Connector string
	connector.Balance
	AlertedAt time.Time // zero: no alert is out
	MailedAt  time.Time // zero: the alert's mail has not gone
	Samples   []CreditSample
}

// CreditSample is an earlier reading.
type CreditSample struct {
	At     time.Time
	Amount float64
}

// SampleLife is how long a store keeps a reading.
const SampleLife = 7 * 24 * time.Hour

// CreditOptions say how credit is watched.
type CreditOptions struct {
	Every       time.Duration // between two readings
	RemindEvery time.Duration // between two alerts, until the credit recovers
	// Mail tells people of an alert; nil: nobody has an address.
	Mail func(ctx context.Context, alert CreditAlert) error
}

// CreditAlert is what people and callers are told of credit that runs out.
type CreditAlert struct {
	Connector  string     `json:"connector"`
	Amount     float64    `json:"amount"`
	Unit       string     `json:"unit"`
	Threshold  float64    `json:"threshold"`
	BurnPerDay float64    `json:"burn_per_day,omitempty" doc:"what went in the last day, or as long as is known"`
	EmptyAt    *time.Time `json:"empty_at,omitempty" doc:"when it will be used up at that rate"`
	At         time.Time  `json:"at"`
}

// burnWindow is how far back the rate looks.
const burnWindow = 24 * time.Hour

// burn is how much credit goes in an hour, by the samples of the last day. A
// rise is a top-up and no negative use.
func burn(samples []CreditSample) (perHour float64) {
	if len(samples) < 2 {
		return 0
	}
	used := 0.0
	for i := 1; i < len(samples); i++ {
		used += max(0, samples[i-1].Amount-samples[i].Amount)
	}
	hours := samples[len(samples)-1].At.Sub(samples[0].At).Hours()
	if hours <= 0 {
		return 0
	}
	return used / hours
}

// Forecast is when the credit is used up at the rate of the last day; zero when
// it does not go down.
func (c *CreditRecord) Forecast() (perDay float64, emptyAt time.Time) {
	perHour := burn(c.Samples)
	if perHour <= 0 {
		return 0, time.Time{}
	}
	left := time.Duration(min(c.Amount/perHour, 24*365*10) * float64(time.Hour))
	return perHour * 24, c.At.Add(left)
}

// watchCredit reads a connector's balance.
func (g *Gateway) watchCredit(ctx context.Context, l *lane.Lane) {
	if err := g.readCredit(ctx, l); err != nil && ctx.Err() == nil {
		g.log.Warn("the credit could not be read", "connector", l.Name, "error", err)
	}
}

func (g *Gateway) readCredit(ctx context.Context, l *lane.Lane) error {
	balance, err := l.Guard.Balance(l.Paced(ctx))
	if err != nil {
		return err
	}
	record, err := g.store.Credit(ctx, l.Name, g.now().Add(-burnWindow))
	if err != nil {
		return err
	}
	record.Connector, record.Balance = l.Name, balance
	record.Samples = append(record.Samples, CreditSample{At: balance.At, Amount: balance.Amount})
	alert := g.judgeCredit(&record, l.CreditAlert())
	if err := g.keepCredit(ctx, record, alert); err != nil {
		return err
	}
	perDay, emptyAt := record.Forecast()
	l.KeepBalance(record.Balance, perDay, emptyAt)
	g.metrics.setCredit(&record)
	return g.mailCredit(ctx, record, l.CreditAlert())
}

// judgeCredit decides whether an alert goes out: once below the threshold, and
// again each RemindEvery until the credit recovers.
func (g *Gateway) judgeCredit(r *CreditRecord, threshold *float64) *CreditAlert {
	now := g.now()
	switch {
	case threshold == nil, r.Amount >= *threshold:
		r.AlertedAt, r.MailedAt = time.Time{}, time.Time{}
		return nil
	case !r.AlertedAt.IsZero() && now.Sub(r.AlertedAt) < g.credit.RemindEvery:
		return nil
	}
	r.AlertedAt, r.MailedAt = now, time.Time{}
	alert := alertOf(r, *threshold)
	g.log.Warn("credit is low", "connector", r.Connector, "amount", r.Amount, "unit", r.Unit, "threshold", *threshold)
	return &alert
}

func alertOf(r *CreditRecord, threshold float64) CreditAlert {
	a := CreditAlert{
		Connector: r.Connector, Amount: r.Amount, Unit: r.Unit, Threshold: threshold, At: r.AlertedAt.UTC(),
	}
	perDay, empty := r.Forecast()
	if a.BurnPerDay = perDay; !empty.IsZero() {
		empty = empty.UTC()
		a.EmptyAt = &empty
	}
	return a
}

func (g *Gateway) keepCredit(ctx context.Context, r CreditRecord, alert *CreditAlert) error {
	if alert == nil {
		return g.store.KeepCredit(ctx, r, nil)
	}
	data, err := json.Marshal(alert)
	if err != nil {
		return err
	}
	if err := g.store.KeepCredit(ctx, r, data); err != nil {
		return err
	}
	g.told()
	return nil
}

// mailCredit sends the mail of an alert that is out, until the server takes it.
func (g *Gateway) mailCredit(ctx context.Context, r CreditRecord, threshold *float64) error {
	if g.credit.Mail == nil || r.AlertedAt.IsZero() || !r.MailedAt.IsZero() {
		return nil
	}
	if err := g.credit.Mail(ctx, alertOf(&r, *threshold)); err != nil {
		return err
	}
	r.MailedAt = g.now()
	return g.store.KeepCredit(ctx, r, nil)
}
