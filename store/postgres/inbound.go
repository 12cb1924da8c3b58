package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// selectLastTo finds the message that a handset answers when it names none: the last one
// that was sent to it, including one whose operator has not answered yet. It asks account by
// account, because there are few.
const selectLastTo = `SELECT ` + messageOfReceipt + ` FROM accounts a CROSS JOIN LATERAL (
		SELECT x.* FROM messages x WHERE x.account = a.name AND x.recipient = $1 AND x.id >= $3 AND x.connector = $2
			AND (x.provider_id IS NOT NULL OR x.status IN ('submitting', 'uncertain'))
		ORDER BY x.id DESC LIMIT 1) AS m
	ORDER BY m.id DESC LIMIT 1`

// finder looks for messages that handsets answer.
type finder struct {
	ctx context.Context //nolint:containedctx // it lives as long as one transaction
	tx  pgx.Tx
}

// ByProviderID implements inbox.Finder.
func (f finder) ByProviderID(connector, id string) (m sms.Message, found bool, err error) {
	var ord int
	r := f.tx.QueryRow(f.ctx, selectByProvider+" LIMIT 1", []string{connector}, []string{clean(id)})
	return oneLinked(r, &m, &ord)
}

// ByRef implements inbox.Finder.
func (f finder) ByRef(id sms.ID) (m sms.Message, found bool, err error) {
	var ord int
	return oneLinked(f.tx.QueryRow(f.ctx, selectByRef+" LIMIT 1", uuids{id}), &m, &ord)
}

// LastTo implements inbox.Finder.
func (f finder) LastTo(
	number sms.Number, connector string, since time.Time,
) (m sms.Message, found bool, err error) {
	return oneLinked(f.tx.QueryRow(f.ctx, selectLastTo, clean(string(number)), connector,
		id(sms.FirstID(since))), &m)
}

func oneLinked(r row, m *sms.Message, before ...any) (sms.Message, bool, error) {
	err := scanLinked(r, m, before...)
	if none(err) {
		return *m, false, nil
	}
	return *m, err == nil, err
}

func scanLinked(r row, m *sms.Message, before ...any) error {
	return r.Scan(append(before, &m.Account, (*[16]byte)(&m.ID), &m.To, &m.Status, &m.Reason, &m.Attempt,
		&m.ProviderID)...)
}

// receiveInbound stores a reply once, and does what it asks for.
func (s *Store) receiveInbound(
	ctx context.Context, r *inbox.Reception, in inbox.Inbound, received *inbox.Received,
) error {
	in.ProviderID, in.Text = clean(in.ProviderID), clean(in.Text)
	in.From, in.To = sms.Number(clean(string(in.From))), sms.Sender(clean(string(in.To)))
	var fresh, changed bool
	err := s.transact(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		fresh, changed = false, false
		// The same reply may come twice at once, on two nodes.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))",
			in.Connector+" "+in.ProviderID); err != nil {
			return err
		}
		var known bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM inbound WHERE connector = $1 AND provider_id = "+
			"$2)",
			in.Connector, in.ProviderID).Scan(&known); err != nil || known {
			return err
		}
		fresh = true
		changed, err = storeInbound(ctx, tx, r, in)
		return err
	})
	if err != nil {
		return err
	}
	if fresh {
		received.Inbounds++
	}
	if changed {
		received.OptOuts++
	}
	return nil
}

func storeInbound(
	ctx context.Context, tx pgx.Tx, r *inbox.Reception, in inbox.Inbound,
) (changed bool, err error) {
	m, by, err := r.Link(finder{ctx, tx}, in.Answer())
	if err != nil {
		return false, err
	}
	var reference string
	var sender sms.Sender
	if !m.ID.IsZero() {
		if reference, sender, err = sharedOf(ctx, tx, m.Account, m.ID); err != nil {
			return false, err
		}
	}
	r.Adopt(&in, &m, by, sender)
	data, err := encoded(in.Data(reference))
	if err != nil {
		return false, err
	}
	if in.Outbox, err = tell(ctx, tx, 1,
		told{
			account: in.Account, kind: webhook.InboundReceived, subject: in.ID, at: r.At,
			data: []byte(data),
		}); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO inbound
		(account, id, connector, provider_id, sender, recipient, text, kind, message, linked_by, at, received_at,
			handled, outbox)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, false, $13)`,
		in.Account, id(in.ID), in.Connector, in.ProviderID, string(in.From), string(in.To), in.Text,
		string(in.Intent),
		idOrNull(in.Message), in.LinkedBy, micros(in.At), micros(in.ReceivedAt), in.Outbox); err != nil {
		return false, err
	}
	return obey(ctx, tx, r, &in, sender)
}

// sharedOf reads what callers and rules want of the message that was answered.
func sharedOf(
	ctx context.Context, tx pgx.Tx, account string, message sms.ID,
) (reference string, sender sms.Sender, err error) {
	err = tx.QueryRow(ctx, `SELECT m.reference, s.sender FROM messages m JOIN submissions s
		ON s.account = m.account AND s.id = m.submission
		WHERE m.account = $1 AND m.id = $2`, account, id(message)).Scan(&reference, &sender)
	return reference, sender, err
}

// obey changes the suppression list as the reply asks.
func obey(
	ctx context.Context, tx pgx.Tx, r *inbox.Reception, in *inbox.Inbound, sender sms.Sender,
) (added bool, err error) {
	c, asks := r.ByReply(in, sender)
	if !asks {
		return false, nil
	}
	done, err := changeOptOut(ctx, tx, 2, &c)
	return done && c.Added, err
}

// selectLastBlock finds when a number was last put on the list because the operator has it.
const selectLastBlock = `SELECT coalesce(max(at), 0) FROM opt_out_changes
	WHERE account = $1 AND number = $2 AND source = 'operator' AND change = 'added'`

// receiveBlock puts a number that an operator blocks on the account's list.
func (s *Store) receiveBlock(
	ctx context.Context, r *inbox.Reception, b *inbox.Block, received *inbox.Received,
) error {
	var added bool
	err := s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		added = false
		m, _, err := r.Link(finder{ctx, tx}, inbox.Answer{ProviderID: b.AnswersID, From: b.Number})
		if err != nil {
			return err
		}
		var last int64
		if err := tx.QueryRow(ctx, selectLastBlock, m.Account, clean(string(b.Number))).Scan(&last); err != nil {
			return err
		}
		if c, asks := r.ByBlock(b, &m, fromMicros(last)); asks {
			added, err = addOptOut(ctx, tx, 1, &c)
		}
		return err
	})
	if err == nil && added {
		received.OptOuts++
	}
	return err
}

const inboundColumns = `account, id, connector, provider_id, sender, recipient, text, kind, coalesce(message,
	` + zeroID + `),
	linked_by, at, received_at, outbox, decided, decided_by, decided_at`

const selectUnhandled = "SELECT " + inboundColumns + " FROM inbound WHERE NOT handled ORDER BY id LIMIT $1"

// Unhandled implements gateway.Store.
func (s *Store) Unhandled(ctx context.Context, limit int) ([]inbox.Inbound, error) {
	return s.inbounds(ctx, selectUnhandled, limit)
}

// insertDelivery queues an event that stands in the outbox for an endpoint.
const insertDelivery = `INSERT INTO deliveries (account, endpoint, seq, subject, state, attempts, next_at,
	until, last_at, status, error)
	VALUES ($1, $2, $3, $4, 'pending', 0, $5, $5 + ` + giveUp + `, 0, 0, '') ON CONFLICT DO NOTHING`

// Handled implements gateway.Store.
func (s *Store) Handled(ctx context.Context, in inbox.Inbound, endpoints []sms.ID) error {
	return s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		for _, endpoint := range endpoints {
			if _, err := tx.Exec(ctx, insertDelivery, in.Account, id(endpoint), in.Outbox, id(in.ID),
				micros(in.ReceivedAt)); err != nil {
				return fmt.Errorf("tell the webhook of a rule: %w", err)
			}
		}
		_, err := tx.Exec(ctx, "UPDATE inbound SET handled = true WHERE account = $1 AND id = $2", in.Account,
			id(in.ID))
		return err
	})
}

// Inbounds returns replies of an account, newest first; more tells that older
// ones match too.
func (s *Store) Inbounds(
	ctx context.Context, q inbox.InboundQuery,
) (found []inbox.Inbound, more bool, err error) {
	query, args := inboundQuery(q)
	found, err = s.inbounds(ctx, query, args...)
	if err != nil || len(found) <= q.Limit {
		return found, false, err
	}
	return found[:q.Limit], true, nil
}

func inboundQuery(q inbox.InboundQuery) (query string, args []any) {
	f := &filter{}
	f.add("account = ?", q.Account)
	if !q.ID.IsZero() {
		f.add("id = ?", id(q.ID))
	}
	if q.From != "" {
		f.addNumber("sender", q.From, q.HiddenFrom)
	}
	if !q.Message.IsZero() {
		f.add("message = ?", id(q.Message))
	}
	if q.Intent != "" {
		f.add("kind = ?", string(q.Intent))
	}
	if q.Undecided {
		f.add("kind = 'unsure' AND decided = ?", "")
	}
	if q.Connector != "" {
		f.add("connector = ?", clean(q.Connector))
	}
	if !q.Since.IsZero() {
		f.add("id >= ?", id(sms.FirstID(q.Since)))
		f.add("received_at >= ?", micros(q.Since))
	}
	if !q.Until.IsZero() {
		f.add("received_at < ?", micros(q.Until))
	}
	if !q.Before.IsZero() {
		f.add("id < ?", id(q.Before))
	}
	return "SELECT " + inboundColumns + " FROM inbound " + f.where() + " ORDER BY id " +
		"DESC " + f.limit(q.Limit+1), f.args
}

func (s *Store) inbounds(ctx context.Context, query string, args ...any) ([]inbox.Inbound, error) {
	rows, err := s.pool.Query(ctx, query, args...)
	found, err := collect(rows, err, scanInbound)
	if err != nil {
		return nil, fmt.Errorf("read replies: %w", err)
	}
	return found, nil
}

func scanInbound(r row) (in inbox.Inbound, err error) {
	var at, received, decided int64
	err = r.Scan(&in.Account, (*[16]byte)(&in.ID), &in.Connector, &in.ProviderID, &in.From, &in.To, &in.Text,
		&in.Intent,
		(*[16]byte)(&in.Message), &in.LinkedBy, &at, &received, &in.Outbox, &in.Decided, &in.DecidedBy, &decided)
	in.At, in.ReceivedAt, in.DecidedAt = fromMicros(at), fromMicros(received), fromMicros(decided)
	return in, err
}
