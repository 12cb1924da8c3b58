package postgres

import (
	"context"
	"fmt"

	"relais/gateway"
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
	hideNumbers = `UPDATE messages m SET recipient = t.hidden FROM unnest($2::uuid[], $3::text[]) AS t (id, hidden)
		WHERE m.account = $1 AND m.id = t.id AND m.recipient <> t.hidden`
	hideSenders = `UPDATE inbound i SET sender = t.hidden FROM unnest($2::uuid[], $3::text[]) AS t (id, hidden)
		WHERE i.account = $1 AND i.id = t.id AND i.sender <> t.hidden`
)

// purgeable is a row of a page.
type purgeable struct {
	id, submission sms.ID
	number         sms.Number
	status         sms.Status
}

// Purge implements gateway.Store.
func (s *Store) Purge(ctx context.Context, p gateway.Purge) (done gateway.Purged, err error) {
	page, err := s.purgePage(ctx, p)
	if err != nil || len(page) == 0 {
		return done, err
	}
	needed := map[sms.ID]bool{}
	if p.Hide == nil && !p.Replies {
		if needed, err = s.stillNeeded(ctx, p); err != nil {
			return done, err
		}
	}
	var ids, submissions uuids
	var hidden []string
	done.Next = page[len(page)-1].id
	for i := range page {
		row := &page[i]
		if stays := needed[row.submission] || p.Hide != nil && !row.status.Final(); stays {
			if done.Kept.IsZero() {
				done.Kept = row.id
			}
			continue
		}
		ids, submissions = append(ids, row.id), append(submissions, row.submission)
		if p.Hide != nil {
			hidden = append(hidden, string(p.Hide(row.number)))
		}
	}
	query, args := purgeTexts, []any{p.Account, submissions}
	switch {
	case p.Hide == nil && p.Replies:
		query, args = purgeReplies, []any{p.Account, ids}
	case p.Hide != nil && p.Replies:
		query, args = hideSenders, []any{p.Account, ids, hidden}
	case p.Hide != nil:
		query, args = hideNumbers, []any{p.Account, ids, hidden}
	}
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

func (s *Store) purgePage(ctx context.Context, p gateway.Purge) ([]purgeable, error) {
	query := selectPurgeable
	if p.Replies {
		query = selectPurgeableReplies
	}
	rows, err := s.pool.Query(ctx, query, p.Account, id(p.After), id(firstID(micros(p.Before))), p.Limit)
	page, err := collect(rows, err, func(r row) (found purgeable, err error) {
		err = r.Scan((*[16]byte)(&found.id), (*[16]byte)(&found.submission), &found.number, &found.status)
		return found, err
	})
	if err != nil {
		return nil, fmt.Errorf("read what may be purged: %w", err)
	}
	return page, nil
}

func (s *Store) stillNeeded(ctx context.Context, p gateway.Purge) (map[sms.ID]bool, error) {
	needed := map[sms.ID]bool{}
	rows, err := s.pool.Query(ctx, selectStillNeeded, p.Account, id(firstID(micros(p.Before))))
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
