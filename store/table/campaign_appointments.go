package table

import (
	"context"
	"fmt"
	"slices"
	"time"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

const (
	selectDueRows = rowColumns + " INDEXED BY campaign_rows_due" + withMessages + `
		WHERE r.account = $1 AND r.campaign = $2 AND r.appointment <> '' AND r.state = 'waiting' AND r.due <= $3
		ORDER BY r.due, r.line LIMIT $4`
	selectSeriesRows = `SELECT appointment, campaign, line, meets FROM campaign_rows INDEXED BY campaign_rows_appointment
		WHERE account = $1 AND series = $2 AND appointment <> '' AND (appointment, campaign, line) > ($3, $4, $5)
			AND state = 'waiting' AND live <> 0
		ORDER BY appointment, campaign, line LIMIT $6`

	// lockSeries locks the campaigns of a series that have open reminders, always in one order: those
	// who feed and follow them wait, or were first.
	lockSeries = `SELECT id FROM campaigns WHERE account = $1 AND id <> $3 AND id IN (
			SELECT campaign FROM campaign_rows INDEXED BY campaign_rows_appointment
			WHERE account = $1 AND series = $2 AND appointment <> '' AND live <> 0 AND state IN ('waiting', 'taken'))
		ORDER BY id FOR UPDATE`
	// skipReminded leaves out the rows of a campaign whose very reminder left by another one.
	skipReminded = `UPDATE campaign_rows SET state = 'skipped', why = $4, code = $5
		WHERE account = $1 AND campaign = $3 AND appointment <> '' AND state = 'waiting' AND EXISTS (
			SELECT 1 FROM campaign_rows AS r INDEXED BY campaign_rows_appointment
			WHERE r.account = $1 AND r.series = $2 AND r.appointment = campaign_rows.appointment
				AND r.appointment <> '' AND r.rule = campaign_rows.rule AND r.meets = campaign_rows.meets
				AND r.number = campaign_rows.number AND r.live <> 0 AND r.state IN ('taken', 'ended'))`
	// replaceRows cancels what waits in a campaign of before of appointments that a new one has: what
	// it reminds of itself, what it knows to have been sent, and what it has at another time.
	replaceRows = `UPDATE campaign_rows SET state = 'canceled', why = $5, code = $6
		WHERE account = $1 AND campaign = $4 AND appointment <> '' AND state = 'waiting' AND EXISTS (
			SELECT 1 FROM campaign_rows AS n INDEXED BY campaign_rows_appointment
			WHERE n.account = $1 AND n.series = $2 AND n.appointment = campaign_rows.appointment
				AND n.appointment <> '' AND n.campaign = $3 AND n.meets <> 0
				AND (n.state = 'waiting' OR n.code = 'appointment_reminded' OR n.meets <> campaign_rows.meets))`
	// cancelGone cancels what waits there of appointments that a new campaign has not.
	cancelGone = `UPDATE campaign_rows SET state = 'canceled', why = $5, code = $6
		WHERE account = $1 AND campaign = $4 AND appointment <> '' AND state = 'waiting' AND NOT EXISTS (
			SELECT 1 FROM campaign_rows AS n INDEXED BY campaign_rows_appointment
			WHERE n.account = $1 AND n.series = $2 AND n.appointment = campaign_rows.appointment
				AND n.appointment <> '' AND n.campaign = $3)`
	countReplaced = `UPDATE campaigns SET waiting = waiting - $1, canceled = canceled + $1 WHERE account = $2 AND id = $3`
	countReminded = `UPDATE campaigns SET waiting = waiting - $1, skipped = skipped + $1 WHERE account = $2 AND id = $3`
	// goLive is last: the database refuses two reminders of one appointment.
	goLive = `UPDATE campaign_rows SET live = 1
		WHERE account = $1 AND campaign = $2 AND appointment <> '' AND state = 'waiting'`

	hasNewer = `SELECT true FROM campaign_rows INDEXED BY campaign_rows_appointment
		WHERE account = $1 AND series = $2 AND appointment = $3 AND appointment <> '' AND rule = $4 AND live <> 0
			AND state = 'waiting' LIMIT 1`
)

// DueRows implements ledger.Feed.
func (t campaigns) DueRows(
	ctx context.Context, account string, id sms.ID, by time.Time, limit int,
) ([]ledger.Row, error) {
	return t.rows(ctx, selectDueRows, account, id, by, limit)
}

// SeriesRows implements ledger.Reminders.
func (t campaigns) SeriesRows(
	ctx context.Context, account string, series sms.ID, after ledger.SeriesPlace, limit int,
) ([]ledger.SeriesRow, error) {
	scan := func(scan Scan) (r ledger.SeriesRow, err error) {
		return r, scan(&r.Key, &r.Campaign, &r.Row, &r.Meets)
	}
	found, err := list(t.on(ctx), scan, selectSeriesRows, account, series, after.Key, after.Campaign, after.Row, limit)
	if err != nil {
		return nil, fmt.Errorf("read reminders that wait: %w", err)
	}
	return found, nil
}

// join makes the reminders of a campaign that starts those of its series.
func (r runs) join(c *ledger.Campaign) error {
	series := c.Series()
	if err := r.conn.Lock("reminders of " + c.Account); err != nil {
		return err
	}
	scan := func(scan Scan) (id sms.ID, err error) { return id, scan(&id) }
	before, err := list(r, scan, lockSeries, c.Account, series, c.ID)
	if err != nil {
		return err
	}
	sent := reason.Of(ledger.AlreadyReminded, nil)
	n, err := r.exec(skipReminded, c.Account, series, c.ID, sent.Text(), sent.Code.Wire())
	if err == nil {
		err = r.do(countReminded, n, c.Account, c.ID)
	}
	c.Counts.Waiting, c.Counts.Skipped = c.Counts.Waiting-n, c.Counts.Skipped+n
	for i := 0; err == nil && i < len(before); i++ {
		err = r.replace(c, series, before[i])
	}
	if err != nil {
		return err
	}
	return r.do(goLive, c.Account, c.ID)
}

// replace cancels what waits in a campaign of before.
func (r runs) replace(c *ledger.Campaign, series, before sms.ID) error {
	why := reason.Of(ledger.Replaced, nil)
	n, err := r.exec(replaceRows, c.Account, series, c.ID, before, why.Text(), why.Code.Wire())
	if err == nil && c.Options.Appointments.Complete {
		var gone int
		why := reason.Of(ledger.Gone, nil)
		gone, err = r.exec(cancelGone, c.Account, series, c.ID, before, why.Text(), why.Code.Wire())
		n += gone
	}
	if err != nil || n == 0 {
		return err
	}
	return r.do(countReplaced, n, c.Account, before)
}

// replacedRows are rows that end, of which a reminder is canceled that would wait again and has been
// replaced since. Whoever calls it has locked the campaign.
func (r runs) replacedRows(c *ledger.Claim, rows []ledger.Row) ([]ledger.Row, error) {
	var changed []ledger.Row
	for i := range rows {
		of := &rows[i].Appointment
		if rows[i].State != ledger.Waiting || of.Key == "" {
			continue
		}
		var newer bool
		if _, err := r.read(hasNewer, []any{c.Account, of.Series, of.Key, of.Rule}, &newer); err != nil {
			return nil, fmt.Errorf("look for a newer reminder: %w", err)
		}
		if !newer {
			continue
		}
		if changed == nil {
			changed = slices.Clone(rows)
		}
		changed[i].State, changed[i].Code = ledger.RowCanceled, ledger.Replaced.Wire()
	}
	if changed == nil {
		return rows, nil
	}
	return changed, nil
}
