package table

import (
	"context"
	"fmt"

	"relais/person"
)

// audits are of what was done about people.
type audits struct{ *runner }

const insertAudit = `INSERT INTO audit AS a (account, id, at, actor, action, subject, messages, replies,
		opt_outs)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account, id) DO UPDATE SET
		messages = a.messages + excluded.messages, replies = a.replies + excluded.replies,
		opt_outs = a.opt_outs + excluded.opt_outs`

// Record implements person.Store.
func (t audits) Record(ctx context.Context, e person.AuditEntry) error {
	return t.transact(ctx, func(tx runs) error { return tx.record(&e) })
}

func (r runs) record(e *person.AuditEntry) error {
	if err := r.do(insertAudit, e.Account, e.ID, e.At, e.Actor, e.Action, e.Subject, e.Messages, e.Replies,
		e.OptOuts); err != nil {
		return fmt.Errorf("keep the audit: %w", err)
	}
	return nil
}

// Audit implements person.Store.
func (t audits) Audit(
	ctx context.Context, q person.AuditQuery,
) (found []person.AuditEntry, more bool, err error) {
	scan := func(scan Scan) (e person.AuditEntry, err error) {
		return e, scan(&e.Account, &e.ID, &e.At, &e.Actor, &e.Action, &e.Subject, &e.Messages, &e.Replies,
			&e.OptOuts)
	}
	query, args := auditQuery(q)
	if found, err = list(t.on(ctx), scan, query, args...); err != nil {
		return nil, false, fmt.Errorf("read the audit: %w", err)
	}
	found, more = page(found, q.Limit)
	return found, more, nil
}

func auditQuery(q person.AuditQuery) (query string, args []any) {
	f, from := &filter{}, "audit "
	f.add("account = ?", q.Account)
	if q.Subject != "" {
		from = "audit INDEXED BY audit_subject " // without statistics SQLite prefers the primary key
		f.add("subject = ?", q.Subject)
	}
	if q.Actor != "" {
		f.add("actor = ?", q.Actor)
	}
	if q.Action != "" {
		f.add("action = ?", q.Action)
	}
	if !q.Since.IsZero() {
		f.add("at >= ?", q.Since)
	}
	if !q.Before.IsZero() {
		f.add("id < ?", q.Before)
	}
	return "SELECT account, id, at, actor, action, subject, messages, replies, opt_outs FROM " + from +
		f.where() + f.newest(q.Limit), f.args
}
