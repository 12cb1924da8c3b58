package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/person"
	"relais/sms"
)

const (
	// selectErasable passes over what has not ended: of one number that is little.
	selectErasable = `SELECT id, submission FROM messages WHERE recipient = $2 AND account = $1
		AND status IN ('delivered', 'undelivered', 'expired', 'rejected', 'canceled') LIMIT $3 FOR UPDATE`
	eraseMessages = `UPDATE messages m SET recipient = '~', reference = '' FROM unnest($2::uuid[]) AS t (id)
		WHERE m.account = $1 AND m.id = t.id`
	countShare = `SELECT recipients, text <> '' FROM submissions WHERE account = $1 AND id = $2 FOR UPDATE`
	// selectOthers is for submissions whose messages were not counted: they lie
	// together, within the time that one request may take.
	selectOthers = `SELECT EXISTS (SELECT 1 FROM messages m
		WHERE m.account = $1 AND m.id > $2 AND m.id < $3 AND m.submission = $2 AND m.recipient <> '~')`
	dropShare = `UPDATE submissions SET recipients = greatest(recipients - 1, 0) WHERE account = $1 AND id = $2`
	eraseText = `UPDATE submissions SET text = '', metadata = NULL, recipients = 0 WHERE account = $1
		AND id = $2`
	addShare = `UPDATE submissions SET recipients = recipients + 1 WHERE account = $1 AND id = $2
		AND recipients > 0`

	selectErasableReplies = `SELECT id, outbox FROM inbound WHERE sender = $2 AND account = $1 LIMIT $3
		FOR UPDATE`
	eraseReplies = `UPDATE inbound i SET sender = '~', text = '' FROM unnest($2::uuid[]) AS t (id)
		WHERE i.account = $1 AND i.id = t.id`
	eraseReplyEvents = `UPDATE outbox o
		SET data = (o.data::jsonb - 'reference' || '{"from": "~", "text": ""}')::text
		FROM unnest($2::bigint[], $3::uuid[]) AS t (seq, id)
		WHERE o.account = $1 AND o.seq = t.seq AND o.subject = t.id AND o.data IS NOT NULL`

	insertAudit = `INSERT INTO audit AS a (account, id, at, actor, action, subject, messages, replies, opt_outs)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account, id) DO UPDATE SET
			messages = a.messages + excluded.messages, replies = a.replies + excluded.replies,
				opt_outs = a.opt_outs + excluded.opt_outs`
)

// apartAtMost is how long after its submission a message of the same request may
// have been made.
const apartAtMost = 10 * time.Second

// Erase implements person.Store.
func (s *Store) Erase(ctx context.Context, e person.Erasure) (done person.ErasureDone, err error) {
	numbers := make([]string, len(e.Numbers))
	for i, n := range e.Numbers {
		numbers[i] = clean(string(n))
	}
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		done = person.ErasureDone{}
		for _, number := range numbers {
			if err := eraseMessagesOf(ctx, tx, &e, number, &done); err != nil {
				return fmt.Errorf("erase messages: %w", err)
			}
			if err := eraseRepliesOf(ctx, tx, &e, number, &done); err != nil {
				return fmt.Errorf("erase replies: %w", err)
			}
		}
		if e.OptOuts && !done.More {
			if err := eraseOptOutsOf(ctx, tx, &e, numbers, &done); err != nil {
				return fmt.Errorf("erase opt-outs: %w", err)
			}
		}
		entry := e.Audit
		entry.Messages, entry.Replies, entry.OptOuts = done.Messages, done.Replies, done.OptOuts
		return record(ctx, tx, &entry)
	})
	return done, err
}

func eraseMessagesOf(
	ctx context.Context, tx pgx.Tx, e *person.Erasure, number string, done *person.ErasureDone,
) error {
	var ids uuids
	rows, err := tx.Query(ctx, selectErasable, e.Audit.Account, number, e.Limit)
	submissions, err := collect(rows, err, func(r row) (submission sms.ID, err error) {
		var message sms.ID
		err = r.Scan((*[16]byte)(&message), (*[16]byte)(&submission))
		ids = append(ids, message)
		return submission, err
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, eraseMessages, e.Audit.Account, ids); err != nil {
		return err
	}
	for _, submission := range submissions {
		shared, err := eraseShare(ctx, tx, e.Audit.Account, submission)
		if err != nil {
			return err
		}
		if shared {
			done.Shared++
		}
	}
	done.Messages += len(ids)
	done.More = done.More || len(ids) == e.Limit
	return nil
}

// eraseShare takes a message's share of a text away, and the text with the last
// one. It reports whether others still have it.
func eraseShare(ctx context.Context, tx pgx.Tx, account string, submission sms.ID) (shared bool, err error) {
	var recipients int
	var hasText bool
	if err := tx.QueryRow(ctx, countShare, account, id(submission)).Scan(&recipients, &hasText); err != nil {
		return false, err
	}
	others := recipients > 1
	if recipients == 0 && hasText {
		until := sms.FirstID(submission.Time().Add(apartAtMost))
		if err := tx.QueryRow(ctx, selectOthers, account, id(submission), id(until)).Scan(&others); err != nil {
			return false, err
		}
	}
	if others {
		_, err = tx.Exec(ctx, dropShare, account, id(submission))
		return hasText, err
	}
	_, err = tx.Exec(ctx, eraseText, account, id(submission))
	return false, err
}

func eraseRepliesOf(
	ctx context.Context, tx pgx.Tx, e *person.Erasure, number string, done *person.ErasureDone,
) error {
	var ids uuids
	var events []int64
	rows, err := tx.Query(ctx, selectErasableReplies, e.Audit.Account, number, e.Limit)
	_, err = collect(rows, err, func(r row) (struct{}, error) {
		var reply sms.ID
		var event int64
		err := r.Scan((*[16]byte)(&reply), &event)
		ids, events = append(ids, reply), append(events, event)
		return struct{}{}, err
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, eraseReplies, e.Audit.Account, ids); err != nil {
		return err
	}
	done.Replies += len(ids)
	done.More = done.More || len(ids) == e.Limit
	_, err = tx.Exec(ctx, eraseReplyEvents, e.Audit.Account, events, ids)
	return err
}

// eraseOptOutsOf forgets what a list says of a number, proofs included.
func eraseOptOutsOf(
	ctx context.Context, tx pgx.Tx, e *person.Erasure, numbers []string, done *person.ErasureDone,
) error {
	tag, err := tx.Exec(ctx, "DELETE FROM opt_outs WHERE account = $1 AND number = ANY ($2)", e.Audit.Account,
		numbers)
	if err != nil {
		return err
	}
	done.OptOuts = int(tag.RowsAffected())
	_, err = tx.Exec(ctx, "DELETE FROM opt_out_changes WHERE account = $1 AND number = ANY ($2)",
		e.Audit.Account, numbers)
	return err
}

// Record implements person.Store.
func (s *Store) Record(ctx context.Context, e person.AuditEntry) error {
	return s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error { return record(ctx, tx, &e) })
}

func record(ctx context.Context, tx pgx.Tx, e *person.AuditEntry) error {
	if _, err := tx.Exec(ctx, insertAudit, e.Account, id(e.ID), micros(e.At), clean(e.Actor), string(e.Action),
		string(e.Subject),
		e.Messages, e.Replies, e.OptOuts); err != nil {
		return fmt.Errorf("keep the audit: %w", err)
	}
	return nil
}

// Audit implements person.Store.
func (s *Store) Audit(
	ctx context.Context, q person.AuditQuery,
) (found []person.AuditEntry, more bool, err error) {
	query, args := auditQuery(q)
	rows, err := s.pool.Query(ctx, query, args...)
	found, err = collect(rows, err, func(r row) (person.AuditEntry, error) {
		e := person.AuditEntry{Account: q.Account}
		var at int64
		err := r.Scan((*[16]byte)(&e.ID), &at, &e.Actor, &e.Action, &e.Subject, &e.Messages, &e.Replies, &e.OptOuts)
		e.At = fromMicros(at)
		return e, err
	})
	if err != nil {
		return nil, false, fmt.Errorf("read the audit: %w", err)
	}
	if len(found) <= q.Limit {
		return found, false, nil
	}
	return found[:q.Limit], true, nil
}

func auditQuery(q person.AuditQuery) (query string, args []any) {
	f := &filter{}
	f.add("account = ?", q.Account)
	if q.Subject != "" {
		f.add("subject = ?", string(q.Subject))
	}
	if !q.Before.IsZero() {
		f.add("id < ?", id(q.Before))
	}
	return "SELECT id, at, actor, action, subject, messages, replies, opt_outs FROM " +
		"audit " + f.where() + " ORDER BY id DESC " + f.limit(q.Limit+1), f.args
}
