package ovh

import (
	"context"
	"time"
)

func (d *Door) creditsOf(ctx context.Context, s Settings) (float64, error) {
	if s.Connector == "" {
		return s.Credits, nil
	}
	record, err := d.Reader.Credit(ctx, s.Connector, d.Now())
	if err != nil {
		return 0, err
	}
	if record.At.IsZero() {
		return s.Credits, nil
	}
	return record.Amount, nil
}

// Credits are what an account's clients see as their credit.
func (d *Door) Credits(ctx context.Context, account string) (float64, error) {
	return d.creditsOf(ctx, d.Settings(account))
}

// minutes is a time in whole minutes, rounded up.
func minutes(d time.Duration) int64 { return int64((d + time.Minute - 1) / time.Minute) }
