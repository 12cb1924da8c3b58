package table

import (
	"context"
	"fmt"

	"relais/person"
	"relais/sms"
)

// purges hide or drop what was kept long enough.
type purges struct{ *runner }

const (
	selectPurgeable = `SELECT id, submission, recipient, status FROM messages
		WHERE account = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4`
	selectPurgeableReplies = `SELECT id, id, sender, 'delivered' FROM inbound
		WHERE account = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4`
	selectPurgeableNotes = `SELECT id, id, '', 'delivered' FROM conversation_notes
		WHERE account = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4`
	// selectStillNeeded finds submissions whose text may still have to be sent, of the
	// whole account up to a time. It starts from the messages that wait, which are few and
	// have an index, and not from the submissions of the page.
	selectStillNeeded = "SELECT submission" + inIndex + "'queued'" + upTo +
		" UNION ALL SELECT submission" + inIndex + "'submitting'" + upTo +
		" UNION ALL SELECT submission" + inIndex + "'uncertain'" + upTo
	upTo = " AND account = $1 AND id < $2"

	// selectOneNeeded asks for one submission alone, whose messages lie together.
	selectOneNeeded = `SELECT EXISTS (SELECT 1 FROM messages m
		WHERE m.account = $1 AND m.id > $2 AND m.id < $3 AND m.submission = $2
			AND m.status IN ('queued', 'submitting', 'uncertain'))`

	purgeText  = "UPDATE submissions SET text = '' WHERE account = $1 AND id = $2 AND text <> ''"
	purgeWhole = "UPDATE submissions SET text = '', metadata = NULL WHERE account = $1 AND id = $2 AND " +
		"(text <> '' OR metadata IS NOT NULL)"
	purgeReply = "UPDATE inbound SET text = '' WHERE account = $1 AND id = $2 AND text <> ''"
	purgeNote  = "DELETE FROM conversation_notes WHERE account = $1 AND id = $2"
	hideNumber = "UPDATE messages SET recipient = $3 WHERE account = $1 AND id = $2 AND recipient <> $3"
	hideSender = "UPDATE inbound SET sender = $3 WHERE account = $1 AND id = $2 AND sender <> $3"
)

// Purge implements person.Keeping. The page is read beside the transaction, which changes
// little at once.
func (t purges) Purge(ctx context.Context, p person.Purge) (done person.Purged, err error) {
	page, err := t.page(ctx, &p)
	if err != nil || len(page) == 0 {
		return done, err
	}
	var needed map[sms.ID]bool
	if p.WantsTexts() {
		if needed, err = t.stillNeeded(ctx, &p, page); err != nil {
			return done, err
		}
	}
	rows, done := p.Choose(page, needed)
	statement, lists := purgeStatement(&p, rows)
	err = t.transact(ctx, func(tx runs) error {
		done.Changed, err = tx.execEach(statement, lists)
		return err
	})
	if err != nil {
		return done, fmt.Errorf("purge: %w", err)
	}
	return done, nil
}

func purgeStatement(p *person.Purge, rows []person.Purgeable) (statement string, lists [][]any) {
	switch {
	case p.WantsTexts() && p.Metadata:
		statement = purgeWhole
	case p.WantsTexts():
		statement = purgeText
	case p.Of == person.Notes:
		statement = purgeNote
	case p.Hide == nil:
		statement = purgeReply
	case p.Of == person.Replies:
		statement = hideSender
	default:
		statement = hideNumber
	}
	for i := range rows {
		args := []any{p.Account, rows[i].ID}
		if p.WantsTexts() {
			args[1] = rows[i].Submission
		}
		if p.Hide != nil {
			args = append(args, p.Hide(rows[i].Number))
		}
		lists = append(lists, args)
	}
	return statement, lists
}

func (t purges) page(ctx context.Context, p *person.Purge) ([]person.Purgeable, error) {
	query := selectPurgeable
	if p.Of == person.Replies {
		query = selectPurgeableReplies
	}
	if p.Of == person.Notes {
		query = selectPurgeableNotes
	}
	scan := func(scan Scan) (r person.Purgeable, err error) {
		return r, scan(&r.ID, &r.Submission, &r.Number, &r.Status)
	}
	found, err := list(t.on(ctx), scan, query, p.Account, p.After, sms.FirstID(p.Before), p.Limit)
	if err != nil {
		return nil, fmt.Errorf("read what may be purged: %w", err)
	}
	return found, nil
}

func (t purges) stillNeeded(
	ctx context.Context, p *person.Purge, page []person.Purgeable,
) (map[sms.ID]bool, error) {
	if len(page) == 1 {
		return t.oneNeeded(ctx, p, page[0].Submission)
	}
	found, err := list(t.on(ctx), scanID, selectStillNeeded, p.Account, sms.FirstID(p.Before))
	if err != nil {
		return nil, fmt.Errorf("read what still waits: %w", err)
	}
	needed := map[sms.ID]bool{}
	for _, submission := range found {
		needed[submission] = true
	}
	return needed, nil
}

func (t purges) oneNeeded(ctx context.Context, p *person.Purge, submission sms.ID) (map[sms.ID]bool, error) {
	var needed bool
	until := sms.FirstID(submission.Time().Add(apartAtMost))
	if _, err := t.on(ctx).read(selectOneNeeded, []any{p.Account, submission, until}, &needed); err != nil {
		return nil, fmt.Errorf("read whether it still waits: %w", err)
	}
	return map[sms.ID]bool{submission: needed}, nil
}
