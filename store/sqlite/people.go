package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"relais/person"
	"relais/sms"
)

const (
	// selectErasable passes over messages that have not ended: of one number there are few.
	selectErasable = `SELECT m.id, m.submission FROM messages m INDEXED BY messages_recipient
		WHERE m.account = ? AND m.recipient = ?
			AND m.status IN ('delivered', 'undelivered', 'expired', 'rejected', 'canceled') LIMIT ?`
	eraseMessage = `UPDATE messages SET recipient = '~', reference = '' WHERE account = ? AND id = ?`
	countShare   = `SELECT recipients, text <> '' FROM submissions WHERE account = ? AND id = ?`
	// selectOthers is for submissions whose messages were not counted: they lie
	// together, within the time that one request may take.
	selectOthers = `SELECT EXISTS (SELECT 1 FROM messages m
		WHERE m.account = ?1 AND m.id > ?2 AND m.id < ?3 AND m.submission = ?2
			AND m.recipient NOT IN ('~', ?4, ?5))`
	selectUncounted = `SELECT s.id FROM messages m INDEXED BY messages_recipient CROSS JOIN submissions s
		ON s.account = m.account AND s.id = m.submission
		WHERE m.account = ? AND m.recipient = ? AND s.recipients = 0 AND s.text <> '' LIMIT ?`
	dropShare = `UPDATE submissions SET recipients = max(recipients - 1, 0) WHERE account = ? AND id = ?`
	eraseText = `UPDATE submissions SET text = '', metadata = NULL, recipients = 0 WHERE account = ? AND id = ?`

	selectErasableReplies = `SELECT id, outbox FROM inbound INDEXED BY inbound_sender WHERE account = ?
		AND sender = ? LIMIT ?`
	eraseReply      = `UPDATE inbound SET sender = '~', text = '' WHERE account = ? AND id = ?`
	eraseReplyEvent = `UPDATE outbox
		SET data = json_remove(json_set(data, '$.from', '~', '$.text', ''), '$.reference')
		WHERE seq = ? AND account = ? AND subject = ? AND data IS NOT NULL`

	insertAudit = `INSERT INTO audit (account, id, at, actor, action, subject, messages, replies, opt_outs)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET messages = messages + excluded.messages, replies = replies + excluded.replies,
			opt_outs = opt_outs + excluded.opt_outs`
)

// apartAtMost is how long after its submission a message of the same request may have
// been made.
const apartAtMost = 10 * time.Second

// erasing is one Erase on its way to disk.
type erasing struct {
	*person.Erasure
	others map[sms.ID]bool // by submission that was not counted: somebody else has its text
	done   person.ErasureDone
}

// othersOf are the parameters of selectOthers.
func (e *erasing) othersOf(submission sms.ID) []any {
	until := first(submission.Time().Add(apartAtMost))
	last := len(e.Numbers) - 1
	return []any{e.Audit.Account, submission[:], until, string(e.Numbers[0]), string(e.Numbers[last])}
}

// Erase implements person.Store. Who else has a text that was not counted
// is looked up beside the writer, because it takes long.
func (s *Store) Erase(ctx context.Context, e person.Erasure) (done person.ErasureDone, err error) {
	request := &erasing{Erasure: &e, others: map[sms.ID]bool{}}
	if err := s.lookForOthers(ctx, request); err != nil {
		return done, fmt.Errorf("look for others who got a text: %w", explain(err))
	}
	err = s.commits.do(ctx, func(t *tx) error {
		request.done = person.ErasureDone{}
		for _, n := range e.Numbers {
			if err := request.eraseMessages(t, n); err != nil {
				return fmt.Errorf("erase messages: %w", err)
			}
			if err := request.eraseReplies(t, n); err != nil {
				return fmt.Errorf("erase replies: %w", err)
			}
		}
		if e.OptOuts && !request.done.More {
			if err := request.eraseOptOuts(t); err != nil {
				return fmt.Errorf("erase opt-outs: %w", err)
			}
		}
		entry := e.Audit
		entry.Messages, entry.Replies, entry.OptOuts = request.done.Messages, request.done.Replies,
			request.done.OptOuts
		return record(t, &entry)
	})
	return request.done, err
}

// lookForOthers looks at the next submissions whose messages were not counted.
func (s *Store) lookForOthers(ctx context.Context, e *erasing) error {
	for _, n := range e.Numbers {
		uncounted, err := s.uncounted(ctx, e.Erasure, n)
		if err != nil {
			return err
		}
		for _, submission := range uncounted {
			var others bool
			if err := s.readers.QueryRowContext(ctx, selectOthers,
				e.othersOf(submission)...).Scan(&others); err != nil {
				return err
			}
			e.others[submission] = others
		}
	}
	return nil
}

func (s *Store) uncounted(ctx context.Context, e *person.Erasure, n sms.Number) (found []sms.ID, err error) {
	rows, err := s.readers.QueryContext(ctx, selectUncounted, e.Audit.Account, string(n), e.Limit)
	return collect(rows, err, scanID)
}

func (e *erasing) eraseMessages(t *tx, n sms.Number) error {
	found, err := pairsOf(t.query(selectErasable, e.Audit.Account, string(n), e.Limit))
	if err != nil {
		return err
	}
	for _, m := range found {
		if err := t.exec(eraseMessage, e.Audit.Account, m.first[:]); err != nil {
			return err
		}
		shared, err := e.eraseShare(t, m.second)
		if err != nil {
			return err
		}
		if e.done.Messages++; shared {
			e.done.Shared++
		}
	}
	e.done.More = e.done.More || len(found) == e.Limit
	return nil
}

type pair struct{ first, second sms.ID }

func pairsOf(rows *sql.Rows, err error) ([]pair, error) {
	return collect(rows, err, func(r row) (p pair, err error) {
		var first, second []byte
		if err = r.Scan(&first, &second); err != nil {
			return p, err
		}
		if p.first, err = idOf(first); err == nil {
			p.second, err = idOf(second)
		}
		return p, err
	})
}

// eraseShare takes a message's share of a text away, and the text with the last
// one. It reports whether others still have it.
func (e *erasing) eraseShare(t *tx, submission sms.ID) (shared bool, err error) {
	var recipients int
	var hasText bool
	if err := t.queryRow(countShare, []any{e.Audit.Account, submission[:]}, &recipients, &hasText); err != nil {
		return false, err
	}
	others := recipients > 1
	if recipients == 0 && hasText {
		some, known := e.others[submission]
		if !known {
			if err := t.queryRow(selectOthers, e.othersOf(submission), &some); err != nil {
				return false, err
			}
		}
		others = some
	}
	if others {
		return hasText, t.exec(dropShare, e.Audit.Account, submission[:])
	}
	return false, t.exec(eraseText, e.Audit.Account, submission[:])
}

func (e *erasing) eraseReplies(t *tx, n sms.Number) error {
	found, err := repliesOf(t, e.Erasure, n)
	if err != nil {
		return err
	}
	for _, r := range found {
		if err := t.exec(eraseReply, e.Audit.Account, r.id[:]); err != nil {
			return err
		}
		if err := t.exec(eraseReplyEvent, r.outbox, e.Audit.Account, r.id[:]); err != nil {
			return err
		}
		e.done.Replies++
	}
	e.done.More = e.done.More || len(found) == e.Limit
	return nil
}

type erasableReply struct {
	id     sms.ID
	outbox int64
}

func repliesOf(t *tx, e *person.Erasure, n sms.Number) ([]erasableReply, error) {
	rows, err := t.query(selectErasableReplies, e.Audit.Account, string(n), e.Limit)
	return collect(rows, err, func(from row) (r erasableReply, err error) {
		var id []byte
		if err = from.Scan(&id, &r.outbox); err == nil {
			r.id, err = idOf(id)
		}
		return r, err
	})
}

// eraseOptOuts forgets what a list says of a number, proofs included.
func (e *erasing) eraseOptOuts(t *tx) error {
	for _, n := range e.Numbers {
		entries, err := t.execCount("DELETE FROM opt_outs WHERE account = ? AND number = ?", e.Audit.Account,
			string(n))
		if err != nil {
			return err
		}
		e.done.OptOuts += int(entries)
		if err := t.exec("DELETE FROM opt_out_changes WHERE account = ? AND number = ?", e.Audit.Account,
			string(n)); err != nil {
			return err
		}
	}
	return nil
}

// Record implements person.Store.
func (s *Store) Record(ctx context.Context, e person.AuditEntry) error {
	return s.commits.do(ctx, func(t *tx) error { return record(t, &e) })
}

func record(t *tx, e *person.AuditEntry) error {
	if err := t.exec(insertAudit, e.Account, e.ID[:], micros(e.At), e.Actor, string(e.Action), string(e.Subject),
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
	rows, err := s.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, false, fmt.Errorf("read the audit: %w", explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scanAudit(rows, q.Account)
		if err != nil {
			return nil, false, fmt.Errorf("read the audit: %w", err)
		}
		found = append(found, e)
	}
	if err := rows.Err(); err != nil || len(found) <= q.Limit {
		return found, false, err
	}
	return found[:q.Limit], true, nil
}

func auditQuery(q person.AuditQuery) (query string, args []any) {
	f, table := &filter{}, "audit"
	f.add("account = ?", q.Account)
	if q.Subject != "" {
		table = "audit INDEXED BY audit_subject" // without statistics the planner prefers the primary key
		f.add("subject = ?", string(q.Subject))
	}
	if !q.Before.IsZero() {
		f.add("id < ?", q.Before[:])
	}
	return "SELECT id, at, actor, action, subject, messages, replies, opt_outs FROM " + table + " " +
			f.where() + " ORDER BY id DESC LIMIT ?",
		append(f.args, q.Limit+1)
}

func scanAudit(r row, account string) (person.AuditEntry, error) {
	e := person.AuditEntry{Account: account}
	var id []byte
	var at int64
	err := r.Scan(&id, &at, &e.Actor, &e.Action, &e.Subject, &e.Messages, &e.Replies, &e.OptOuts)
	if err != nil {
		return e, err
	}
	e.At = fromMicros(at)
	e.ID, err = idOf(id)
	return e, err
}
