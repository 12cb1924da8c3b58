package table

import (
	"context"
	"fmt"
	"time"

	"relais/auth"
	"relais/inbox"
	"relais/sms"
	"relais/webhook"
)

// replies are texts from handsets, once they are stored.
type replies struct{ *runner }

const (
	replyColumns = "account, id, connector, provider_id, sender, recipient, text, kind, message, linked_by, " +
		"at, received_at, outbox, decided, decided_by, decided_at, done_by, done_at, assigned_to"
	selectUnhandled = "SELECT " + replyColumns + " FROM inbound INDEXED BY inbound_unhandled WHERE NOT " +
		"handled ORDER BY id LIMIT $1"
	// insertDelivery queues an event that stands in the outbox for an endpoint.
	insertDelivery = `INSERT INTO deliveries (account, endpoint, seq, subject, state, attempts, next_at, until,
			last_at, status, error)
		VALUES ($1, $2, $3, $4, 'pending', 0, $5, $6, 0, 0, '') ON CONFLICT DO NOTHING`
)

func scanReply(scan Scan) (in inbox.Inbound, err error) {
	return in, scan(&in.Account, &in.ID, &in.Connector, &in.ProviderID, &in.From, &in.To, &in.Text, &in.Intent,
		&in.Message, &in.LinkedBy, &in.At, &in.ReceivedAt, &in.Outbox, &in.Decided, &in.DecidedBy, &in.DecidedAt,
		&in.DoneBy, &in.DoneAt, &in.AssignedTo)
}

func (r runs) replies(query string, args ...any) ([]inbox.Inbound, error) {
	found, err := list(r, scanReply, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read replies: %w", err)
	}
	return found, nil
}

// Unhandled implements inbox.Store.
func (t replies) Unhandled(ctx context.Context, limit int) ([]inbox.Inbound, error) {
	return t.on(ctx).replies(selectUnhandled, limit)
}

// Handled implements inbox.Store.
func (t replies) Handled(ctx context.Context, in inbox.Inbound, endpoints []sms.ID) error {
	return t.transact(ctx, func(tx runs) error {
		for _, endpoint := range endpoints {
			if err := tx.do(insertDelivery, in.Account, endpoint, in.Outbox, in.ID, in.ReceivedAt,
				in.ReceivedAt.Add(webhook.GiveUp)); err != nil {
				return fmt.Errorf("tell the webhook of a rule: %w", err)
			}
		}
		return tx.do("UPDATE inbound SET handled = true WHERE account = $1 AND id = $2", in.Account, in.ID)
	})
}

// Inbounds returns replies of an account, newest first; more tells that older ones match
// too.
func (t replies) Inbounds(
	ctx context.Context, q inbox.InboundQuery,
) (found []inbox.Inbound, more bool, err error) {
	query, args := repliesQuery(q)
	found, err = t.on(ctx).replies(query, args...)
	found, more = page(found, q.Limit)
	return found, more, err
}

func repliesQuery(q inbox.InboundQuery) (query string, args []any) {
	f := &filter{}
	f.add("account = ?", q.Account)
	if !q.ID.IsZero() {
		f.add("id = ?", q.ID)
	}
	if q.From != "" {
		f.addNumber("sender", q.From, q.HiddenFrom)
	}
	if !q.Message.IsZero() {
		f.add("message IS NOT NULL AND message = ?", q.Message)
	}
	if q.Intent != "" {
		f.add("kind = ?", q.Intent)
	}
	if q.Undecided {
		f.add("kind = 'unsure' AND decided = ?", "")
	}
	if q.AssignedTo != "" {
		f.add("assigned_to <> '' AND assigned_to = ?", q.AssignedTo)
	}
	if q.Connector != "" {
		f.add("connector = ?", q.Connector)
	}
	if !q.Since.IsZero() {
		f.add("id >= ?", sms.FirstID(q.Since))
		f.add("received_at >= ?", q.Since)
	}
	if !q.Until.IsZero() {
		f.add("received_at < ?", q.Until)
	}
	if !q.Before.IsZero() {
		f.add("id < ?", q.Before)
	}
	from := " FROM inbound "
	if q.AssignedTo != "" {
		from = " FROM inbound INDEXED BY inbound_assigned "
	}
	return "SELECT " + replyColumns + from + f.where() + f.newest(q.Limit), f.args
}

// SeeTo implements inbox.Store.
func (t replies) SeeTo(ctx context.Context, account string, id sms.ID, by sms.Actor, at time.Time) error {
	return t.transact(ctx, func(tx runs) error {
		changed, err := tx.exec("UPDATE inbound SET done_by = $1, done_at = $2 WHERE account = $3 AND id = $4",
			by, at, account, id)
		if err != nil || changed == 0 {
			return err
		}
		act := auth.ReplyClosed
		if by == "" {
			act = auth.ReplyReopened
		}
		return tx.did(ctx, account, act, id.String(), "")
	})
}
