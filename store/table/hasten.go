package table

import (
	"context"
	"fmt"
	"strings"
	"time"

	"relais/duty"
	"relais/lane"
	"relais/webhook"
)

// hastening makes due what a clock that ran ahead put off.
type hastening struct{ *runner }

// hastenDoubts goes by the wait itself: a question that is put off leaves the time at which
// its message was last changed as it is.
var hastenDoubts = `UPDATE messages INDEXED BY messages_waiting SET ask_at = $1
		WHERE status = 'uncertain' AND ask_at > $1 AND ask_at > $2 + ` + askPause()

// askPause is the wait before the next question about a message, in microseconds.
func askPause() string {
	pauses := lane.AskPauses()
	var b strings.Builder
	b.WriteString("CASE asks")
	for asks, pause := range pauses[:len(pauses)-1] {
		fmt.Fprintf(&b, " WHEN %d THEN %d", asks, pause.Microseconds())
	}
	fmt.Fprintf(&b, " ELSE %d END", pauses[len(pauses)-1].Microseconds())
	return b.String()
}

const (
	// An endpoint that failed for hours by the clock, and for a moment in truth.
	hastenProbes = "UPDATE endpoints SET probe_at = $1 WHERE state = 'quarantined' AND probe_at > $2"
	// A first attempt is due when its event happened.
	hastenDeliveries = `UPDATE deliveries INDEXED BY deliveries_pending SET next_at = $1
		WHERE (account, endpoint) IN (SELECT account, id FROM endpoints) AND state = 'pending' AND next_at > $2
			AND (attempts = 0 OR last_at > $2)`
)

// Hasten implements gateway.Store.
func (t hastening) Hasten(ctx context.Context, now time.Time) error {
	ahead := now.Add(duty.ClockSlack)
	return t.transact(ctx, func(tx runs) error {
		err := tx.do(hastenDoubts, now, ahead)
		if err == nil {
			err = tx.do(hastenProbes, now, ahead.Add(webhook.LongestProbe))
		}
		if err == nil {
			err = tx.do(hastenDeliveries, now, ahead)
		}
		if err != nil {
			return fmt.Errorf("let go what a clock that ran ahead put off: %w", err)
		}
		return nil
	})
}
