package table

import (
	"cmp"
	"context"
	"encoding/json"
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

	// lockSeries locks a campaign and those of its series that have open reminders, always in one
	// order: those who feed, follow and erase them wait, or were first.
	lockSeries = `SELECT id FROM campaigns WHERE account = $1 AND id IN (
			SELECT campaign FROM campaign_rows INDEXED BY campaign_rows_appointment
			WHERE account = $1 AND series = $2 AND appointment <> '' AND live <> 0 AND state IN ('waiting', 'taken')
			UNION ALL SELECT id FROM campaigns WHERE account = $1 AND id = $3)
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
	// goLive is last: the database refuses two reminders of one appointment. What waits has a key.
	goLive = `UPDATE campaign_rows SET live = 1
		WHERE account = $1 AND campaign = $2 AND state = 'waiting'`

	// selectLater has the campaigns that started after one, of every series.
	selectLater = `SELECT id, started_at, options FROM campaigns
		WHERE account = $1 AND id >= $2 AND status <> 'dropped' AND started_at > 0 AND (started_at, id) > (
			SELECT started_at, id FROM campaigns WHERE account = $1 AND id = $3)`
	// selectOthersOf has the rows of an appointment in other campaigns of its series.
	selectOthersOf = `SELECT campaign, rule, meets, state, live FROM campaign_rows INDEXED BY campaign_rows_appointment
		WHERE account = $1 AND series = $2 AND appointment = $3 AND appointment <> '' AND campaign <> $4`
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

// series are the campaigns whose reminders one takes over that starts.
type series struct {
	before []sms.ID     // which are locked
	queued []recallable // before they were
}

// lockSeries locks a campaign that is about to start, with those whose reminders it takes over.
func (r runs) lockSeries(account string, id sms.ID) (of series, err error) {
	c, err := r.campaign(selectCampaign, account, id)
	if err != nil {
		return of, err
	}
	if err := r.conn.Lock("reminders of " + account); err != nil {
		return of, err
	}
	if c.Options.Appointments.Any() && c.StartedAt.IsZero() {
		if of.queued, err = r.recallable(&c); err != nil {
			return of, err
		}
	}
	scan := func(scan Scan) (id sms.ID, err error) { return id, scan(&id) }
	all, err := list(r, scan, lockSeries, account, c.Series(), id)
	if err != nil {
		return of, fmt.Errorf("lock a series of campaigns: %w", err)
	}
	of.before = slices.DeleteFunc(all, func(of sms.ID) bool { return of == id })
	return of, nil
}

// join makes the reminders of a campaign that starts those of its series, which is locked.
func (r runs) join(c *ledger.Campaign, of series, at time.Time) error {
	if err := r.recall(c, of.before, of.queued, at); err != nil {
		return err
	}
	series, before := c.Series(), of.before
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
// replaced since, or whose appointment is gone. Whoever calls it has locked the campaign.
func (r runs) replacedRows(c *ledger.Claim, rows []ledger.Row) ([]ledger.Row, error) {
	var changed []ledger.Row
	var later []laterCampaign
	for i := range rows {
		of := &rows[i].Appointment
		if rows[i].State != ledger.Waiting || of.Key == "" {
			continue
		}
		if changed == nil {
			var err error
			if later, err = r.laterCampaigns(c, of.Series); err != nil {
				return nil, err
			}
			changed = slices.Clone(rows)
		}
		others, err := list(r, scanOther, selectOthersOf, c.Account, of.Series, of.Key, c.Campaign)
		if err != nil {
			return nil, fmt.Errorf("look for newer reminders: %w", err)
		}
		if why := overtaken(of, later, others); why != "" {
			changed[i].State, changed[i].Code = ledger.RowCanceled, why.Wire()
		}
	}
	if changed == nil {
		return rows, nil
	}
	return changed, nil
}

// laterCampaign is one of a series that started after another one.
type laterCampaign struct {
	id       sms.ID
	started  time.Time
	complete bool
}

// laterCampaigns are those of a series that started after one, the last first.
func (r runs) laterCampaigns(c *ledger.Claim, series sms.ID) ([]laterCampaign, error) {
	var later []laterCampaign
	scan := func(scan Scan) (of ledger.Campaign, err error) {
		var options string
		if err := scan(&of.ID, &of.StartedAt, &options); err != nil {
			return of, err
		}
		return of, json.Unmarshal([]byte(options), &of.Options)
	}
	found, err := list(r, scan, selectLater, c.Account, series, c.Campaign)
	if err != nil {
		return nil, fmt.Errorf("read campaigns that started later: %w", err)
	}
	for i := range found {
		of := &found[i]
		if of.Series() == series && of.Options.Appointments.Any() {
			later = append(later, laterCampaign{of.ID, of.StartedAt, of.Options.Appointments.Complete})
		}
	}
	slices.SortFunc(later, func(a, b laterCampaign) int {
		return cmp.Or(b.started.Compare(a.started), slices.Compare(b.id[:], a.id[:]))
	})
	return later, nil
}

// otherRow is a row of an appointment in another campaign of the series.
type otherRow struct {
	campaign sms.ID
	rule     string
	meets    time.Time
	state    ledger.State
	live     bool
}

func scanOther(scan Scan) (o otherRow, err error) {
	var live int
	err = scan(&o.campaign, &o.rule, &o.meets, &o.state, &live)
	o.live = live != 0
	return o, err
}

// overtaken is why a reminder does not wait again; empty: it does. The last campaign that knows
// when the appointment is, or that it is gone, is right about it.
func overtaken(of *ledger.Appointment, later []laterCampaign, others []otherRow) reason.Code {
	isLater := func(id sms.ID) bool {
		return slices.ContainsFunc(later, func(c laterCampaign) bool { return c.id == id })
	}
	for _, o := range others {
		if !o.live || o.rule != of.Rule {
			continue
		}
		left := o.state == ledger.Taken || o.state == ledger.Ended
		if o.state == ledger.Waiting || left && o.meets.Equal(of.Meets) && isLater(o.campaign) {
			return ledger.Replaced
		}
	}
	for _, c := range later {
		switch meets, tookOver, has := saidBy(c.id, of.Rule, others); {
		case !has && c.complete:
			return ledger.Gone
		case meets.IsZero():
			continue
		case tookOver || !meets.Equal(of.Meets):
			return ledger.Replaced
		default:
			return ""
		}
	}
	return ""
}

// saidBy is when an appointment is by a campaign, where it knows, and whether the campaign took over
// the reminder by a rule. What waited when it started goes before what it left out.
func saidBy(campaign sms.ID, rule string, others []otherRow) (meets time.Time, tookOver, has bool) {
	for _, o := range others {
		if o.campaign != campaign {
			continue
		}
		has, tookOver = true, tookOver || o.live && o.rule == rule
		if o.live || meets.IsZero() {
			meets = o.meets
		}
	}
	return meets, tookOver, has
}
