package console

import (
	"context"
	"slices"
	"time"

	"relais/auth"
)

// Journal keeps what people saw and did. Nothing in it is changed or removed.
type Journal interface {
	Record(ctx context.Context, a auth.Act) error
	Acts(ctx context.Context, q auth.ActQuery) (found []auth.Act, more bool, err error)
}

// record puts into the audit what the person did in the account that is looked at.
func (q *request) record(code auth.ActCode, subject, note string) error {
	return q.console.Journal.Record(withoutCancel(q), auth.Act{
		Actor: q.actor(), Account: q.account, Code: code, Subject: subject, Note: note,
		Address: q.browser().Address,
	})
}

// recordOnce puts what the person saw into the audit, unless it stands there since less
// than an hour.
func recordOnce(q *request, code auth.ActCode, subject string) error {
	const longest = 500
	acts, _, err := q.console.Journal.Acts(q.ctx(), auth.ActQuery{
		Accounts: []string{q.account}, Actor: q.actor(), Since: q.now().Add(-time.Hour), Limit: longest,
	})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(acts, func(a auth.Act) bool { return a.Code == code && a.Subject == subject }) {
		return nil
	}
	return q.record(code, subject, "")
}
