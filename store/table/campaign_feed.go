package table

import (
	"context"
	"fmt"

	"relais/campaign/ledger"
	"relais/gateway"
	"relais/sms"
)

const (
	// lead takes a campaign on. A lease that comes back has a higher fence.
	lead = `UPDATE campaigns SET fence = $1 WHERE account = $2 AND id = $3 AND fence <= $1 AND status <> 'dropped'`

	selectWaitingRows = rowColumns + " INDEXED BY campaign_rows_state" + withMessages + `
		WHERE r.account = $1 AND r.campaign = $2 AND r.state = 'waiting' ORDER BY r.line LIMIT $3`
	selectTakenRows = rowColumns + " INDEXED BY campaign_rows_state" + withMessages + `
		WHERE r.account = $1 AND r.campaign = $2 AND r.state = 'taken' AND r.line > $3 ORDER BY r.line LIMIT $4`
	countQueued = `SELECT count(CASE WHEN m.status = 'queued' THEN 1 END) FROM (
			SELECT message FROM campaign_rows INDEXED BY campaign_rows_state
			WHERE account = $1 AND campaign = $2 AND state = 'taken' ORDER BY line DESC LIMIT $3
		) AS r JOIN messages m ON m.account = $1 AND m.id = r.message`

	// holdTake counts rows that are taken, and locks the campaign: what pauses it waits, or
	// was first.
	holdTake = `UPDATE campaigns SET waiting = waiting - $1, taken = taken + $1
		WHERE account = $2 AND id = $3 AND fence = $4 AND status = 'running'`
	holdSkip = `UPDATE campaigns SET waiting = waiting - $1, skipped = skipped + $1
		WHERE account = $2 AND id = $3 AND fence = $4 AND status = 'running'`
	holdCancel = `UPDATE campaigns SET waiting = waiting - $1, canceled = canceled + $1
		WHERE account = $2 AND id = $3 AND status = 'canceling'`
	holdEnd = `UPDATE campaigns SET taken = taken - $1, waiting = waiting + $2, canceled = canceled + $3,
			delivered = delivered + $4, undelivered = undelivered + $5, expired = expired + $6,
			rejected = rejected + $7, withdrawn = withdrawn + $8, segments = segments + $9, price = price + $10,
			watch = $11
		WHERE account = $12 AND id = $13 AND fence = $14`

	takeRow = `UPDATE campaign_rows SET state = 'taken', message = $1
		WHERE account = $2 AND campaign = $3 AND line = $4 AND state = 'waiting'`
	skipRow = `UPDATE campaign_rows SET state = 'skipped', why = $1, code = $2
		WHERE account = $3 AND campaign = $4 AND line = $5 AND state = 'waiting'`
	endRow = `UPDATE campaign_rows SET state = $1, message = $2, status = $3, code = $4, segments = $5, price = $6,
			at = $7
		WHERE account = $8 AND campaign = $9 AND line = $10 AND state = 'taken' AND message = $11`
	selectWaitingLines = `SELECT line FROM campaign_rows INDEXED BY campaign_rows_state
		WHERE account = $1 AND campaign = $2 AND state = 'waiting' ORDER BY line LIMIT $3`
	cancelRow = `UPDATE campaign_rows SET state = 'canceled'
		WHERE account = $1 AND campaign = $2 AND line = $3 AND state = 'waiting'`
)

// Ledger takes rows for stores that accept messages.
type Ledger struct{ runner *runner }

// NewLedger returns that of a database.
func NewLedger(d Dialect) *Ledger { return &Ledger{&runner{dialect: d}} }

// Take takes the rows of acceptances that are a campaign's, in the transaction that stores
// their messages. It returns ledger.ErrStopped or ledger.ErrTaken; nothing of the
// transaction may be kept then.
func (l *Ledger) Take(on Conn, all ...*gateway.Acceptance) error {
	r := runs{l.runner, on}
	for len(all) > 0 {
		of, n := all[0].Taking, 1
		for n < len(all) && sameCampaign(of, all[n].Taking) {
			n++
		}
		if of != nil {
			if err := r.take(of, all[:n]); err != nil {
				return err
			}
		}
		all = all[n:]
	}
	return nil
}

func sameCampaign(a, b *ledger.Taking) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Campaign == b.Campaign && a.Fence == b.Fence
}

func (r runs) take(of *ledger.Taking, all []*gateway.Acceptance) error {
	var account string
	var lists [][]any
	for _, a := range all {
		if len(a.Taking.Rows) != len(a.Drafts) {
			return fmt.Errorf("%d messages for %d rows of a campaign", len(a.Drafts), len(a.Taking.Rows))
		}
		for i := range a.Drafts {
			account = a.Drafts[i].Account
			lists = append(lists, []any{a.Drafts[i].ID, account, of.Campaign, a.Taking.Rows[i]})
		}
	}
	if err := r.held(holdTake, len(lists), account, of.Campaign, of.Fence); err != nil {
		return err
	}
	return r.each(takeRow, lists)
}

// each moves rows, all of them or none.
func (r runs) each(statement string, lists [][]any) error {
	switch n, err := r.execEach(statement, lists); {
	case err != nil:
		return fmt.Errorf("move rows of a campaign: %w", err)
	case n != len(lists):
		return ledger.ErrTaken
	}
	return nil
}

// Active implements ledger.Feed.
func (t campaigns) Active(ctx context.Context, status ledger.Status) ([]ledger.Campaign, error) {
	found, err := list(t.on(ctx), scanCampaign, selectInStatus, status)
	if err != nil {
		return nil, fmt.Errorf("read campaigns that are %s: %w", status, err)
	}
	return found, nil
}

// Lead implements ledger.Feed.
func (t campaigns) Lead(ctx context.Context, c ledger.Claim) error {
	return t.on(ctx).held(lead, c.Fence, c.Account, c.Campaign)
}

// WaitingRows implements ledger.Feed.
func (t campaigns) WaitingRows(
	ctx context.Context, account string, id sms.ID, limit int,
) ([]ledger.Row, error) {
	return t.rows(ctx, selectWaitingRows, account, id, limit)
}

// TakenRows implements ledger.Feed.
func (t campaigns) TakenRows(
	ctx context.Context, account string, id sms.ID, after, limit int,
) ([]ledger.Row, error) {
	return t.rows(ctx, selectTakenRows, account, id, after, limit)
}

func (t campaigns) rows(ctx context.Context, statement string, args ...any) ([]ledger.Row, error) {
	found, err := list(t.on(ctx), scanRow, statement, args...)
	if err != nil {
		return nil, fmt.Errorf("read rows of a campaign: %w", err)
	}
	return found, nil
}

// SkipRows implements ledger.Feed.
func (t campaigns) SkipRows(ctx context.Context, c ledger.Claim, rows []ledger.Row) error {
	lists := make([][]any, len(rows))
	for i := range rows {
		why := rows[i].Reason
		lists[i] = []any{why.Text(), why.Code.Wire(), c.Account, c.Campaign, rows[i].Row}
	}
	return t.transact(ctx, func(tx runs) error {
		if err := tx.held(holdSkip, len(rows), c.Account, c.Campaign, c.Fence); err != nil {
			return err
		}
		return tx.each(skipRow, lists)
	})
}

// FedAhead implements ledger.Feed.
func (t campaigns) FedAhead(ctx context.Context, account string, id sms.ID, most int) (n int, err error) {
	if _, err := t.on(ctx).read(countQueued, []any{account, id, most}, &n); err != nil {
		return 0, fmt.Errorf("count what a campaign has queued: %w", err)
	}
	return n, nil
}

// EndRows implements ledger.Feed.
func (t campaigns) EndRows(ctx context.Context, c ledger.Claim, rows []ledger.Row) error {
	return t.transact(ctx, func(tx runs) error {
		watch, err := tx.watched(&c, rows)
		if err != nil {
			return err
		}
		rows, err := tx.replacedRows(&c, rows)
		if err != nil {
			return err
		}
		var n ledger.Counts
		lists := make([][]any, len(rows))
		for i := range rows {
			row := &rows[i]
			n.Add(row)
			var keeps sms.ID
			if row.State == ledger.Ended {
				keeps = row.Message
			}
			lists[i] = []any{
				row.State, keeps, row.Status, row.Code, row.Segments, row.Price, row.At, c.Account, c.Campaign, row.Row,
				row.Message,
			}
		}
		e := n.Ended
		err = tx.held(holdEnd, len(rows), n.Waiting, n.Canceled, e.Delivered, e.Undelivered, e.Expired, e.Rejected,
			e.Canceled, e.Segments, int64(e.Price), watch, c.Account, c.Campaign, c.Fence)
		if err != nil {
			return err
		}
		return tx.each(endRow, lists)
	})
}

// CancelRows implements ledger.Feed.
func (t campaigns) CancelRows(
	ctx context.Context, account string, id sms.ID, limit int,
) (canceled int, err error) {
	err = t.transact(ctx, func(tx runs) error {
		if err := tx.held(holdCancel, 0, account, id); err != nil {
			return err
		}
		scan := func(scan Scan) (line int, err error) { return line, scan(&line) }
		found, err := list(tx, scan, selectWaitingLines, account, id, limit)
		if err != nil {
			return fmt.Errorf("read rows of a campaign: %w", err)
		}
		lists := make([][]any, len(found))
		for i, line := range found {
			lists[i] = []any{account, id, line}
		}
		canceled = len(found)
		if err := tx.held(holdCancel, canceled, account, id); err != nil {
			return err
		}
		return tx.each(cancelRow, lists)
	})
	return canceled, err
}
