package table

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"relais/campaign/ledger"
	"relais/person"
	"relais/reason"
	"relais/sms"
)

// campaignPurges forget what campaigns have of people.
type campaignPurges struct{ *runner }

// idle has the statuses of campaigns that were never started and do not start by themselves.
var idle = statusList(ledger.Status.Idle)

// over has the statuses of campaigns that have ended.
var over = statusList(ledger.Status.Final)

func statusList(of func(ledger.Status) bool) string {
	var all []string
	for _, s := range ledger.Statuses {
		if of(s) {
			all = append(all, "'"+string(s)+"'")
		}
	}
	return "(" + strings.Join(all, ", ") + ")"
}

const (
	began = "CASE WHEN started_at > 0 THEN started_at ELSE created_at END"

	selectPageOfRows = `SELECT line, number FROM campaign_rows
		WHERE account = $1 AND campaign = $2 AND line > $3 ORDER BY line LIMIT $4`
	// forgetValues takes the appointments that are over as well. A newer table knows by those to come
	// whom the campaign reminded.
	forgetValues = `UPDATE campaign_rows SET data = '',
			appointment = CASE WHEN meets < $5 THEN '' ELSE appointment END,
			due = CASE WHEN meets < $5 THEN 0 ELSE due END, meets = CASE WHEN meets < $5 THEN 0 ELSE meets END
		WHERE account = $1 AND campaign = $2 AND line > $3 AND line <= $4
			AND (data <> '' OR appointment <> '' AND meets < $5)`
	hideRow = `UPDATE campaign_rows SET number = $1
		WHERE account = $2 AND campaign = $3 AND line = $4 AND number = $5`
	numbersHidden = "UPDATE campaigns SET numbers_kept = 0, sends = '' WHERE account = $1 AND id = $2"

	// dropFileParts takes parts of one upload, so that a file that is being uploaded stays.
	dropFileParts = `DELETE FROM campaign_chunks WHERE account = $1 AND campaign = $2 AND upload = $3 AND n IN (
		SELECT n FROM campaign_chunks WHERE account = $1 AND campaign = $2 AND upload = $3 LIMIT $4)`
	dropAnyParts = `DELETE FROM campaign_chunks WHERE account = $1 AND campaign = $2 AND (upload, n) IN (
		SELECT upload, n FROM campaign_chunks WHERE account = $1 AND campaign = $2 LIMIT $3)`
	// forgetFile keeps the name, and that there was a file.
	forgetFile = `UPDATE campaigns SET file_sha256 = '', file_size = 0, file_chunks = 0, look = ''
		WHERE account = $1 AND id = $2`
	contentsForgotten = "UPDATE campaigns SET contents_kept = 0 WHERE account = $1 AND id = $2"
	// What somebody wrote who did not agree to a campaign stands in its timeline, and until it is written
	// anew in itself.
	forgetSaid = `UPDATE campaign_events SET saw = $3
		WHERE account = $1 AND campaign = $2 AND why = 'approval_refused' AND saw <> ''`
	forgetSentence = `UPDATE campaigns SET saw = $3 WHERE account = $1 AND id = $2 AND why = 'approval_refused'`
	// unchecked makes a draft of a campaign. Nobody touched it, so that its time stays.
	unchecked = `UPDATE campaigns SET status = 'draft', why = '', saw = '', version = version + 1, check_hash = '',
			report = '', checked_at = 0, started_by = '', waiting = 0, taken = 0, skipped = 0, canceled = 0, touched_at = $3
		WHERE account = $1 AND id = $2`

	selectPersonRows = `WITH found AS MATERIALIZED (
			SELECT campaign, line, state, code, reference, data, message, appointment, rule, meets, due
			FROM campaign_rows INDEXED BY campaign_rows_number
			WHERE account = $1 AND number = $2 AND number <> '' AND number <> '~')
		SELECT r.campaign, r.line, c.name, r.state,
			coalesce((SELECT m.reason FROM messages m WHERE m.account = $1 AND m.id = r.message), r.code),
			r.reference, r.data, r.message, r.appointment, r.rule, r.meets, r.due
		FROM found r JOIN campaigns c ON c.account = $1 AND c.id = r.campaign
		WHERE c.status <> 'dropped' AND (r.campaign, r.line) > ($3, $4)
		ORDER BY r.campaign, r.line LIMIT $5`
)

var (
	// selectForgettable finds a campaign whose file or values are kept too long.
	selectForgettable = `SELECT id, status, file_sha256 <> '', touched_at FROM campaigns INDEXED BY campaigns_contents
		WHERE account = $1 AND contents_kept <> 0 AND (status IN ` + over + ` AND (ended_at < $2 OR ` + began +
		` < $3) OR status IN ` + idle + ` AND touched_at < $4) ORDER BY id LIMIT 1`
	lockForgettable = `SELECT true FROM campaigns WHERE account = $1 AND id = $2 AND status = $3
		AND touched_at = $4 FOR UPDATE`
	selectHideable = `SELECT id, status, file_sha256 <> '', touched_at FROM campaigns INDEXED BY campaigns_numbers
		WHERE account = $1 AND numbers_kept <> 0 AND status IN ` + over + ` AND ` + began + ` < $2
		ORDER BY id LIMIT 1`
)

// partsAtOnce bounds how many parts of a file go in one transaction.
const partsAtOnce = 20

// PurgeCampaigns implements person.KeepingCampaigns. Pages are read beside the transaction.
func (t campaignPurges) PurgeCampaigns(
	ctx context.Context, p person.CampaignPurge,
) (done person.CampaignPurged, err error) {
	step := purging{runner: t.runner, CampaignPurge: &p}
	find, args := selectForgettable, []any{p.Account, p.Ended, p.Begun, p.Untouched}
	if p.Hide != nil {
		find, args = selectHideable, []any{p.Account, p.Begun}
	}
	done.Some, err = t.on(ctx).read(find, args, &step.id, &step.status, &step.filed, &step.touched)
	if err != nil {
		return done, fmt.Errorf("look for campaigns that are kept too long: %w", err)
	}
	if !done.Some {
		return done, nil
	}
	if p.After.Campaign == step.id {
		step.after = p.After.Row
	}
	if step.rows, err = step.page(t.on(ctx)); err != nil {
		return done, err
	}
	err = t.transact(ctx, func(tx runs) error {
		done, err = step.do(tx)
		return err
	})
	if err != nil {
		return done, fmt.Errorf("forget what a campaign has: %w", err)
	}
	return done, nil
}

// purging is a step of a retention of one campaign.
type purging struct {
	*runner
	*person.CampaignPurge

	id      sms.ID
	status  ledger.Status
	filed   bool // there is a file
	touched int64
	after   int
	rows    []numbered
}

type numbered struct {
	line   int
	number sms.Number
}

func (s *purging) page(r runs) ([]numbered, error) {
	scan := func(scan Scan) (row numbered, err error) { return row, scan(&row.line, &row.number) }
	found, err := list(r, scan, selectPageOfRows, s.Account, s.id, s.after, s.Limit)
	if err != nil {
		return nil, fmt.Errorf("read rows of a campaign: %w", err)
	}
	return found, nil
}

func (s *purging) do(tx runs) (done person.CampaignPurged, err error) {
	done = person.CampaignPurged{Some: true, Next: person.RowPlace{Campaign: s.id, Row: s.after}}
	var still bool
	_, err = tx.read(lockForgettable, []any{s.Account, s.id, s.status, s.touched}, &still)
	switch {
	case err != nil || !still: // somebody was at it: the next step sees
	case s.Hide != nil:
		err = s.hide(tx, &done)
	case s.status.Idle():
		err = s.empty(tx, &done)
	default:
		err = s.forget(tx, &done)
	}
	return done, err
}

// last reports whether no row comes behind the page, and else where the next one begins.
func (s *purging) last(done *person.CampaignPurged) bool {
	if len(s.rows) > 0 {
		done.Next.Row = s.rows[len(s.rows)-1].line
	}
	return len(s.rows) < s.Limit
}

func (s *purging) hide(tx runs, done *person.CampaignPurged) (err error) {
	var lists [][]any
	for _, row := range s.rows {
		if hidden := s.Hide(row.number); row.number != "" && hidden != row.number {
			lists = append(lists, []any{hidden, s.Account, s.id, row.line, row.number})
		}
	}
	if done.Changed, err = tx.execEach(hideRow, lists); err != nil || !s.last(done) {
		return err
	}
	return tx.do(numbersHidden, s.Account, s.id)
}

// forget takes the file of a campaign that has ended, and then the values of its rows.
func (s *purging) forget(tx runs, done *person.CampaignPurged) error {
	if more, err := s.dropParts(tx); more || err != nil {
		return err
	}
	whole := s.last(done)
	const zones = 24 * time.Hour // at most, between the clock of a place and another one
	n, err := tx.exec(forgetValues, s.Account, s.id, s.after, done.Next.Row, s.At.Add(-zones))
	if done.Changed = n; err != nil || !whole {
		return err
	}
	return s.contentsGone(tx)
}

// contentsGone forgets what is left of the contents of a campaign when the rest is gone.
func (s *purging) contentsGone(tx runs) error {
	if err := tx.forgetSentences(s.Account, s.id); err != nil {
		return err
	}
	if err := tx.do(forgetFile, s.Account, s.id); err != nil {
		return err
	}
	return tx.do(contentsForgotten, s.Account, s.id)
}

// forgetSentences forgets what people wrote who did not agree to a campaign.
func (r runs) forgetSentences(account string, id sms.ID) error {
	left := reason.Of(ledger.SentenceForgotten, nil).Text()
	if err := r.do(forgetSaid, account, id, left); err != nil {
		return err
	}
	return r.do(forgetSentence, account, id, left)
}

func (s *purging) dropParts(tx runs) (more bool, err error) {
	n, err := tx.exec(dropAnyParts, s.Account, s.id, partsAtOnce)
	return n == partsAtOnce, err
}

// empty takes the file and the rows of a campaign that was never started. It is a draft
// before any of them is gone: nobody may start what is left of it.
func (s *purging) empty(tx runs, done *person.CampaignPurged) error {
	if s.status != ledger.Draft {
		c := ledger.Campaign{Account: s.Account, ID: s.id, Status: ledger.Draft, Why: ledger.KeptTooLong}
		if err := tx.note(&c, ledger.Mark{At: s.At, By: sms.ActorGateway}); err != nil {
			return err
		}
		return tx.do(unchecked, s.Account, s.id, s.touched)
	}
	if more, err := s.dropParts(tx); more || err != nil {
		return err
	}
	n, err := tx.exec(deleteRows, s.Account, s.id, s.Limit)
	if done.Changed = n; err != nil || n == s.Limit {
		return err
	}
	if n > 0 || s.filed {
		if err := tx.do(unchecked, s.Account, s.id, s.touched); err != nil {
			return err
		}
	}
	return s.contentsGone(tx)
}

// PersonRows implements person.KeepingCampaigns.
func (t campaignPurges) PersonRows(
	ctx context.Context, q person.RowsQuery,
) (found []person.CampaignRow, more bool, err error) {
	scan := func(scan Scan) (row person.CampaignRow, err error) {
		var data string
		of := &row.Appointment
		err = scan(&row.Campaign, &row.Row, &row.Name, &row.State, &row.Code, &row.Reference, &data, &row.Message,
			&of.Key, &of.Rule, &of.Meets, &of.Due)
		if err == nil && data != "" {
			var kept rowData
			err = json.Unmarshal([]byte(data), &kept)
			row.Values, row.Text = kept.Values, kept.Text
		}
		return row, err
	}
	found, err = list(t.on(ctx), scan, selectPersonRows, q.Account, q.Number, q.After.Campaign,
		q.After.Row, q.Limit+1)
	if err != nil {
		return nil, false, fmt.Errorf("read rows of campaigns of a person: %w", err)
	}
	found, more = page(found, q.Limit)
	return found, more, nil
}
