package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/inbox"
	"relais/sms"
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
	var arrived string
	r := f.tx.QueryRow(f.ctx, selectByProvider+" LIMIT 1", []string{connector}, []string{clean(id)})
	return oneLinked(r, &m, &ord, &arrived)
}

// ByRef implements inbox.Finder.
func (f finder) ByRef(id sms.ID) (m sms.Message, found bool, err error) {
	var ord int
	var arrived string
	return oneLinked(f.tx.QueryRow(f.ctx, selectByRef+" LIMIT 1", uuids{id}), &m, &ord, &arrived)
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
	var fresh, listed bool
	err := s.transact(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		fresh, listed, err = arrivals.Reply(within(ctx, tx, 0), finder{ctx, tx}, r, in)
		return err
	})
	if err == nil && fresh {
		received.Inbounds++
	}
	if err == nil && listed {
		received.OptOuts++
	}
	return err
}

// receiveBlock puts a number that an operator blocks on the account's list.
func (s *Store) receiveBlock(
	ctx context.Context, r *inbox.Reception, b *inbox.Block, received *inbox.Received,
) error {
	var listed bool
	err := s.transact(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
		listed, err = arrivals.Block(within(ctx, tx, 0), finder{ctx, tx}, r, b)
		return err
	})
	if err == nil && listed {
		received.OptOuts++
	}
	return err
}
