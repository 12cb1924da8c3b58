package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/merge"
	"relais/reason"
	"relais/sheet"
	"relais/sms"
)

// Check has every row judged, in the background. One that is being checked already goes on.
func (d *Desk) Check(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error) {
	c, err := d.Campaign(ctx, account, id)
	switch {
	case err != nil || c.Status == ledger.Checking:
		return c, err
	case c.File.SHA256 == "":
		return c, noFile(&c)
	case strings.TrimSpace(c.Text) == "":
		return c, refused("/text", CodeNoText, nil)
	case c.Class == "":
		return c, refused("/class", codeClass, nil)
	}
	if err := mayAsk(&c); err != nil {
		return c, err
	}
	c, err = d.Store.MoveCampaign(ctx, account, id, ledger.Move{
		Mark: d.mark(by), From: []ledger.Status{ledger.Draft, ledger.Ready, ledger.Awaiting}, To: ledger.Checking, Version: c.Version,
	})
	d.Rouse()
	return c, explained(c, err)
}

// checking is a check under way.
type checking struct {
	*Feeder
	campaign *ledger.Campaign
	claim    ledger.Claim

	layout    *campaign.Layout
	checker   *campaign.Checker
	reference int // column; below 0: none
	rows      []ledger.Row
	judged    []campaign.Judged // of the rows
	forecast  *forecast
	progress  ledger.Progress
	first     *ledger.Row // that gets a message
	sent      messages
	served    *numbers // that have one of a campaign that this one goes on from
	agenda    *agenda  // nil: it has no reminders
	earlier   *earlier // likewise
}

// check reads the whole file of a campaign, and keeps what becomes of each row. What is wrong
// with the file or with the text makes a draft of it, with the reason.
func (f *Feeder) check(ctx context.Context, c *ledger.Campaign, claim ledger.Claim) error {
	whole, err := f.Desk.Store.Campaign(ctx, c.Account, c.ID)
	if err != nil {
		return err
	}
	k := &checking{Feeder: f, campaign: &whole, claim: claim, reference: -1}
	done, err := k.judge(ctx)
	if err != nil {
		problem := problemOf(err)
		if problem.IsZero() {
			return err
		}
		done = ledger.Checked{Problem: problem, Look: whole.Look}
	}
	done.At = f.Desk.mark("").At
	err = f.Desk.Store.EndCheck(ctx, claim, done)
	f.Desk.told()
	return err
}

// problemOf is what a person can mend of an error; zero: nothing.
func problemOf(err error) reason.Reason {
	var text *merge.Error
	var wrong *reason.Error
	var refusal *gateway.Error
	switch {
	case errors.As(err, &text):
		return text.Reason
	case errors.As(err, &refusal) && (refusal.Kind == gateway.Invalid || refusal.Kind == gateway.Conflict):
		return causeOf(refusal)
	case errors.As(err, &refusal):
		return reason.Reason{}
	case errors.As(err, &wrong):
		return wrong.Reason
	}
	return reason.Reason{}
}

func (k *checking) judge(ctx context.Context) (done ledger.Checked, err error) {
	if err := k.begin(ctx); err != nil {
		return done, err
	}
	book, err := k.layOut(ctx)
	if err != nil {
		return done, err
	}
	report, err := k.checker.Check(ctx, book, func(j *campaign.Judged) error { return k.see(ctx, j) },
		func(read, total int64) { k.progress = ledger.Progress{Done: read, Total: total} })
	if err != nil {
		return done, err
	}
	if err := k.complete(ctx, report); err != nil {
		return done, err
	}
	if err := k.seal(report); err != nil {
		return done, err
	}
	done.Check, done.Messages = report.Check, k.sent.sum(k.Desk, k.campaign.Account)
	if done.Report, err = report.Keep(); err != nil {
		return done, err
	}
	done.Look, err = campaign.SightOf(book, k.layout).Keep()
	return done, err
}

// begin forgets a check of before, and finds who is left out.
func (k *checking) begin(ctx context.Context) (err error) {
	for empty := false; !empty; {
		if empty, err = k.Desk.Store.BeginRows(ctx, k.claim); err != nil {
			return err
		}
	}
	if k.campaign.File.SHA256 == "" { // it was forgotten while it was checked
		return noFile(k.campaign)
	}
	k.served, err = k.Desk.leftOut(ctx, k.campaign)
	return err
}

// layOut opens the table, and finds its columns.
func (k *checking) layOut(ctx context.Context) (*sheet.Book, error) {
	book, err := k.Desk.open(ctx, k.campaign, &k.campaign.File)
	if err != nil {
		return nil, err
	}
	o := k.Desk.options(k.campaign)
	if k.layout, err = campaign.Look(book, o); err != nil {
		return nil, err
	}
	if name := k.campaign.Options.Reference; name != "" {
		if k.reference, err = k.layout.ColumnOf(name); err != nil {
			return nil, err
		}
	}
	if k.checker, err = campaign.NewChecker(k.layout, o); err != nil {
		return nil, err
	}
	if k.agenda, err = k.agendaOf(ctx); err != nil {
		return nil, err
	}
	if k.agenda != nil {
		k.earlier = newEarlier(k.Gateway, k.campaign, k.agenda.zone)
	}
	k.checker.CountLater(func() error { return k.flush(ctx) })
	k.forecast = newForecast(k.Gateway, k.campaign, k.Desk.startOf(k.campaign))
	return book, nil
}

// complete adds to a report what is said of all rows together.
func (k *checking) complete(ctx context.Context, report *campaign.Report) error {
	if err := k.try(ctx); err != nil {
		return err
	}
	if err := k.forecast.report(ctx, report); err != nil {
		return err
	}
	if err := k.askPurpose(ctx, report); err != nil {
		return err
	}
	why, err := k.Desk.needs(k.campaign.Account, report)
	if err != nil {
		return err
	}
	if !why.IsZero() {
		report.Warn(why)
	}
	if k.agenda == nil {
		return nil
	}
	return k.agenda.report(report, !k.campaign.Options.From.Campaign.IsZero())
}

// seal gives a report the hash that a start names. Sender and way are part of what is checked, and each
// edit makes a version.
func (k *checking) seal(report *campaign.Report) error {
	hash, err := hex.DecodeString(k.campaign.File.SHA256)
	if err != nil {
		return fmt.Errorf("the hash of a file: %w", err)
	}
	report.Seal(k.campaign.File.Name, hash, k.Desk.options(k.campaign))
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", report.Check, k.campaign.Version))
	const short = 8
	report.Check = "c_" + hex.EncodeToString(sum[:short])
	return nil
}

// see keeps a row that was judged.
func (k *checking) see(ctx context.Context, j *campaign.Judged) error {
	if j.Skipped.IsZero() && k.served.has(j.Number) {
		j.Skipped = reason.Of(CodeServed, nil)
	}
	if j.Skipped.IsZero() {
		var err error
		if j.Skipped, err = k.Desk.unasked(ctx, k.campaign, j.Number); err != nil {
			return err
		}
	}
	reminders := []reminder{{skipped: j.Skipped}}
	if k.agenda != nil {
		reminders = k.agenda.remind(j)
	}
	seen := *j
	for i := range reminders {
		seen.Skipped = reminders[i].skipped
		k.keep(&seen, i, &reminders[i].appointment)
	}
	const together = 500
	if len(k.rows) < together {
		return nil
	}
	return k.flush(ctx)
}

// keep adds the row of a reminder, or of a message, to those that are kept together.
func (k *checking) keep(j *campaign.Judged, rule int, of *ledger.Appointment) {
	row := ledger.Row{Row: j.Row + rule*ledger.RuleRows, Number: j.Number, State: ledger.Waiting, Appointment: *of}
	if k.reference >= 0 {
		row.Reference = j.Cell(k.reference)
	}
	if k.checker.HasFields() {
		row.Values, row.Text = k.checker.Values(j), j.Text
	}
	seen := *j
	seen.Cells = nil // they are the next row's by then
	k.judged, k.rows = append(k.judged, seen), append(k.rows, row)
}

func (k *checking) flush(ctx context.Context) error {
	if len(k.rows) == 0 {
		return nil
	}
	foreseen, err := k.forecast.judge(ctx, k.Desk.options(k.campaign), k.rows, k.judged)
	if err != nil {
		return err
	}
	for i := range k.rows {
		row, j := &k.rows[i], &k.judged[i]
		if err := k.place(ctx, row, j, foreseen[i]); err != nil {
			return err
		}
		k.checker.Count(j)
		if !j.Skipped.IsZero() {
			row.State, row.Reason = ledger.Skipped, j.Skipped
			continue
		}
		k.forecast.add(foreseen[i])
		k.sent.add(row.Number, j.Text)
		if k.first == nil {
			one := *row
			k.first = &one
		}
	}
	err = k.Desk.Store.AddRows(ctx, k.claim, k.rows, k.progress)
	k.rows, k.judged = k.rows[:0], k.judged[:0]
	return err
}

// place says when a reminder leaves, which is not sent where its time is over. The gateway has said
// what would become of its message, unless it refuses that now.
func (k *checking) place(ctx context.Context, row *ledger.Row, j *campaign.Judged, m *foreseen) error {
	of := &row.Appointment
	if k.agenda == nil || !j.Skipped.IsZero() {
		return nil
	}
	if !missed(of, k.agenda.now) {
		s, err := submission(k.campaign, row)
		if err != nil {
			return err
		}
		if of.Due, err = k.dueOf(ctx, sampleOf(s, m), of.Due); err != nil {
			return err
		}
	}
	if missed(of, k.agenda.now) {
		j.Skipped = reason.Of(tooLate, nil)
		return nil
	}
	k.agenda.sees(of.Due)
	return nil
}

// dueOf is when a reminder leaves that was to leave at a wall-clock time: before the hours close where it
// is outside of them, and when they open next where that is over.
func (k *checking) dueOf(ctx context.Context, s sample, due time.Time) (time.Time, error) {
	now := k.agenda.now
	if due.After(now) {
		var err error
		if due, err = k.earlier.due(ctx, s, due); err != nil || !due.Before(now) {
			return due, err
		}
	}
	opens, err := k.earlier.next(ctx, s, now)
	if err != nil || opens.Equal(now) && now.Sub(due) <= startWithin {
		return due, err // it leaves at once
	}
	return opens, nil
}

// try asks the gateway about the first row that gets a message: what it refuses for
// everybody, such as a sender, is said before the start. What is wrong with that row alone is
// said when it is its turn.
func (k *checking) try(ctx context.Context) error {
	if k.first == nil {
		return nil
	}
	s, err := submission(k.campaign, k.first)
	if err != nil {
		return err
	}
	_, err = k.Gateway.Preview(ctx, s, k.campaign.StartAt)
	refusal, ok := errors.AsType[*gateway.Error](err)
	if ok && (refusal.Kind != gateway.Invalid || rowsOwn(refusal, k.first)) {
		return nil
	}
	return err
}
