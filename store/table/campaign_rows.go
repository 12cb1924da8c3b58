package table

import (
	"context"
	"encoding/json"
	"fmt"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

const (
	rowColumns = `SELECT r.line, r.number, r.reference, r.data, r.state, r.why, r.message,
		coalesce(m.status, r.status), coalesce(m.reason, r.code), coalesce(m.segments, r.segments),
		coalesce(m.price, r.price), coalesce(m.updated_at, r.at), coalesce(m.attempt, 0), r.series, r.appointment,
		r.rule, r.meets, r.due FROM campaign_rows r`
	withMessages = " LEFT JOIN messages m ON m.account = r.account AND m.id = r.message"
	hasState     = `SELECT true FROM campaign_rows WHERE account = $1 AND campaign = $2 AND state = $3 LIMIT 1`

	// holdCheck is for who writes what a check found, and locks the campaign.
	holdCheck = `UPDATE campaigns SET read_done = $1, read_total = $2, waiting = waiting + $3, skipped = skipped + $4
		WHERE account = $5 AND id = $6 AND version = $7 AND fence = $8 AND status = 'checking'`
	restartCheck = `UPDATE campaigns SET read_done = 0, read_total = 0, waiting = 0, taken = 0, skipped = 0,
			canceled = 0, contents_kept = 1, numbers_kept = 1
		WHERE account = $1 AND id = $2 AND version = $3 AND fence = $4 AND status = 'checking'`
	endCheck = `UPDATE campaigns SET status = $1, problem = $2, check_hash = $3, report = $4, look = $5,
			checked_at = $6, sends = $7
		WHERE account = $8 AND id = $9 AND version = $10 AND fence = $11 AND status = 'checking'`
	deleteRows = `DELETE FROM campaign_rows WHERE account = $1 AND campaign = $2 AND line IN (
		SELECT line FROM campaign_rows WHERE account = $1 AND campaign = $2 ORDER BY line LIMIT $3)`
	insertRow = `INSERT INTO campaign_rows (account, campaign, line, number, reference, data, state, why, code,
			message, status, segments, price, at, series, appointment, rule, meets, due)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 0, 0, 0, $11, $12, $13, $14, $15)`
)

// rowData is what a row has of a person besides the number.
type rowData struct {
	Values map[string]string `json:"v,omitempty"`
	Text   string            `json:"t,omitempty"`
}

func dataOf(row *ledger.Row) (string, error) {
	if len(row.Values) == 0 && row.Text == "" {
		return "", nil
	}
	data, err := json.Marshal(rowData{row.Values, row.Text})
	if err != nil {
		return "", fmt.Errorf("values of a row: %w", err)
	}
	return string(data), nil
}

func scanRow(scan Scan) (row ledger.Row, err error) {
	var data, why string
	of := &row.Appointment
	err = scan(&row.Row, &row.Number, &row.Reference, &data, &row.State, &why, &row.Message, &row.Status, &row.Code,
		&row.Segments, &row.Price, &row.At, &row.Attempt, &of.Series, &of.Key, &of.Rule, &of.Meets, &of.Due)
	if err != nil {
		return row, err
	}
	if data != "" {
		var kept rowData
		if err := json.Unmarshal([]byte(data), &kept); err != nil {
			return row, fmt.Errorf("values of a row: %w", err)
		}
		row.Values, row.Text = kept.Values, kept.Text
	}
	row.Reason, err = reason.FromText(why, "")
	return row, err
}

// CampaignRows implements ledger.Rows.
func (t campaigns) CampaignRows(
	ctx context.Context, q ledger.RowQuery,
) (found []ledger.Row, more bool, err error) {
	statement, args := rowsQuery(q)
	if found, err = list(t.on(ctx), scanRow, statement, args...); err != nil {
		return nil, false, fmt.Errorf("read rows of a campaign: %w", err)
	}
	found, more = page(found, q.Limit)
	return found, more, nil
}

func rowsQuery(q ledger.RowQuery) (statement string, args []any) {
	f, index := &filter{}, ""
	f.add("r.account = ?", q.Account)
	f.add("r.campaign = ?", q.Campaign)
	if q.State != "" {
		index = " INDEXED BY campaign_rows_state"
		f.add("r.state = ?", q.State)
	}
	if q.Code != "" {
		f.add("r.code = ?", q.Code)
	}
	f.add("r.line > ?", q.After)
	order := " ORDER BY r.line"
	if q.Before > 0 {
		f.add("r.line < ?", q.Before)
		order += " DESC"
	}
	return rowColumns + index + withMessages + " " + f.where() + order + " LIMIT " + f.place(q.Limit+1), f.args
}

// BeginRows implements ledger.Rows.
func (t campaigns) BeginRows(ctx context.Context, c ledger.Claim) (empty bool, err error) {
	const some = 2000
	err = t.transact(ctx, func(tx runs) error {
		if err := tx.held(restartCheck, c.Account, c.Campaign, c.Version, c.Fence); err != nil {
			return err
		}
		n, err := tx.exec(deleteRows, c.Account, c.Campaign, some)
		if err != nil {
			return fmt.Errorf("forget rows of a check of before: %w", err)
		}
		empty = n < some
		return nil
	})
	return empty, err
}

// held runs a statement that changes a campaign that somebody works on. It returns
// ErrStopped where they do not any more.
func (r runs) held(statement string, args ...any) error {
	switch n, err := r.exec(statement, args...); {
	case err != nil:
		return fmt.Errorf("change a campaign: %w", err)
	case n == 0:
		return ledger.ErrStopped
	}
	return nil
}

// AddRows implements ledger.Rows.
func (t campaigns) AddRows(ctx context.Context, c ledger.Claim, rows []ledger.Row, p ledger.Progress) error {
	waiting, lists, err := rowLists(c.Account, c.Campaign, rows)
	if err != nil {
		return err
	}
	return t.transact(ctx, func(tx runs) error {
		err := tx.held(holdCheck, p.Done, p.Total, waiting, len(rows)-waiting, c.Account, c.Campaign, c.Version,
			c.Fence)
		if err != nil {
			return err
		}
		return tx.addRows(lists)
	})
}

func (r runs) addRows(lists [][]any) error {
	if _, err := r.execEach(insertRow, lists); err != nil {
		return fmt.Errorf("keep rows of a campaign: %w", err)
	}
	return nil
}

// rowLists are rows as insertRow takes them, and how many of them wait.
func rowLists(account string, id sms.ID, rows []ledger.Row) (waiting int, lists [][]any, err error) {
	lists = make([][]any, len(rows))
	for i := range rows {
		row := &rows[i]
		data, err := dataOf(row)
		if err != nil {
			return 0, nil, err
		}
		if row.State == ledger.Waiting {
			waiting++
		}
		lists[i] = []any{
			account, id, row.Row, row.Number, row.Reference, data, row.State, row.Reason.Text(),
			row.Reason.Code.Wire(),
			sms.ID{},
			row.Appointment.Series, row.Appointment.Key, row.Appointment.Rule,
			row.Appointment.Meets, row.Appointment.Due,
		}
	}
	return waiting, lists, nil
}

// EndCheck implements ledger.Rows.
func (t campaigns) EndCheck(ctx context.Context, c ledger.Claim, done ledger.Checked) error {
	status := ledger.Ready
	if !done.Problem.IsZero() {
		status = ledger.Draft
	}
	return t.transact(ctx, func(tx runs) error {
		err := tx.held(endCheck, status, done.Problem.Text(), done.Check, string(done.Report), string(done.Look),
			done.At, done.Messages, c.Account, c.Campaign, c.Version, c.Fence)
		if err != nil {
			return err
		}
		of, err := tx.campaign(selectCampaign, c.Account, c.Campaign)
		if err != nil {
			return err
		}
		by := ledger.Mark{At: done.At, By: sms.ActorGateway}
		if err := tx.note(&of, by); err != nil {
			return err
		}
		return tx.tellMoved(ledger.Checking, &of, by)
	})
}
