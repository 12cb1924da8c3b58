package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/sms"
)

const dropSize = 1000

const selectMonths = `SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
	WHERE i.inhparent = 'messages'::regclass AND c.relname ~ '^messages_[0-9]{6}$' ORDER BY 1`

// dropStatements drop a step of what has no months of its own. $1 is the first id
// that stays, $2 the size of the step.
var dropStatements = []string{
	// Rows whose month had no tables when they came.
	`DELETE FROM messages_other WHERE (account, id) IN (SELECT account, id FROM messages_other
		WHERE id < $1 AND status IN ('delivered', 'undelivered', 'expired', 'rejected', 'canceled') LIMIT $2)`,
	`DELETE FROM submissions_other WHERE (account, id) IN (SELECT s.account, s.id FROM submissions_other s
		WHERE s.id < $1
		AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.account = s.account AND m.id < $1 AND m.submission = s.id)
			LIMIT $2)`,
	`DELETE FROM inbound WHERE (account, id) IN (SELECT i.account, i.id FROM accounts a
		CROSS JOIN LATERAL (SELECT account, id FROM inbound WHERE account = a.name AND id < $1 LIMIT $2) AS i)`,
	`DELETE FROM ovh_numbers WHERE (account, id) IN (SELECT n.account, n.id FROM accounts a
		CROSS JOIN LATERAL (SELECT account, id FROM ovh_numbers o WHERE account = a.name AND id < $1
			AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.account = o.account AND m.id = o.id) LIMIT $2) AS n)`,
	`DELETE FROM ovh_batches WHERE (account, id) IN (SELECT b.account, b.id FROM accounts a
		CROSS JOIN LATERAL (SELECT account, id FROM ovh_batches WHERE account = a.name AND id < $1 LIMIT $2) AS b)`,
	`DELETE FROM conversation_notes WHERE (account, id) IN (SELECT n.account, n.id FROM accounts a
		CROSS JOIN LATERAL (SELECT account, id FROM conversation_notes WHERE account = a.name AND reply < $1
			LIMIT $2) AS n)`,
}

// DropHistory implements gateway.Store: a month's tables are dropped whole.
func (s *Store) DropHistory(ctx context.Context, before time.Time) (dropped bool, err error) {
	rows, err := s.pool.Query(ctx, selectMonths)
	names, err := collect(rows, err, func(r row) (name string, err error) { return name, r.Scan(&name) })
	if err != nil {
		return false, fmt.Errorf("list the months: %w", err)
	}
	for _, name := range names {
		month, err := time.Parse("messages_200601", name)
		if err != nil {
			return false, fmt.Errorf("read the month of a table: %w", err)
		}
		if !month.Before(before) {
			break
		}
		if done, err := s.dropMonth(ctx, month); done || err != nil {
			return done, err
		}
	}
	return s.dropRows(ctx, sms.FirstID(before))
}

// dropMonth drops the tables of a month, unless a message of it has not ended.
func (s *Store) dropMonth(ctx context.Context, month time.Time) (dropped bool, err error) {
	suffix := month.Format("_200601")
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		// Whoever reads messages waits for the lock; it is asked for again later.
		if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '2s'"); err != nil {
			return err
		}
		for _, table := range partitioned {
			if _, err := tx.Exec(ctx, "LOCK TABLE "+table+suffix+" IN ACCESS EXCLUSIVE MODE"); err != nil {
				return err
			}
		}
		var waits bool
		unfinished := "SELECT EXISTS (SELECT 1 FROM messages" + suffix + `
			WHERE status IN ('queued', 'submitting', 'uncertain'))
			OR EXISTS (SELECT 1 FROM messages` + suffix + " WHERE status = 'submitted')"
		if err := tx.QueryRow(ctx, unfinished).Scan(&waits); err != nil || waits {
			return err
		}
		for _, table := range partitioned {
			if _, err := tx.Exec(ctx, "DROP TABLE "+table+suffix); err != nil {
				return err
			}
		}
		dropped = true
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("drop the tables of %s: %w", month.Format("2006-01"), err)
	}
	return dropped, nil
}

func (s *Store) dropRows(ctx context.Context, first sms.ID) (dropped bool, err error) {
	for _, statement := range dropStatements {
		tag, err := s.pool.Exec(ctx, statement, id(first), dropSize)
		if err != nil {
			return dropped, fmt.Errorf("drop old rows: %w", explain(err))
		}
		dropped = dropped || tag.RowsAffected() > 0
	}
	return dropped, nil
}
