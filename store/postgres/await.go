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
		return addEvent(ctx, tx, m.Account, m.ID, note)
	})
}

// addShare counts one more message with a text, where they are counted.
const addShare = `UPDATE submissions SET recipients = recipients + 1 WHERE account = $1 AND id = $2
	AND recipients > 0`

// insertEvent counts an event of a message and writes it.
const insertEvent = `WITH moved AS (
	UPDATE messages SET events = events + 1 WHERE account = $1 AND id = $2 RETURNING account, id, events
) ` + insertEventOf

func addEvent(ctx context.Context, tx pgx.Tx, account string, message sms.ID, e *sms.Event) error {
	_, err := tx.Exec(ctx, insertEvent, eventArguments(account, message, e)...)
	return err
}

// SecondChance implements lane.ChanceStore.
func (s *Store) SecondChance(ctx context.Context, c *lane.Chance) (made bool, err error) {
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
		if err := addEvent(ctx, tx, first.Account, first.ID, &c.Note); err != nil || again == nil {
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
		_, err = tx.Exec(ctx, insertMessages, rows.arguments()...)
		return err
	})
	return made, err
}

var moveMessage = `WITH moved AS (
	UPDATE messages SET connector = $11, price = $14, reason = $6, due_at = least(due_at, $12), 
		due_minute = ` + dueMinute("least(due_at, $12)", "$3") + `, updated_at = $3, events = events + 1
	WHERE account = $1 AND id = $2 AND status = 'queued' AND connector = $13 AND attempt = $8
		RETURNING account, id, events
) ` + insertEventOf

// Move implements gateway.Store.
func (s *Store) Move(ctx context.Context, moves []lane.Move) (moved int, err error) {
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		batch := &pgx.Batch{}
		moved = 0
		for i := range moves {
			m, e := &moves[i].Message, moves[i].Event
			leaves := micros(moves[i].Leaves())
			e.Attempt = m.Attempt
			batch.Queue(moveMessage, append(eventArguments(m.Account, m.ID, &e), moves[i].To, leaves, m.Connector,
				int64(moves[i].Price))...).
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
