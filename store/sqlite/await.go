package sqlite

import (
	"context"
	"fmt"
	"strings"
	"time"

	"relais/gateway"
	"relais/lane"
	"relais/sms"
	"relais/store/table"
)

// AskAgain implements gateway.Store.
func (s *Store) AskAgain(
	ctx context.Context, m sms.Message, asks int, next time.Time, note *sms.Event,
) error {
	return s.commits.do(ctx, func(t *tx) error {
		n, err := t.execCount("UPDATE messages SET asks = ?, ask_at = ? WHERE account = ? AND id = ? AND +status "+
			"= 'uncertain' AND attempt = ?",
			asks, timeOrNull(next), m.Account, m.ID[:], m.Attempt)
		if err != nil || n == 0 || note == nil {
			return err
		}
		return t.addEvent(m.Account, m.ID, note)
	})
}

// Awaiting implements lane.AwaitStore. Each lane asks every few seconds, about messages that
// were young long ago.
func (s *Store) Awaiting(ctx context.Context, connector string, now time.Time, limit int) ([]sms.Message, error) {
	if first := s.commits.tx.young.awaits.Load(); first != 0 && first <= micros(now) {
		if err := s.commits.writeOlder(ctx, time.Now()); err != nil {
			return nil, err
		}
	}
	return s.Tables.Awaiting(ctx, connector, now, limit)
}

// addShare counts one more message with a text, where they are counted.
const addShare = "UPDATE submissions SET recipients = recipients + 1 WHERE account = ? AND id = ? AND " +
	"recipients > 0"

// SecondChance implements lane.ChanceStore.
func (s *Store) SecondChance(ctx context.Context, c *lane.Chance) (made bool, err error) {
	first, again := &c.First, c.Again
	err = s.commits.do(ctx, func(t *tx) error {
		waiting, err := t.execCount("UPDATE messages SET chance = 0, receipt_by = ? WHERE account = ? AND id = ? "+
			"AND +status = 'submitted' AND chance > 0",
			micros(c.Until), first.Account, first.ID[:])
		if made = waiting == 1; err != nil || !made {
			return err
		}
		if err := t.addEvent(first.Account, first.ID, &c.Note); err != nil || again == nil {
			return err
		}
		if err := t.exec(addShare, again.Account, again.Submission[:]); err != nil {
			return err
		}
		return t.insertMessage(&gateway.Draft{Message: *again, Decisions: c.Decisions})
	})
	return made, err
}

// Move implements gateway.Store.
func (s *Store) Move(ctx context.Context, moves []lane.Move) (moved int, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		moved = 0
		for i := range moves {
			m := &moves[i].Message
			n, err := t.execCount(`UPDATE messages
				SET connector = ?1, price = ?2, reason = ?3, due_at = min(due_at, ?4),
				due_minute = iif(min(due_at, ?4) > ?5, min(due_at, ?4) / 60000000, 0), updated_at = ?5,
				timeline = timeline || ?10, events = events + 1
				WHERE account = ?6 AND id = ?7 AND +status = 'queued' AND +connector = ?8
					AND attempt = ?9`,
				moves[i].To, int64(moves[i].Price), moves[i].Event.Code, micros(moves[i].Leaves()),
				micros(moves[i].Event.At),
				m.Account, m.ID[:], m.Connector, m.Attempt, table.Line(&moves[i].Event))
			if err != nil {
				return fmt.Errorf("move a message: %w", err)
			}
			moved += int(n)
		}
		return nil
	})
	return moved, err
}

func joined(routes []string) string { return strings.Join(routes, ",") }

func split(routes string) []string {
	if routes == "" {
		return nil
	}
	return strings.Split(routes, ",")
}
