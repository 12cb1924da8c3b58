package postgres

import (
	"context"
	"fmt"

	"relais/person"
	"relais/sms"
)

const (
	selectPurgeable = `SELECT id, submission, recipient, status FROM messages
		WHERE account = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4`
	selectPurgeableReplies = `SELECT id, id, sender, 'delivered' FROM inbound
		WHERE account = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4`
	// selectStillNeeded finds submissions whose text may still have to be sent.
	selectStillNeeded = `SELECT submission FROM messages m WHERE m.account = $1 AND m.id < $2 AND ` + waits

	purgeTexts = `UPDATE submissions s SET text = '' FROM unnest($2::uuid[]) AS t (id)
		WHERE s.account = $1 AND s.id = t.id AND s.text <> ''`
	purgeReplies = `UPDATE inbound i SET text = '' FROM unnest($2::uuid[]) AS t (id)
		WHERE i.account = $1 AND i.id = t.id AND i.text <> ''`
	hideNumbers = `UPDATE messages m SET recipient = t.hidden
		FROM unnest($2::uuid[], $3::text[]) AS t (id, hidden)
		WHERE m.account = $1 AND m.id = t.id AND m.recipient <> t.hidden`
	hideSenders = `UPDATE inbound i SET sender = t.hidden FROM unnest($2::uuid[], $3::text[]) AS t (id, hidden)
		WHERE i.account = $1 AND i.id = t.id AND i.sender <> t.hidden`
)

// Purge implements gateway.Store.
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
	query, args := purgeStatement(p, rows)
	err = again(ctx, func(ctx context.Context) error {
		tag, err := s.pool.Exec(ctx, query, args...)
		done.Changed = int(tag.RowsAffected())
		return err
	})
	if err != nil {
		return done, fmt.Errorf("purge: %w", err)
	}
	return done, nil
}

func purgeStatement(p person.Purge, rows []person.Purgeable) (query string, args []any) {
	var ids, submissions uuids
	var hidden []string
	for _, row := range rows {
		ids, submissions = append(ids, row.ID), append(submissions, row.Submission)
		if p.Hide != nil {
			hidden = append(hidden, string(p.Hide(row.Number)))
		}
	}
	switch {
	case p.WantsTexts():
		return purgeTexts, []any{p.Account, submissions}
	case p.Hide == nil:
		return purgeReplies, []any{p.Account, ids}
	case p.Replies:
		return hideSenders, []any{p.Account, ids, hidden}
	default:
		return hideNumbers, []any{p.Account, ids, hidden}
	}
}

func (s *Store) purgePage(ctx context.Context, p person.Purge) ([]person.Purgeable, error) {
	query := selectPurgeable
	if p.Replies {
		query = selectPurgeableReplies
	}
	rows, err := s.pool.Query(ctx, query, p.Account, id(p.After), id(sms.FirstID(p.Before)), p.Limit)
	page, err := collect(rows, err, func(r row) (found person.Purgeable, err error) {
		err = r.Scan((*[16]byte)(&found.ID), (*[16]byte)(&found.Submission), &found.Number, &found.Status)
		return found, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what may be purged: %w", err)
	}
	return page, nil
}

func (s *Store) stillNeeded(ctx context.Context, p person.Purge) (map[sms.ID]bool, error) {
	needed := map[sms.ID]bool{}
	rows, err := s.pool.Query(ctx, selectStillNeeded, p.Account, id(sms.FirstID(p.Before)))
	_, err = collect(rows, err, func(r row) (struct{}, error) {
		var submission sms.ID
		err := r.Scan((*[16]byte)(&submission))
		needed[submission] = true
		return struct{}{}, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what still waits: %w", err)
	}
	return needed, nil
}
