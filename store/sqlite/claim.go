package sqlite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"relais/inbox"
	"relais/lane"
	"relais/sms"
	"relais/store/table"
)

// Claim implements gateway.Store.
func (s *Store) Claim(ctx context.Context, c lane.Claim) (claimed lane.Claimed, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		due, err := t.due(c)
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
			claimed.Next, err = t.nextDue(c.Connector)
		}
		return err
	})
	if err != nil {
		return lane.Claimed{}, err // the transaction was taken back, and its claims with it
	}
	return claimed, nil
}

// due reads what a claim may take. Messages that have their rows and young ones take turns.
func (t *tx) due(c lane.Claim) ([]sms.Message, error) {
	q := queue{t, c}
	waiting := t.young.queued[c.Connector]
	if len(waiting) == 0 {
		return lane.DueInTurns(q, c)
	}
	ends, err := q.Ends()
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(ends, func(e lane.Ends) bool { return e != lane.Ends{} }) {
		return lane.DueInTurns(newYoungQueue(waiting), c)
	}
	return lane.DueInTurns(mixed(q, newYoungQueue(waiting), ends), c)
}

func (t *tx) nextDue(connector string) (time.Time, error) {
	if err := t.writeQueued(connector); err != nil {
		return time.Time{}, err
	}
	return nextDue(t, connector)
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
			e := &sms.Event{
				At: c.Now, Status: sms.Submitting, Actor: by, Code: sms.CodeAttempt, Attempt: m.Attempt,
			}
			if y := t.young.byID[m.ID]; y != nil {
				t.attempt(y, m, e)
				continue
			}
			if err := t.rows.exec(`UPDATE messages SET status = 'submitting', reason = 'attempt', attempt = ?,
				updated_at = ?, `+addLine+` WHERE account = ? AND id = ?`, m.Attempt, micros(c.Now), table.Line(e), m.Account,
				m.ID[:]); err != nil {
				return err
			}
		}
	}
	return nil
}
