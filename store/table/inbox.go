package table

import (
	"encoding/json"
	"time"

	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// Inbox writes what operators tell beside receipts, in transactions that a store made.
type Inbox struct{ *runner }

// NewInbox returns the inbox of a database.
func NewInbox(d Dialect) Inbox { return Inbox{&runner{dialect: d}} }

const (
	selectReplyKnown = "SELECT EXISTS (SELECT 1 FROM inbound WHERE connector = $1 AND provider_id = $2)"
	// insertReply leaves the conversation with whom it is, also where the numbers of the
	// replies before are hidden by now.
	insertReply = `INSERT INTO inbound (account, id, connector, provider_id, sender, recipient, text, kind,
			message, linked_by, at, received_at, handled, outbox, assigned_to)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, false, $13, coalesce(max(last.assigned_to), '')
		FROM (SELECT w.assigned_to FROM inbound w WHERE w.account = $1 AND w.sender IN ($5, $14) AND $5 <> ''
			ORDER BY w.id DESC LIMIT 1) AS last`
	selectAnswered = `SELECT m.reference, s.sender FROM messages m
		JOIN submissions s ON s.account = m.account AND s.id = m.submission WHERE m.account = $1 AND m.id = $2`
	// selectLastBlock finds when a number was last put on the list because the operator
	// has it.
	selectLastBlock = `SELECT coalesce(max(at), 0) FROM opt_out_changes
		WHERE account = $1 AND number = $2 AND source = 'operator' AND change = 'added'`
)

// AddOptOut puts a number on a suppression list. It reports whether that changed the list.
func (i Inbox) AddOptOut(conn Conn, c *inbox.OptOutChange) (added bool, err error) {
	return runs{i.runner, conn}.addOptOut(c)
}

// Reply stores a reply once, and does what it asks for. fresh reports whether it came for
// the first time, and listed whether it put a number on a suppression list.
func (i Inbox) Reply(
	conn Conn, find inbox.Finder, r *inbox.Reception, in inbox.Inbound,
) (fresh, listed bool, err error) {
	tx := runs{i.runner, conn}
	in.ProviderID, in.Text = tx.dialect.Text(in.ProviderID), tx.dialect.Text(in.Text)
	in.From, in.To = sms.Number(tx.dialect.Text(string(in.From))), sms.Sender(tx.dialect.Text(string(in.To)))
	// The same reply may come twice at once.
	if err := conn.Lock(in.Connector + " " + in.ProviderID); err != nil {
		return false, false, err
	}
	var known bool
	if _, err := tx.read(selectReplyKnown, []any{in.Connector, in.ProviderID}, &known); err != nil || known {
		return false, false, err
	}
	m, by, err := r.Link(find, in.Answer())
	if err != nil {
		return false, false, err
	}
	reference, sender, err := tx.answered(m.Account, m.ID)
	if err != nil {
		return false, false, err
	}
	r.Adopt(&in, &m, by, sender)
	hidden := r.HiddenOf(&in)
	if err := tx.lockThread(in.Account, in.From, hidden); err != nil {
		return false, false, err
	}
	if err := keepReply(tx, &in, hidden, reference, r.At); err != nil {
		return false, false, err
	}
	c, asks := r.ByReply(&in, sender)
	if !asks {
		return true, false, nil
	}
	done, err := tx.changeOptOut(&c)
	return true, done && c.Added, err
}

// keepReply tells callers of a reply, and stores it with the number of its event. hidden is
// what stands for its number in older ones.
func keepReply(r runs, in *inbox.Inbound, hidden sms.Number, reference string, at time.Time) error {
	data, err := json.Marshal(in.Data(reference))
	if err != nil {
		return err
	}
	if in.Outbox, err = r.conn.Tell(Event{
		Account: in.Account, Type: webhook.InboundReceived, Subject: in.ID, At: at, Data: data,
	}); err != nil {
		return err
	}
	return r.do(insertReply, in.Account, in.ID, in.Connector, in.ProviderID, in.From, in.To, in.Text, in.Intent,
		orNull(in.Message), in.LinkedBy, in.At, in.ReceivedAt, in.Outbox, hidden)
}

// answered reads what callers and rules want of the message that was answered; nothing
// where none is known.
func (r runs) answered(account string, message sms.ID) (reference string, sender sms.Sender, err error) {
	if message.IsZero() {
		return "", "", nil
	}
	_, err = r.read(selectAnswered, []any{account, message}, &reference, &sender)
	return reference, sender, err
}

// Block puts a number that an operator blocks on the account's list. It reports whether
// that changed the list.
func (i Inbox) Block(
	conn Conn, find inbox.Finder, r *inbox.Reception, b *inbox.Block,
) (added bool, err error) {
	tx := runs{i.runner, conn}
	m, _, err := r.Link(find, inbox.Answer{ProviderID: b.AnswersID, From: b.Number})
	if err != nil {
		return false, err
	}
	var last time.Time
	if _, err := tx.read(selectLastBlock, []any{m.Account, b.Number}, &last); err != nil {
		return false, err
	}
	c, asks := r.ByBlock(b, &m, last)
	if !asks {
		return false, nil
	}
	return tx.addOptOut(&c)
}
