package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/credit"
	"relais/sms"
	"relais/webhook"
)

// Credit implements gateway.Store.
func (s *Store) Credit(ctx context.Context, connector string, since time.Time) (credit.Record, error) {
	r := credit.Record{Connector: connector}
	var at, alerted, mailed int64
	err := s.pool.QueryRow(ctx, "SELECT amount, unit, at, alerted_at, mailed_at FROM credit WHERE connector = "+
		"$1", connector).
		Scan(&r.Amount, &r.Unit, &at, &alerted, &mailed)
	if none(err) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("read a credit: %w", explain(err))
	}
	r.At, r.AlertedAt, r.MailedAt = fromMicros(at), fromMicros(alerted), fromMicros(mailed)
	rows, err := s.pool.Query(ctx, "SELECT at, amount FROM credit_samples WHERE connector = $1 AND at >= $2 "+
		"ORDER BY at", connector, micros(since))
	samples, err := collect(rows, err, func(row row) (c credit.Sample, err error) {
		var at int64
		err = row.Scan(&at, &c.Amount)
		c.At = fromMicros(at)
		return c, err
	})
	if err != nil {
		return r, fmt.Errorf("read a credit: %w", err)
	}
	if len(samples) > 0 {
		r.Samples = samples
	}
	return r, nil
}

// KeepCredit implements credit.Store.
func (s *Store) KeepCredit(ctx context.Context, r credit.Record, alert []byte) error {
	err := s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`INSERT INTO credit (connector, amount, unit, at, alerted_at, mailed_at)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (connector) DO UPDATE SET amount = excluded.amount, unit = excluded.unit, at = excluded.at,
				alerted_at = excluded.alerted_at, mailed_at = excluded.mailed_at`,
			r.Connector, r.Amount, r.Unit, micros(r.At), micros(r.AlertedAt), micros(r.MailedAt))
		batch.Queue("INSERT INTO credit_samples (connector, at, amount) VALUES ($1, $2, $3) ON CONFLICT DO "+
			"NOTHING", r.Connector, micros(r.At), r.Amount)
		batch.Queue("DELETE FROM credit_samples WHERE connector = $1 AND at < $2", r.Connector,
			micros(r.At.Add(-credit.SampleLife)))
		if err := tx.SendBatch(ctx, batch).Close(); err != nil || alert == nil {
			return err
		}
		_, err := tell(ctx, tx, 1, told{
			kind: webhook.CreditLow, subject: sms.NewID(r.AlertedAt), at: r.AlertedAt,
			data: alert,
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("store a credit: %w", err)
	}
	return nil
}
