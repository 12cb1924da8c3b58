package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"relais/lane"
	"relais/reason"
	"relais/sms"
)

// AskAgain implements gateway.Store.
func (s *Store) AskAgain(
	ctx context.Context, m sms.Message, asks int, next time.Time, note *sms.Event,
) error {
	return s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE messages SET asks = $1, ask_at = $2 WHERE account = $3 AND id = $4
			AND status = 'uncertain' AND attempt = $5`,
			asks, timeOrNull(next), m.Account, id(m.ID), m.Attempt)
		if err != nil || tag.RowsAffected() == 0 || note == nil {
			return err
		}
		_, err = tx.Exec(ctx, addEvent, m.Account, id(m.ID), line(note))
		return err
	})
}

// addShare counts one more message with a text, where they are counted.
const addShare = `UPDATE submissions SET recipients = recipients + 1 WHERE account = $1 AND id = $2
	AND recipients > 0`

// SecondChance implements lane.ChanceStore.
func (s *Store) SecondChance(ctx context.Context, c *lane.Chance) (made bool, err error) {
	var to []recipient
	if c.Again != nil {
		to = []recipient{{c.Again.Account, string(c.Again.To)}}
	}
	err = s.writeTo(ctx, to, func(w *reliance) error {
		made, err = s.secondChance(ctx, c, w)
		return err
	})
	return made, err
}

func (s *Store) secondChance(ctx context.Context, c *lane.Chance, w *reliance) (made bool, err error) {
	first, again := &c.First, c.Again
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var endpoint [16]byte
		err := tx.QueryRow(ctx, `UPDATE messages SET chance = 0, receipt_by = $1
			WHERE account = $2 AND id = $3 AND status = 'submitted' AND chance > 0
				RETURNING coalesce(endpoint, `+zeroID+`)`,
			micros(c.Until), first.Account, id(first.ID)).Scan(&endpoint)
		if made = err == nil; !made {
			return ignoreNone(err)
		}
		if _, err := tx.Exec(ctx, addEvent, first.Account, id(first.ID), line(&c.Note)); err != nil || again == nil {
			return err
		}
		own := ""
		if len(c.Decisions) > 0 {
			own = reason.Texts(c.Decisions)
		}
		if _, err := tx.Exec(ctx, addShare, again.Account, id(again.Submission)); err != nil {
			return err
		}
		var rows messageRows
		rows.add(again, own, sms.ID(endpoint), "")
		if err := w.check(ctx, tx); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, insertMessages, rows.arguments()...)
		return err
	})
	return made, err
}

var moveMessage = `UPDATE messages SET connector = $4, price = $5, reason = $6, due_at = least(due_at, $7),
	due_minute = ` + dueMinute("least(due_at, $7)", "$3") + `, updated_at = $3, timeline = timeline || $8,
	events = events + 1
	WHERE account = $1 AND id = $2 AND status = 'queued' AND connector = $9 AND attempt = $10`

// Move implements gateway.Store.
func (s *Store) Move(ctx context.Context, moves []lane.Move) (moved int, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}
		moved = 0
		for i := range moves {
			m, e := &moves[i].Message, moves[i].Event
			e.Attempt = m.Attempt
			batch.Queue(moveMessage, m.Account, id(m.ID), micros(e.At), moves[i].To, int64(moves[i].Price), e.Code,
				micros(moves[i].Leaves()), line(&e), m.Connector, m.Attempt).
				Exec(func(tag pgconn.CommandTag) error {
					moved += int(tag.RowsAffected())
					return nil
				})
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return 0, fmt.Errorf("move messages: %w", err)
	}
	return moved, nil
}
