package console

import (
	"context"

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
