package table

import (
	"context"
	"fmt"
	"time"

	"relais/credit"
	"relais/sms"
	"relais/webhook"
)

var _ credit.Store = Tables{}

// credits implements credit.Store.
type credits struct{ *runner }

const (
	upsertCredit = `INSERT INTO credit (connector, amount, unit, at, alerted_at, mailed_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (connector) DO UPDATE SET amount = excluded.amount, unit = excluded.unit, at = excluded.at,
			alerted_at = excluded.alerted_at, mailed_at = excluded.mailed_at`
	insertSample = "INSERT INTO credit_samples (connector, at, amount) VALUES ($1, $2, $3) ON CONFLICT DO " +
		"NOTHING"
	deleteSamples = "DELETE FROM credit_samples WHERE connector = $1 AND at < $2"
)

// Credit implements credit.Store.
func (t credits) Credit(ctx context.Context, connector string, since time.Time) (credit.Record, error) {
	r := credit.Record{Connector: connector}
	found, err := t.on(ctx).read("SELECT amount, unit, at, alerted_at, mailed_at FROM credit WHERE connector "+
		"= $1", []any{connector}, &r.Amount, &r.Unit, &r.At, &r.AlertedAt, &r.MailedAt)
	if err != nil {
		return r, fmt.Errorf("read a credit: %w", err)
	}
	if !found {
		return r, nil
	}
	err = t.on(ctx).query("SELECT at, amount FROM credit_samples WHERE connector = $1 AND at >= $2 ORDER BY at",
		[]any{connector, since}, func(scan Scan) error {
			var sample credit.Sample
			err := scan(&sample.At, &sample.Amount)
			r.Samples = append(r.Samples, sample)
			return err
		})
	if err != nil {
		return r, fmt.Errorf("read a credit: %w", err)
	}
	return r, nil
}

// KeepCredit implements credit.Store.
func (t credits) KeepCredit(ctx context.Context, r credit.Record, alert []byte) error {
	return t.transact(ctx, func(tx runs) error {
		if err := keepCredit(tx, &r); err != nil {
			return fmt.Errorf("store a credit: %w", err)
		}
		if alert == nil {
			return nil
		}
		_, err := tx.conn.Tell(Event{
			Type: webhook.CreditLow, Subject: sms.NewID(r.AlertedAt), At: r.AlertedAt, Data: alert,
		})
		return err
	})
}

func keepCredit(r runs, c *credit.Record) error {
	if err := r.do(upsertCredit, c.Connector, c.Amount, c.Unit, c.At, c.AlertedAt, c.MailedAt); err != nil {
		return err
	}
	if err := r.do(insertSample, c.Connector, c.At, c.Amount); err != nil {
		return err
	}
	return r.do(deleteSamples, c.Connector, c.At.Add(-credit.SampleLife))
}
