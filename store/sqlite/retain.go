package sqlite

import (
	"context"
	"fmt"

	"relais/person"
	"relais/sms"
)

const (
	selectPurgeable = `SELECT id, submission, recipient, status FROM messages
		WHERE account = ? AND id > ? AND id < ? ORDER BY id LIMIT ?`
	selectPurgeableReplies = `SELECT id, id, sender, 'delivered' FROM inbound
		WHERE account = ? AND id > ? AND id < ? ORDER BY id LIMIT ?`
	// selectStillNeeded finds submissions whose text may still have to be sent, of the
	// whole account up to a time. It starts from the messages that wait, which are few
	// and have an index, and not from the submissions of the page.
	selectStillNeeded = `SELECT m.submission FROM messages m WHERE m.account = ? AND m.id IN (
		SELECT w.id FROM messages w INDEXED BY messages_waiting
		WHERE (w.status = 'queued' OR w.status = 'submitting' OR w.status = 'uncertain') AND w.account = ?
			AND w.id < ?)`
)

// Purge implements gateway.Store. The page is read beside the writer, which
// changes little at once.
func (s *Store) Purge(ctx context.Context, p person.Purge) (done person.Purged, err error) {
	page, err := s.purgePage(ctx, p)
	if err != nil || len(page) == 0 {
		return done, err
	}
	var needed map[sms.ID]bool
	if p.WantsTexts() {
		if needed, err = s.stillNeeded(ctx, p); err != nil {
			return done, err
		}
	}
	rows, done := p.Choose(page, needed)
	err = s.commits.do(ctx, func(t *tx) error {
		done.Changed = 0
		for i := range rows {
			n, err := t.purge(p, &rows[i])
			if err != nil {
				return fmt.Errorf("purge: %w", err)
			}
			done.Changed += int(n)
		}
		return nil
	})
	return done, err
}

func (t *tx) purge(p person.Purge, row *person.Purgeable) (int64, error) {
	switch {
	case p.WantsTexts():
		return t.execCount("UPDATE submissions SET text = '' WHERE account = ? AND id = ? AND text <> ''",
			p.Account, row.Submission[:])
	case p.Hide == nil:
		return t.execCount("UPDATE inbound SET text = '' WHERE account = ? AND id = ? AND text <> ''", p.Account,
			row.ID[:])
	case p.Replies:
		return t.execCount("UPDATE inbound SET sender = ?3 WHERE account = ?1 AND id = ?2 AND sender <> ?3",
			p.Account, row.ID[:], string(p.Hide(row.Number)))
	default:
		return t.execCount("UPDATE messages SET recipient = ?3 WHERE account = ?1 AND id = ?2 AND recipient <> ?3",
			p.Account, row.ID[:], string(p.Hide(row.Number)))
	}
}

func (s *Store) purgePage(ctx context.Context, p person.Purge) ([]person.Purgeable, error) {
	query := selectPurgeable
	if p.Replies {
		query = selectPurgeableReplies
	}
	rows, err := s.readers.QueryContext(ctx, query, p.Account, p.After[:], first(p.Before), p.Limit)
	if err != nil {
		return nil, fmt.Errorf("read what may be purged: %w", explain(err))
	}
	defer rows.Close()
	var page []person.Purgeable
	for rows.Next() {
		var row person.Purgeable
		var id, submission []byte
		if err := rows.Scan(&id, &submission, &row.Number, &row.Status); err != nil {
			return nil, fmt.Errorf("read what may be purged: %w", err)
		}
		if row.ID, err = idOf(id); err != nil {
			return nil, err
		}
		if row.Submission, err = idOf(submission); err != nil {
			return nil, err
		}
		page = append(page, row)
	}
	return page, rows.Err()
}

func (s *Store) stillNeeded(ctx context.Context, p person.Purge) (map[sms.ID]bool, error) {
	rows, err := s.readers.QueryContext(ctx, selectStillNeeded, p.Account, p.Account, first(p.Before))
	if err != nil {
		return nil, fmt.Errorf("read what still waits: %w", explain(err))
	}
	defer rows.Close()
	needed := map[sms.ID]bool{}
	for rows.Next() {
		var submission []byte
		if err := rows.Scan(&submission); err != nil {
			return nil, fmt.Errorf("read what still waits: %w", err)
		}
		id, err := idOf(submission)
		if err != nil {
			return nil, err
		}
		needed[id] = true
	}
	return needed, rows.Err()
}
