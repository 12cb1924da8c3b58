package table

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"relais/door/smpp"
	"relais/gateway"
	"relais/person"
	"relais/sms"
)

// smppParts are the parts of long messages that clients of the door for SMPP send.
type smppParts struct{ *runner }

// Statements on parts. state is 0 of one that waits, 1 of one in a message, 2 of one that failed.
const (
	partColumns = `SELECT id, account, client, long, seq, number, registered, form, sum, pdu, message, state = 2 FROM smpp_parts `

	insertPart = `INSERT INTO smpp_parts (id, account, client, long, seq, state, number, registered, form, sum, pdu)
		VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`
	selectWaitingPart  = partColumns + "WHERE account = $1 AND client = $2 AND long = $3 AND seq = $4 AND state = 0"
	selectWaitingParts = partColumns + "WHERE account = $1 AND client = $2 AND long = $3 AND state = 0 ORDER BY seq"
	countParts         = "SELECT count(*) FROM (SELECT 1 FROM smpp_parts WHERE account = $1 AND client = $2 AND state = 0 LIMIT $3) AS waiting"
	selectOldParts     = partColumns + "WHERE account = $1 AND client = $2 AND state = 0 AND id < $3 ORDER BY id LIMIT $4"
	selectFailedParts  = partColumns + "WHERE account = $1 AND client = $2 AND state = 2 AND id > $3 ORDER BY id LIMIT $4"
	selectEarlierParts = partColumns + `WHERE account = $1 AND client = $2 AND long = $3 AND seq = $4 AND sum = $5
		AND message IS NOT NULL ORDER BY id DESC LIMIT 10`
	selectJoinedParts = partColumns + "WHERE account = $1 AND message = $2 AND state = 1 ORDER BY seq"
	selectPart        = partColumns + "WHERE id = $1 AND account = $2"

	// selectPersonParts has those alone that have a number: what is in a message is told with it.
	selectPersonParts = partColumns + "WHERE account = $1 AND number = $2 AND number <> ''"

	// A part that is in a message is found by its place, whether it was said before or not.
	joinPart = `UPDATE smpp_parts SET state = 1, message = $1, seq = seq % 1000, number = '', pdu = NULL
		WHERE id = $2 AND account = $3 AND state <> 1`
	failPart    = "UPDATE smpp_parts SET state = 2, message = $1, seq = seq % 1000 WHERE id = $2 AND account = $3 AND state = 0"
	dropPart    = "DELETE FROM smpp_parts WHERE id = $1 AND account = $2"
	eraseParts  = "DELETE FROM smpp_parts WHERE account = $1 AND number = $2 AND number <> ''"
	eraseJoined = "DELETE FROM smpp_parts WHERE account = $1 AND message = $2"
	deleteParts = "DELETE FROM smpp_parts WHERE id IN (SELECT id FROM smpp_parts WHERE id < $1 ORDER BY id LIMIT $2)"
	deleteLoose = "DELETE FROM smpp_parts WHERE id IN (SELECT id FROM smpp_parts WHERE state <> 1 AND id < $1 ORDER BY id LIMIT $2)"
)

func scanPart(scan Scan) (p smpp.Part, err error) {
	return p, scan(&p.ID, &p.Account, &p.Client, &p.Long, &p.Seq, &p.Number, &p.Registered, &p.Form, &p.Sum, &p.PDU, &p.Message, &p.Failed)
}

func (t smppParts) list(ctx context.Context, statement string, args ...any) ([]smpp.Part, error) {
	found, err := list(t.on(ctx), scanPart, statement, args...)
	if err != nil {
		return nil, fmt.Errorf("read parts of messages: %w", err)
	}
	return found, nil
}

var errPartMoves = errors.New("a part of a message is there and then it is not")

// KeepPart implements smpp.PartStore.
func (t smppParts) KeepPart(ctx context.Context, p *smpp.Part) (kept smpp.Part, fresh bool, err error) {
	err = t.transact(ctx, func(tx runs) error {
		added, err := tx.exec(insertPart, p.ID, p.Account, p.Client, p.Long, p.Seq, p.Number, int(p.Registered), p.Form, p.Sum, p.PDU)
		if err != nil {
			return fmt.Errorf("keep a part of a message: %w", err)
		}
		if fresh = added == 1; fresh {
			kept = *p
			return nil
		}
		var there bool
		kept, there, err = first(tx, scanPart, selectWaitingPart, p.Account, p.Client, p.Long, p.Seq)
		if err == nil && !there {
			err = errPartMoves
		}
		return err
	})
	return kept, fresh, err
}

// WaitingParts implements smpp.PartStore.
func (t smppParts) WaitingParts(ctx context.Context, account, client, long string) ([]smpp.Part, error) {
	return t.list(ctx, selectWaitingParts, account, client, long)
}

// CountParts implements smpp.PartStore.
func (t smppParts) CountParts(ctx context.Context, account, client string, most int) (n int, err error) {
	if _, err := t.on(ctx).read(countParts, []any{account, client, most}, &n); err != nil {
		return 0, fmt.Errorf("count parts of messages: %w", err)
	}
	return n, nil
}

// OldParts implements smpp.PartStore.
func (t smppParts) OldParts(ctx context.Context, account, client string, before sms.ID, limit int) ([]smpp.Part, error) {
	return t.list(ctx, selectOldParts, account, client, before, limit)
}

// FailedParts implements smpp.PartStore.
func (t smppParts) FailedParts(ctx context.Context, account, client string, after sms.ID, limit int) ([]smpp.Part, error) {
	return t.list(ctx, selectFailedParts, account, client, after, limit)
}

// EarlierParts implements smpp.PartStore.
func (t smppParts) EarlierParts(ctx context.Context, account, client, long string, seq int, sum []byte) ([]smpp.Part, error) {
	return t.list(ctx, selectEarlierParts, account, client, long, seq, sum)
}

// JoinedParts implements smpp.PartStore.
func (t smppParts) JoinedParts(ctx context.Context, account string, message sms.ID) ([]smpp.Part, error) {
	return t.list(ctx, selectJoinedParts, account, message)
}

// PersonParts implements person.KeepingParts.
func (t smppParts) PersonParts(ctx context.Context, account string, n sms.Number) (parts []person.Part, err error) {
	found, err := t.list(ctx, selectPersonParts, account, n)
	slices.SortFunc(found, func(a, b smpp.Part) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	for i := range found {
		p := &found[i]
		parts = append(parts, person.Part{ID: p.ID, Client: p.Client, At: p.ID.Time(), Seq: p.Place(), Text: p.Says()})
	}
	return parts, err
}

// Part implements smpp.PartStore.
func (t smppParts) Part(ctx context.Context, account string, id sms.ID) (smpp.Part, error) {
	p, known, err := first(t.on(ctx), scanPart, selectPart, id, account)
	switch {
	case err != nil:
		return p, fmt.Errorf("read a part of a message: %w", err)
	case !known:
		return p, gateway.ErrNotFound
	default:
		return p, nil
	}
}

// JoinParts implements smpp.PartStore.
func (t smppParts) JoinParts(ctx context.Context, account string, message sms.ID, parts []smpp.Part) error {
	return t.each(ctx, joinPart, parts, func(p *smpp.Part) []any { return []any{message, p.ID, account} })
}

// FailParts implements smpp.PartStore.
func (t smppParts) FailParts(ctx context.Context, account string, message sms.ID, parts []smpp.Part) error {
	return t.each(ctx, failPart, parts, func(p *smpp.Part) []any { return []any{orNull(message), p.ID, account} })
}

// DropParts implements smpp.PartStore.
func (t smppParts) DropParts(ctx context.Context, account string, parts []smpp.Part) error {
	return t.each(ctx, dropPart, parts, func(p *smpp.Part) []any { return []any{p.ID, account} })
}

func (t smppParts) each(ctx context.Context, statement string, parts []smpp.Part, args func(*smpp.Part) []any) error {
	if len(parts) == 0 {
		return nil
	}
	lists := make([][]any, len(parts))
	for i := range parts {
		lists[i] = args(&parts[i])
	}
	err := t.transact(ctx, func(tx runs) error {
		_, err := tx.execEach(statement, lists)
		return err
	})
	if err != nil {
		return fmt.Errorf("change parts of messages: %w", err)
	}
	return nil
}
