package sqlite

import (
	"context"
	"fmt"
	"time"

	"relais/lane"
	"relais/sms"
	"relais/store/table"
	"relais/webhook"
)

// Settle implements gateway.Store.
func (s *Store) Settle(ctx context.Context, transitions []sms.Transition) (settled lane.Settled, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		settled, t.received = lane.Settled{}, nil
		for i := range transitions {
			done, err := t.apply(&transitions[i])
			if err != nil {
				return fmt.Errorf("settle a message: %w", err)
			}
			if !done {
				continue
			}
			settled.Applied++
			if err := journal.Settled(ctx, inside{t}, &transitions[i]); err != nil {
				return err
			}
		}
		settled.Received = t.received
		return nil
	})
	return settled, err
}

// updateMessage has a plus: no index is meant, so no plan anew for each status.
const updateMessage = `UPDATE messages SET status = ?, reason = ?, attempt = attempt - ?, solo = max(solo, ?),
		provider_id = coalesce(?, provider_id), due_at = coalesce(?, due_at), due_minute = coalesce(?, due_minute),
		updated_at = ?, connector = coalesce(?, connector), price = coalesce(?, price),
		submitted_at = coalesce(submitted_at, ?), receipt_by = ?, ask_at = ?, asks = 0,
		operator_code = coalesce(?, operator_code), operator_text = coalesce(?, operator_text), ` + addLine + `
	WHERE account = ? AND id = ? AND +status = ? AND attempt = ? AND coalesce(?, reason) = reason`

// apply moves one message, if it still stands where the transition starts.
func (t *tx) apply(tr *sms.Transition) (bool, error) {
	if err := tr.Check(); err != nil {
		return false, err
	}
	if m := t.young.byID[tr.ID]; m != nil {
		if t.follows(tr) {
			return t.age(m, tr)
		}
		if err := t.write(m); err != nil {
			return false, err
		}
	}
	refund := 0
	if tr.Refund {
		refund = 1
	}
	// NULL keeps what is there.
	var submitted any
	if tr.To == sms.Submitted || tr.To == sms.Delivered {
		submitted = micros(tr.Event.At)
	}
	var connector, price, minute any
	if !tr.DueAt.IsZero() {
		minute = lane.DueMinute(tr.DueAt, tr.Event.At)
	}
	if tr.Connector != "" {
		connector, price = tr.Connector, int64(tr.Price)
	}
	changed, err := t.rows.execCount(updateMessage,
		string(tr.To), tr.Event.Code, refund, tr.Solo, textOrNull(tr.ProviderID), timeOrNull(tr.DueAt), minute,
		micros(tr.Event.At), connector, price, submitted, timeOrNull(tr.ReceiptBy), timeOrNull(tr.AskAt),
		textOrNull(tr.Event.OperatorCode), textOrNull(tr.Event.OperatorText), table.Line(&tr.Event),
		tr.Account, tr.ID[:], string(tr.From), tr.Attempt, textOrNull(tr.FromReason))
	if err != nil || changed == 0 {
		return false, err
	}
	if kind := webhook.OfStatus(tr.To); kind != "" {
		e := table.Event{Account: tr.Account, Type: kind, Subject: tr.ID, At: tr.Event.At}
		if _, err := t.tell(e); err != nil {
			return false, err
		}
	}
	if tr.ProviderID == "" || tr.To.Final() {
		return true, nil
	}
	return true, t.takeEarly(tr)
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func timeOrNull(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return micros(at)
}

// addLine puts an event behind the others of its message.
const addLine = "timeline = timeline || ?, events = events + 1"

const addEvent = "UPDATE messages SET " + addLine + " WHERE account = ? AND id = ?"

func (t *tx) addEvent(account string, id sms.ID, e *sms.Event) error {
	return t.exec(addEvent, table.Line(e), account, id[:])
}

// What waits is read through the index of what waits alone.
const (
	selectStale = `SELECT account, id, attempt FROM messages WHERE status = 'queued' AND expires_at <= ?
		LIMIT ?`
	selectSubmitting = `SELECT account, id, attempt FROM messages WHERE status = 'submitting' AND (?1 = ''
		OR connector = ?1) LIMIT ?2`
)

// sweepSize bounds one Expire or one step of Recover.
const sweepSize = 1000

// Expire implements gateway.Store. It reads only the index of what waits.
func (s *Store) Expire(ctx context.Context, now time.Time) (int, error) {
	stale, err := s.waiting(ctx, selectStale, micros(now), sweepSize)
	if err != nil || len(stale) == 0 {
		return 0, err
	}
	expired := 0
	err = s.commits.do(ctx, func(t *tx) error {
		expired = 0
		for i := range stale {
			done, err := t.expire(&stale[i], now)
			if err != nil {
				return fmt.Errorf("expire a message: %w", err)
			}
			if done {
				expired++
			}
		}
		return nil
	})
	return expired, err
}

func (t *tx) expire(m *sms.Message, now time.Time) (bool, error) {
	expiry := lane.Expired(*m, now)
	return t.apply(&expiry)
}

// Recover implements gateway.Store.
func (s *Store) Recover(ctx context.Context, connector string, now time.Time) (int, error) {
	total := 0
	for {
		left, err := s.waiting(ctx, selectSubmitting, connector, sweepSize)
		if err != nil || len(left) == 0 {
			return total, err
		}
		transitions := make([]sms.Transition, len(left))
		for i, m := range left {
			transitions[i] = lane.Crashed(m, now)
		}
		settled, err := s.Settle(ctx, transitions)
		if err != nil {
			return total, err
		}
		total += settled.Applied
	}
}

func (s *Store) waiting(ctx context.Context, query string, args ...any) ([]sms.Message, error) {
	if err := s.commits.settle(ctx, query); err != nil {
		return nil, err
	}
	rows, err := s.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read what waits: %w", explain(err))
	}
	defer rows.Close()
	var found []sms.Message
	for rows.Next() {
		var m sms.Message
		var id []byte
		if err := rows.Scan(&m.Account, &id, &m.Attempt); err != nil {
			return nil, fmt.Errorf("read what waits: %w", err)
		}
		if m.ID, err = idOf(id); err != nil {
			return nil, err
		}
		found = append(found, m)
	}
	return found, rows.Err()
}
