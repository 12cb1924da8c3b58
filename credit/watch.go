package credit

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"relais/connector"
	"relais/duty"
)

// Options make a Watch.
type Options struct {
	Store       Store
	Every       time.Duration // between two readings; 0: credit is not read
	RemindEvery time.Duration // between two alerts, until the credit recovers
	// Mail tells people of an alert; nil: nobody has an address.
	Mail    func(ctx context.Context, alert Alert) error
	Told    func() // called after something was put in the outbox
	Metrics *Metrics
	Log     *slog.Logger
	Now     func() time.Time
}

// Watch reads the credit of connectors, and tells people when it runs out.
type Watch struct{ Options }

// New makes a Watch.
func New(o Options) *Watch {
	if o.Told == nil {
		o.Told = func() {}
	}
	return &Watch{o}
}

// Purse is the credit at one connector.
type Purse struct {
	Connector string
	Threshold *float64 // below it people are told; nil: never
	Balance   func(context.Context) (connector.Balance, error)
	// Keep is told of each reading that was stored.
	Keep func(*Record)
}

// Chores reads a purse again and again. There are none when credit is not read, or
// w is nil.
func (w *Watch) Chores(p Purse) []duty.Chore {
	if w == nil {
		return nil
	}
	if p.Threshold != nil {
		w.Metrics.watch(p.Connector, *p.Threshold)
	}
	if w.Every <= 0 {
		return nil
	}
	return []duty.Chore{{
		Name: "credit", Every: max(time.Second, w.Every), AtOnce: true,
		Work: func(ctx context.Context) {
			if err := w.read(ctx, &p); err != nil && ctx.Err() == nil {
				w.Log.Warn("the credit could not be read", "connector", p.Connector, "error", err)
			}
		},
	}}
}

func (w *Watch) read(ctx context.Context, p *Purse) error {
	balance, err := p.Balance(ctx)
	if err != nil {
		return err
	}
	record, err := w.Store.Credit(ctx, p.Connector, w.Now().Add(-burnWindow))
	if err != nil {
		return err
	}
	record.Connector, record.Balance = p.Connector, balance
	record.Samples = append(record.Samples, Sample{At: balance.At, Amount: balance.Amount})
	alert := w.judge(&record, p.Threshold)
	if err := w.store(ctx, record, alert); err != nil {
		return err
	}
	p.Keep(&record)
	w.Metrics.show(&record)
	return w.mail(ctx, record, p.Threshold)
}

// judge decides whether an alert goes out: once below the threshold, and again each
// RemindEvery until the credit recovers.
func (w *Watch) judge(r *Record, threshold *float64) *Alert {
	now := w.Now()
	switch {
	case threshold == nil, r.Amount >= *threshold:
		r.AlertedAt, r.MailedAt = time.Time{}, time.Time{}
		return nil
	case !r.AlertedAt.IsZero() && now.Sub(r.AlertedAt) < w.RemindEvery:
		return nil
	}
	r.AlertedAt, r.MailedAt = now, time.Time{}
	alert := alertOf(r, *threshold)
	w.Log.Warn("credit is low",
		"connector", r.Connector, "amount", r.Amount, "unit", r.Unit, "threshold", *threshold)
	return &alert
}

func (w *Watch) store(ctx context.Context, r Record, alert *Alert) error {
	if alert == nil {
		return w.Store.KeepCredit(ctx, r, nil)
	}
	data, err := json.Marshal(alert)
	if err != nil {
		return err
	}
	if err := w.Store.KeepCredit(ctx, r, data); err != nil {
		return err
	}
	w.Told()
	return nil
}

// mail sends the mail of an alert that is out, until the server takes it.
func (w *Watch) mail(ctx context.Context, r Record, threshold *float64) error {
	if w.Mail == nil || r.AlertedAt.IsZero() || !r.MailedAt.IsZero() {
		return nil
	}
	if err := w.Mail(ctx, alertOf(&r, *threshold)); err != nil {
		return err
	}
	r.MailedAt = w.Now()
	return w.Store.KeepCredit(ctx, r, nil)
}
