package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"relais/credit"
	"relais/sms"
	"relais/webhook"
)

// Credit implements gateway.Store.
func (s *Store) Credit(ctx context.Context, connector string, since time.Time) (credit.Record, error) {
	r := credit.Record{Connector: connector}
	var at, alerted, mailed int64
	err := s.readers.QueryRowContext(ctx,
		"SELECT amount, unit, at, alerted_at, mailed_at FROM credit WHERE connector = ?", connector).
		Scan(&r.Amount, &r.Unit, &at, &alerted, &mailed)
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("read a credit: %w", explain(err))
	}
	r.At, r.AlertedAt, r.MailedAt = fromMicros(at), fromMicros(alerted), fromMicros(mailed)
	rows, err := s.readers.QueryContext(ctx,
		"SELECT at, amount FROM credit_samples WHERE connector = ? AND at >= ? ORDER BY at",
		connector, micros(since))
	if err != nil {
		return r, fmt.Errorf("read a credit: %w", explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		var sample credit.Sample
		if err := rows.Scan(&at, &sample.Amount); err != nil {
			return r, fmt.Errorf("read a credit: %w", err)
		}
		sample.At = fromMicros(at)
		r.Samples = append(r.Samples, sample)
	}
	return r, rows.Err()
}

// KeepCredit implements credit.Store.
func (s *Store) KeepCredit(ctx context.Context, r credit.Record, alert []byte) error {
	return s.commits.do(ctx, func(t *tx) error {
		if err := t.exec(`INSERT INTO credit (connector, amount, unit, at, alerted_at, mailed_at)
			VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET amount = excluded.amount, unit = excluded.unit, at = excluded.at,
				alerted_at = excluded.alerted_at, mailed_at = excluded.mailed_at`,
			r.Connector, r.Amount, r.Unit, micros(r.At), micros(r.AlertedAt), micros(r.MailedAt)); err != nil {
			return fmt.Errorf("store a credit: %w", err)
		}
		if err := t.exec("INSERT INTO credit_samples (connector, at, amount) VALUES (?, ?, ?) ON CONFLICT DO "+
			"NOTHING",
			r.Connector, micros(r.At), r.Amount); err != nil {
			return fmt.Errorf("store a credit: %w", err)
		}
		if err := t.exec("DELETE FROM credit_samples WHERE connector = ? AND at < ?", r.Connector,
			micros(r.At.Add(-credit.SampleLife))); err != nil {
			return fmt.Errorf("store a credit: %w", err)
		}
		if alert == nil {
			return nil
		}
		_, err := t.tell(told{
			kind: webhook.CreditLow, subject: sms.NewID(r.AlertedAt), at: r.AlertedAt,
			data: alert,
		})
		return err
	})
}

// TellAll implements gateway.Store.
func (s *Store) TellAll(ctx context.Context, kind string, subject sms.ID, at time.Time, data []byte) error {
	return s.commits.do(ctx, func(t *tx) error {
		_, err := t.tell(told{kind: webhook.Type(kind), subject: subject, at: at, data: data})
		return err
	})
}
