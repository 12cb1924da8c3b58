package sqlite

import (
	"context"
	"fmt"
	"time"

	"relais/sms"
)

const dropSize = 200

const ended = `SELECT id FROM messages WHERE account = ?1 AND id < ?2
	AND status IN ('delivered', 'undelivered', 'expired', 'rejected', 'canceled') ORDER BY id LIMIT ?3`

// dropStatements drop a step of the history of one account: what has ended, then
// what belonged to it. ?2 is the first id that stays, ?3 the size of the step.
var dropStatements = []string{
	"DELETE FROM messages WHERE account = ?1 AND id IN (" + ended + ")",
	`DELETE FROM submissions WHERE account = ?1 AND id IN (SELECT s.id FROM submissions s WHERE s.account = ?1
		AND s.id < ?2
		AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.account = ?1 AND m.id < ?2 AND m.submission = s.id)
			LIMIT ?3)`,
	"DELETE FROM inbound WHERE account = ?1 AND id IN (SELECT id FROM inbound WHERE account = ?1 AND id < ?2 " +
		"LIMIT ?3)",
	`DELETE FROM ovh_numbers WHERE account = ?1 AND id IN (SELECT n.id FROM ovh_numbers n WHERE n.account = ?1
		AND n.id < ?2
		AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.account = ?1 AND m.id = n.id) LIMIT ?3)`,
	"DELETE FROM ovh_batches WHERE account = ?1 AND id IN (SELECT id FROM ovh_batches WHERE account = ?1 AND " +
		"id < ?2 LIMIT ?3)",
	`DELETE FROM conversation_notes WHERE account = ?1 AND id IN (SELECT id FROM conversation_notes
		WHERE account = ?1 AND reply < ?2 LIMIT ?3)`,
}

// DropHistory implements gateway.Store.
func (s *Store) DropHistory(ctx context.Context, before time.Time) (dropped bool, err error) {
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return false, err
	}
	first := sms.FirstID(before)
	for _, account := range accounts {
		err := s.commits.do(ctx, func(t *tx) error {
			for _, statement := range dropStatements {
				n, err := t.execCount(statement, account.Name, first[:], dropSize)
				if err != nil {
					return fmt.Errorf("drop the history of an account: %w", err)
				}
				dropped = dropped || n > 0
			}
			return nil
		})
		if err != nil {
			return dropped, err
		}
	}
	return dropped, nil
}
