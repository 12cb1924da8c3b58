package console

import (
	"context"
	"time"

	"relais/auth"
	"relais/sms"
)

// Journal keeps what people saw and did. Nothing in it is changed or removed.
type Journal interface {
	Record(ctx context.Context, a auth.Act) error
	Acts(ctx context.Context, q auth.ActQuery) (found []auth.Act, more bool, err error)
}

// Acts of looking, in the audit.
const (
	messageRead    auth.ActCode = "message_read"
	numberSearched auth.ActCode = "number_searched"
)

// record puts into the audit what the person did in the account that is looked at.
func (q *request) record(code auth.ActCode, subject, note string) error {
	return q.recordEdits(code, subject, note, nil)
}

// recordEdits is record for what changed fields.
func (q *request) recordEdits(code auth.ActCode, subject, note string, edits auth.Edits) error {
	act := q.by().Act(q.account, code, subject, note)
	return q.console.Journal.Record(withoutCancel(q), act.Changing(edits))
}

// recordOnce puts what the person saw into the audit, unless it stands there since less
// than an hour.
func recordOnce(q *request, code auth.ActCode, subject string) error {
	acts, _, err := q.console.Journal.Acts(q.ctx(), auth.ActQuery{
		Accounts: []string{q.account}, Actor: q.actor(), Code: code, Subject: subject,
		Since: q.now().Add(-time.Hour), Limit: 1,
	})
	if err != nil || len(acts) > 0 {
		return err
	}
	return q.record(code, subject, "")
}

// recordSearch puts into the audit that the person looked for what there is of a number.
func recordSearch(q *request, n sms.Number) error {
	return recordOnce(q, numberSearched, q.subjectOf(n))
}

// subjectOf is how the audit names a number, which never stands in it.
func (q *request) subjectOf(n sms.Number) string {
	return string(q.console.Persons.Hidden(q.account, n))
}
