package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"relais/gateway"
	"relais/inbox"
	"relais/lane"
	"relais/sms"
)

const selectAwaiting = "SELECT " + messageColumns + ` FROM messages m INDEXED BY messages_awaiting
	JOIN submissions s ON s.account = m.account AND s.id = m.submission
	WHERE m.status = 'submitted' AND m.connector = ? AND m.receipt_by <= ? ORDER BY m.receipt_by LIMIT ?`

// Awaiting implements gateway.Store.
func (s *Store) Awaiting(
	ctx context.Context, connector string, now time.Time, limit int,
) ([]sms.Message, error) {
	rows, err := s.readers.QueryContext(ctx, selectAwaiting, connector, micros(now), limit)
	return messagesOf(rows, err)
}

// Await implements gateway.Store.
func (s *Store) Await(ctx context.Context, messages []sms.Message, until time.Time) error {
	return s.commits.do(ctx, func(t *tx) error {
		for i := range messages {
			if err := t.exec("UPDATE messages SET receipt_by = ? WHERE account = ? AND id = ? AND +status = "+
				"'submitted'",
				micros(until), messages[i].Account, messages[i].ID[:]); err != nil {
				return fmt.Errorf("put off a receipt: %w", err)
			}
		}
		return nil
	})
}

const (
	doubtful = "FROM messages INDEXED BY messages_doubtful WHERE status = 'uncertain' AND connector = ?1"

	// selectDoubtful goes from account to account until one has something due.
	selectDoubtful = "SELECT " + messageColumns + ` FROM messages m INDEXED BY messages_doubtful
	JOIN submissions s ON s.account = m.account AND s.id = m.submission
	WHERE m.status = 'uncertain' AND m.connector = ?1 AND m.ask_at <= ?3 AND m.account = (
		WITH RECURSIVE names (name) AS (
			SELECT (SELECT min(account) ` + doubtful + ` AND account > ?2)
			UNION ALL
			SELECT (SELECT min(account) ` + doubtful + ` AND account > name) FROM names WHERE name IS NOT NULL
		) SELECT name FROM names WHERE EXISTS (SELECT 1 ` + doubtful + ` AND account = name AND ask_at <= ?3)
			LIMIT 1
	) ORDER BY m.ask_at LIMIT ?4`
)

// Doubtful implements gateway.Store.
func (s *Store) Doubtful(
	ctx context.Context, connector, after string, now time.Time, limit int,
) ([]sms.Message, error) {
	rows, err := s.readers.QueryContext(ctx, selectDoubtful, connector, after, micros(now), limit)
	return messagesOf(rows, err)
}

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
		return t.insertEvent(m.Account, m.ID, note)
	})
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
		if err := t.insertEvent(first.Account, first.ID, &c.Note); err != nil || again == nil {
			return err
		}
		if err := t.exec(addShare, again.Account, again.Submission[:]); err != nil {
			return err
		}
		return t.insertMessage(&gateway.Draft{Message: *again, Decisions: c.Decisions})
	})
	return made, err
}

const (
	movable = "FROM messages INDEXED BY messages_movable WHERE status = 'queued' AND routes <> '' AND " +
		"connector = ?1"

	selectMovers = `WITH RECURSIVE names (name) AS (
	SELECT (SELECT min(account) ` + movable + `)
	UNION ALL
	SELECT (SELECT min(account) ` + movable + ` AND account > name) FROM names WHERE name IS NOT NULL
) SELECT name FROM names WHERE name IS NOT NULL`

	selectMovable = "SELECT " + messageColumns + ` FROM messages m INDEXED BY messages_movable
	JOIN submissions s ON s.account = m.account AND s.id = m.submission
	WHERE m.status = 'queued' AND m.routes <> '' AND m.connector = ? AND m.account = ? AND m.id > ?
		ORDER BY m.id LIMIT ?`
)

// MovableAccounts implements gateway.Store.
func (s *Store) MovableAccounts(ctx context.Context, connector string) ([]string, error) {
	rows, err := s.readers.QueryContext(ctx, selectMovers, connector)
	if err != nil {
		return nil, fmt.Errorf("read who has messages to move: %w", explain(err))
	}
	defer rows.Close()
	var accounts []string
	for rows.Next() {
		var account string
		if err := rows.Scan(&account); err != nil {
			return nil, fmt.Errorf("read who has messages to move: %w", err)
		}
		accounts = append(accounts, account)
	}
	return accounts, rows.Err()
}

// Movable implements gateway.Store.
func (s *Store) Movable(
	ctx context.Context, connector, account string, after sms.ID, limit int,
) ([]sms.Message, error) {
	rows, err := s.readers.QueryContext(ctx, selectMovable, connector, account, after[:], limit)
	return messagesOf(rows, err)
}

const selectQueued = "SELECT " + messageColumns + ` FROM messages m INDEXED BY messages_waiting
	JOIN submissions s ON s.account = m.account AND s.id = m.submission
	WHERE m.status = 'queued' AND m.connector = ? AND m.account = ? LIMIT ?`

// Queued implements gateway.Store.
func (s *Store) Queued(ctx context.Context, account, connector string, limit int) ([]sms.Message, error) {
	rows, err := s.readers.QueryContext(ctx, selectQueued, connector, account, limit)
	return messagesOf(rows, err)
}

// Move implements gateway.Store.
func (s *Store) Move(ctx context.Context, moves []lane.Move) (moved int, err error) {
	err = s.commits.do(ctx, func(t *tx) error {
		moved = 0
		for i := range moves {
			m := &moves[i].Message
			n, err := t.execCount(`UPDATE messages
				SET connector = ?1, price = ?2, reason = ?3, due_at = min(due_at, ?4), due_minute = iif(min(due_at,
					?4) > ?5, min(due_at, ?4) / 60000000, 0),
				updated_at = ?5 WHERE account = ?6 AND id = ?7 AND +status = 'queued' AND +connector = ?8
					AND attempt = ?9`,
				moves[i].To, int64(moves[i].Price), moves[i].Event.Code, micros(moves[i].Leaves()),
				micros(moves[i].Event.At),
				m.Account, m.ID[:], m.Connector, m.Attempt)
			if err != nil {
				return fmt.Errorf("move a message: %w", err)
			}
			if n == 0 {
				continue
			}
			if err := t.insertEvent(m.Account, m.ID, &moves[i].Event); err != nil {
				return fmt.Errorf("move a message: %w", err)
			}
			moved++
		}
		return nil
	})
	return moved, err
}

// Cursor implements gateway.Store.
func (s *Store) Cursor(ctx context.Context, connector string) (cursor string, err error) {
	err = s.readers.QueryRowContext(ctx, "SELECT cursor FROM cursors WHERE connector = ?",
		connector).Scan(&cursor)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read how far news were read: %w", explain(err))
	}
	return cursor, nil
}

// KeepCursor implements gateway.Store.
func (s *Store) KeepCursor(ctx context.Context, connector, cursor string) error {
	return s.commits.do(ctx, func(t *tx) error {
		return t.exec("INSERT INTO cursors (connector, cursor) VALUES (?, ?) ON CONFLICT DO UPDATE SET cursor = "+
			"excluded.cursor", connector, cursor)
	})
}

// UnmatchedReceipts implements gateway.Store.
func (s *Store) UnmatchedReceipts(ctx context.Context) (map[string]int, error) {
	rows, err := s.readers.QueryContext(ctx, "SELECT connector, count(*) FROM receipts GROUP BY connector")
	if err != nil {
		return nil, fmt.Errorf("count receipts without a message: %w", explain(err))
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var connector string
		var n int
		if err := rows.Scan(&connector, &n); err != nil {
			return nil, fmt.Errorf("count receipts without a message: %w", err)
		}
		counts[connector] = n
	}
	return counts, rows.Err()
}

// Unmatched lists the receipts that wait for a message, newest first.
func (s *Store) Unmatched(ctx context.Context, limit int) ([]inbox.UnmatchedReceipt, error) {
	rows, err := s.readers.QueryContext(ctx,
		`SELECT connector, provider_id, ref, status, reason, code, text, at, received_at
		FROM receipts ORDER BY id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("read receipts without a message: %w", explain(err))
	}
	defer rows.Close()
	found := []inbox.UnmatchedReceipt{}
	for rows.Next() {
		var u inbox.UnmatchedReceipt
		var ref []byte
		var at, received int64
		if err := rows.Scan(&u.Connector, &u.ProviderID, &ref, &u.Status, &u.Reason, &u.Code, &u.Text, &at,
			&received); err != nil {
			return nil, fmt.Errorf("read receipts without a message: %w", err)
		}
		copy(u.Ref[:], ref)
		u.At, u.ReceivedAt = fromMicros(at), fromMicros(received)
		found = append(found, u)
	}
	return found, rows.Err()
}

func joined(routes []string) string { return strings.Join(routes, ",") }

func split(routes string) []string {
	if routes == "" {
		return nil
	}
	return strings.Split(routes, ",")
}
