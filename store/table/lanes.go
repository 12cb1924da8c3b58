package table

import (
	"context"
	"fmt"
	"time"

	"relais/lane"
	"relais/sms"
)

// lanes are what the lanes of connectors ask seldom.
type lanes struct{ *runner }

const (
	awaitReceipt = "UPDATE messages SET receipt_by = $1 WHERE account = $2 AND id = $3 AND status || '' = " +
		"'submitted'" // not by the index of what waits
	movable = `(SELECT account FROM messages INDEXED BY messages_movable
		WHERE status = 'queued' AND routes <> '' AND connector = $1`
	selectMovers = "WITH RECURSIVE names (name) AS (SELECT " + movable + ` ORDER BY account LIMIT 1)
		UNION ALL
		SELECT ` + movable + ` AND account > name ORDER BY account LIMIT 1) FROM names WHERE name IS NOT NULL
	) SELECT name FROM names WHERE name IS NOT NULL`
	// selectBacklog reads the index of what waits alone.
	selectBacklog = "SELECT 'queued', connector, count(*), min(due_at)" + inIndex + `'queued' GROUP BY connector
	UNION ALL SELECT 'submitting', connector, count(*), min(due_at)` + inIndex + `'submitting' GROUP BY connector
	UNION ALL SELECT 'uncertain', connector, count(*), min(due_at)` + inIndex + "'uncertain' GROUP BY connector"
	inIndex = " FROM messages INDEXED BY messages_waiting WHERE status = "
)

// Backlog implements gateway.Store.
func (t lanes) Backlog(ctx context.Context) ([]lane.Backlog, error) {
	scan := func(scan Scan) (b lane.Backlog, err error) {
		return b, scan(&b.Status, &b.Connector, &b.Messages, &b.Oldest)
	}
	found, err := list(t.on(ctx), scan, selectBacklog)
	if err != nil {
		return nil, fmt.Errorf("count what waits: %w", err)
	}
	return found, nil
}

// Await implements lane.AwaitStore.
func (t lanes) Await(ctx context.Context, messages []sms.Message, until time.Time) error {
	lists := make([][]any, len(messages))
	for i := range messages {
		lists[i] = []any{until, messages[i].Account, messages[i].ID}
	}
	if _, err := t.on(ctx).execEach(awaitReceipt, lists); err != nil {
		return fmt.Errorf("put off receipts: %w", err)
	}
	return nil
}

// MovableAccounts implements lane.MoveStore.
func (t lanes) MovableAccounts(ctx context.Context, connector string) ([]string, error) {
	scan := func(scan Scan) (account string, err error) { return account, scan(&account) }
	accounts, err := list(t.on(ctx), scan, selectMovers, connector)
	if err != nil {
		return nil, fmt.Errorf("read who has messages to move: %w", err)
	}
	return accounts, nil
}

// Cursor implements lane.CursorStore.
func (t lanes) Cursor(ctx context.Context, connector string) (cursor string, err error) {
	if _, err := t.on(ctx).read("SELECT cursor FROM cursors WHERE connector = $1", []any{connector},
		&cursor); err != nil {
		return "", fmt.Errorf("read how far news were read: %w", err)
	}
	return cursor, nil
}

// KeepCursor implements lane.CursorStore.
func (t lanes) KeepCursor(ctx context.Context, connector, cursor string) error {
	return t.on(ctx).do(`INSERT INTO cursors (connector, cursor) VALUES ($1, $2)
		ON CONFLICT (connector) DO UPDATE SET cursor = excluded.cursor`, connector, cursor)
}
