package sqlite

import (
	"context"
	"fmt"
	"time"

	"relais/gateway"
	"relais/sms"
)

// Claim implements gateway.Store.
func (s *Store) Claim(ctx context.Context, c gateway.Claim) (claimed gateway.Claimed, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		due, err := t.due(c)
		if err != nil {
			return fmt.Errorf("read what is due at %s: %w", c.Connector, err)
		}
		claimed = gateway.Claimed{}
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
		claimed.Calls, claimed.Short = gateway.Pack(live, c)
		if err := t.markSubmitting(claimed.Calls, c); err != nil {
			return fmt.Errorf("claim for %s: %w", c.Connector, err)
		}
		claimed.Next, err = t.nextDue(c.Connector)
		return err
	})
	if err != nil {
		return gateway.Claimed{}, err // the transaction was taken back, and its claims with it
	}
	return claimed, nil
}

// stopMarketing rejects marketing to somebody who said STOP since it was
// accepted.
func (t *tx) stopMarketing(m *sms.Message, now time.Time) (stopped bool, err error) {
	if m.Class != sms.Marketing {
		return false, nil
	}
	out, found, err := t.optedOut(m)
	if err != nil || !found {
		return false, err
	}
	return t.apply(gateway.OptedOut(m, out, now))
}

const selectDue = `SELECT m.account, m.id, m.submission, m.recipient, m.segments, m.attempt, m.solo, m.due_at, m.expires_at,
		s.text, s.sender, s.class, s.encoding, m.reference, s.accepted_at, m.routes, m.chance, coalesce(s.trace, ''), m.price
	FROM messages m JOIN submissions s ON s.account = m.account AND s.id = m.submission
	WHERE m.status = 'queued' AND m.connector = ? AND m.priority = ? AND m.due_at <= ?
	ORDER BY m.due_at LIMIT +?` // the plus: SQLite would plan anew for each limit

// priorities are asked for one by one: a far date at a high priority must not
// be walked through to reach what is due at a lower one.
var priorities = func() (all []int) {
	for _, class := range sms.Classes {
		all = append(all, class.Priority())
	}
	return all
}()

func (t *tx) due(c gateway.Claim) ([]sms.Message, error) {
	want := c.Calls * c.Batch
	var due []sms.Message
	for _, priority := range priorities {
		if len(due) == want {
			break
		}
		more, err := t.dueAt(c, priority, want-len(due))
		if err != nil {
			return nil, err
		}
		due = append(due, more...)
	}
	return due, nil
}

func (t *tx) dueAt(c gateway.Claim, priority, limit int) ([]sms.Message, error) {
	rows, err := t.query(selectDue, c.Connector, priority, micros(c.Now), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var due []sms.Message
	for rows.Next() {
		m := sms.Message{Connector: c.Connector, Status: sms.Queued}
		var id, submission []byte
		var dueAt, expiresAt, acceptedAt, chance int64
		var routes string
		if err := rows.Scan(&m.Account, &id, &submission, &m.To, &m.Segments, &m.Attempt, &m.Solo, &dueAt, &expiresAt,
			&m.Text, &m.Sender, &m.Class, &m.Encoding, &m.Reference, &acceptedAt, &routes, &chance, &m.Trace, &m.Price); err != nil {
			return nil, err
		}
		if m.ID, err = idOf(id); err != nil {
			return nil, err
		}
		if m.Submission, err = idOf(submission); err != nil {
			return nil, err
		}
		m.Routes, m.Chance = split(routes), time.Duration(chance)*time.Microsecond
		m.DueAt, m.ExpiresAt, m.AcceptedAt = fromMicros(dueAt), fromMicros(expiresAt), fromMicros(acceptedAt)
		due = append(due, m)
	}
	return due, rows.Err()
}

func (t *tx) markSubmitting(calls [][]sms.Message, c gateway.Claim) error {
	for _, call := range calls {
		for i := range call {
			m := &call[i]
			m.Status, m.Attempt, m.UpdatedAt = sms.Submitting, m.Attempt+1, c.Now
			if err := t.exec(`UPDATE messages SET status = 'submitting', reason = 'attempt', attempt = ?, updated_at = ?
				WHERE account = ? AND id = ?`, m.Attempt, micros(c.Now), m.Account, m.ID[:]); err != nil {
				return err
			}
			if err := t.insertEvent(m.Account, m.ID, &sms.Event{
				At: c.Now, Status: sms.Submitting, Actor: "lane:" + c.Connector, Code: "attempt", Attempt: m.Attempt,
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// selectNext reads the head of each priority's part of the index.
const selectNext = `SELECT coalesce(min(head), 0) FROM (
	SELECT min(due_at) AS head FROM messages WHERE status = 'queued' AND connector = ?1 AND priority = 0 UNION ALL
	SELECT min(due_at) FROM messages WHERE status = 'queued' AND connector = ?1 AND priority = 1 UNION ALL
	SELECT min(due_at) FROM messages WHERE status = 'queued' AND connector = ?1 AND priority = 2)`

func (t *tx) nextDue(connector string) (time.Time, error) {
	var next int64
	if err := t.queryRow(selectNext, []any{connector}, &next); err != nil {
		return time.Time{}, fmt.Errorf("read when %s has work next: %w", connector, err)
	}
	return fromMicros(next), nil
}
