package sqlite

import (
	"context"
	"fmt"
	"time"

	"relais/inbox"
	"relais/lane"
	"relais/sms"
	"relais/store/table"
)

// Claim implements gateway.Store.
func (s *Store) Claim(ctx context.Context, c lane.Claim) (claimed lane.Claimed, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		due, err := lane.DueInTurns(queue{t, c}, c)
		if err != nil {
			return fmt.Errorf("read what is due at %s: %w", c.Connector, err)
		}
		claimed = lane.Claimed{}
		var live []sms.Message
		for _, m := range due {
			if !m.ExpiresAt.After(c.Now) {
				if _, err := t.expire(&m, c.Now); err != nil {
					return fmt.Errorf("expire a message: %w", err)
				}
				claimed.Expired++
				continue
			}
			stopped, err := t.stopMarketing(&m, c.Now)
			if err != nil {
				return fmt.Errorf("look for an opt-out: %w", err)
			}
			if stopped {
				claimed.OptedOut++
				continue
			}
			live = append(live, m)
		}
		claimed.Calls, claimed.Short = lane.FillCalls(live, c)
		if err := t.markSubmitting(claimed.Calls, c); err != nil {
			return fmt.Errorf("claim for %s: %w", c.Connector, err)
		}
		claimed.Next = c.Now
		if len(claimed.Calls) == 0 {
			claimed.Next, err = nextDue(t, c.Connector)
		}
		return err
	})
	if err != nil {
		return lane.Claimed{}, err // the transaction was taken back, and its claims with it
	}
	return claimed, nil
}

// stopMarketing rejects marketing to somebody who said STOP since it was
// accepted.
func (t *tx) stopMarketing(m *sms.Message, now time.Time) (stopped bool, err error) {
	if !inbox.HoldsBack(m.Class) {
		return false, nil
	}
	out, found, err := t.optedOut(m)
	if err != nil || !found {
		return false, err
	}
	return t.apply(out.Hold(m, now))
}

func (t *tx) markSubmitting(calls [][]sms.Message, c lane.Claim) error {
	by := sms.LaneActor(c.Connector)
	for _, call := range calls {
		for i := range call {
			m := &call[i]
			m.Status, m.Attempt, m.UpdatedAt = sms.Submitting, m.Attempt+1, c.Now
			line := table.Line(&sms.Event{
				At: c.Now, Status: sms.Submitting, Actor: by, Code: sms.CodeAttempt, Attempt: m.Attempt,
			})
			if err := t.exec(`UPDATE messages SET status = 'submitting', reason = 'attempt', attempt = ?,
				updated_at = ?, `+addLine+` WHERE account = ? AND id = ?`, m.Attempt, micros(c.Now), line, m.Account,
				m.ID[:]); err != nil {
				return err
			}
		}
	}
	return nil
}
