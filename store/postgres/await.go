package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"relais/lane"
	"relais/sms"
)

const (
	selectAwaiting = selectMessages + `WHERE m.status = 'submitted' AND m.connector = $1 AND m.receipt_by <= $2
		ORDER BY m.receipt_by LIMIT $3`

	doubtful = `FROM messages WHERE status = 'uncertain' AND connector = $1`
	// selectDoubtful goes from account to account until one has something due.
	selectDoubtful = selectMessages + `WHERE m.status = 'uncertain' AND m.connector = $1 AND m.ask_at <= $3
		AND m.account = (
		WITH RECURSIVE names (name) AS (
			SELECT (SELECT account ` + doubtful + ` AND account > $2 ORDER BY account LIMIT 1)
			UNION ALL
			SELECT (SELECT account ` + doubtful + ` AND account > name ORDER BY account LIMIT 1) FROM names
				WHERE name IS NOT NULL
		) SELECT name FROM names WHERE EXISTS (SELECT 1 ` + doubtful + ` AND account = name AND ask_at <= $3)
			LIMIT 1
	) ORDER BY m.ask_at LIMIT $4`

	movable      = `FROM messages WHERE status = 'queued' AND routes <> '' AND connector = $1`
	selectMovers = `WITH RECURSIVE names (name) AS (
	SELECT (SELECT account ` + movable + ` ORDER BY account LIMIT 1)
	UNION ALL
	SELECT (SELECT account ` + movable + ` AND account > name ORDER BY account LIMIT 1) FROM names
		WHERE name IS NOT NULL
) SELECT name FROM names WHERE name IS NOT NULL`
	selectMovable = selectMessages + `WHERE m.status = 'queued' AND m.routes <> '' AND m.connector = $1
		AND m.account = $2 AND m.id > $3
	ORDER BY m.id LIMIT $4`
)

// Awaiting implements gateway.Store.
func (s *Store) Awaiting(
	ctx context.Context, connector string, now time.Time, limit int,
) ([]sms.Message, error) {
	return s.messages(ctx, selectAwaiting, connector, micros(now), limit)
}

// Await implements gateway.Store.
func (s *Store) Await(ctx context.Context, messages []sms.Message, until time.Time) error {
	var accounts []string
	var ids uuids
	for i := range messages {
		accounts, ids = append(accounts, messages[i].Account), append(ids, messages[i].ID)
	}
	if _, err := s.pool.Exec(ctx, `UPDATE messages m SET receipt_by = $3
		FROM unnest($1::text[], $2::uuid[]) AS t (account, id)
		WHERE m.account = t.account AND m.id = t.id AND m.status = 'submitted'`, accounts, ids,
		micros(until)); err != nil {
		return fmt.Errorf("put off receipts: %w", explain(err))
	}
	return nil
}

// Doubtful implements gateway.Store.
func (s *Store) Doubtful(
	ctx context.Context, connector, after string, now time.Time, limit int,
) ([]sms.Message, error) {
	return s.messages(ctx, selectDoubtful, connector, after, micros(now), limit)
}

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
			if own, err = encoded(c.Decisions); err != nil {
				return err
			}
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

// MovableAccounts implements gateway.Store.
func (s *Store) MovableAccounts(ctx context.Context, connector string) ([]string, error) {
	rows, err := s.pool.Query(ctx, selectMovers, connector)
	accounts, err := collect(rows, err, func(r row) (account string, err error) {
		err = r.Scan(&account)
		return account, err
	})
	if err != nil {
		return nil, fmt.Errorf("read who has messages to move: %w", explain(err))
	}
	return accounts, nil
}

// Movable implements gateway.Store.
func (s *Store) Movable(
	ctx context.Context, connector, account string, after sms.ID, limit int,
) ([]sms.Message, error) {
	return s.messages(ctx, selectMovable, connector, account, id(after), limit)
}

const selectQueued = selectMessages + `WHERE m.status = 'queued' AND m.connector = $1 AND m.account = $2
	LIMIT $3`

// Queued implements gateway.Store.
func (s *Store) Queued(ctx context.Context, account, connector string, limit int) ([]sms.Message, error) {
	return s.messages(ctx, selectQueued, connector, account, limit)
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

// Cursor implements gateway.Store.
func (s *Store) Cursor(ctx context.Context, connector string) (cursor string, err error) {
	err = s.pool.QueryRow(ctx, "SELECT cursor FROM cursors WHERE connector = $1", connector).Scan(&cursor)
	if err = ignoreNone(err); err != nil {
		return "", fmt.Errorf("read how far news were read: %w", explain(err))
	}
	return cursor, nil
}

// KeepCursor implements gateway.Store.
func (s *Store) KeepCursor(ctx context.Context, connector, cursor string) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO cursors (connector, cursor) VALUES ($1, $2)
		ON CONFLICT (connector) DO UPDATE SET cursor = excluded.cursor`, connector, clean(cursor))
	return explain(err)
}
