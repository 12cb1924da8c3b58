package engine

import (
	"context"
	"errors"
	"time"

	"relais/campaign"
	"relais/campaign/appointment"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// Codes of what is refused about one row.
const (
	CodeNotChecked reason.Code = "campaign_not_checked"
	CodeNoRow      reason.Code = "campaign_row_unknown"

	codeTests     reason.Code = "campaign_tests_used_up"
	codeForgotten reason.Code = "campaign_row_forgotten"
	codeSkipped   reason.Code = "campaign_row_skipped"
)

// Line previews and sends one message.
type Line interface {
	Preview(ctx context.Context, s gateway.Submission, at time.Time) (*gateway.Result, error)
	Submit(
		ctx context.Context, s gateway.Submission, answer func(*gateway.Result) ([]byte, error),
	) (*gateway.Result, error)
}

// RowPreview is what would become of a row that was checked.
type RowPreview struct {
	Row    ledger.Row
	Result *gateway.Result // of its message; nil: it gets none
	// Refused is why it gets none; zero: it gets one.
	Refused reason.Reason
}

// PreviewRow says what the gateway would make of a row, as it is checked: at the time of the
// campaign where that is to come, else now.
func (d *Desk) PreviewRow(ctx context.Context, account string, id sms.ID, n int) (*RowPreview, error) {
	c, row, err := d.row(ctx, account, id, n)
	if err != nil {
		return nil, err
	}
	p := &RowPreview{Row: row, Refused: row.Reason}
	if !p.Refused.IsZero() {
		return p, nil
	}
	s, err := submissionOnce(&c, &row)
	if err != nil {
		return nil, err
	}
	at := d.startOf(&c)
	if due := row.Appointment.Due; !due.IsZero() {
		at = later(at, appointment.Instant(due, d.zoneOf(&c)))
	}
	p.Result, err = d.Line.Preview(ctx, s, at)
	refusal, refused := errors.AsType[*gateway.Error](err)
	if !refused || refusal.Kind == gateway.Unavailable {
		return p, err
	}
	p.Refused = causeOf(refusal)
	return p, nil
}

// startOf is when a campaign begins as far as is known.
func (d *Desk) startOf(c *ledger.Campaign) time.Time {
	if now := d.Now(); c.StartAt.Before(now) {
		return now
	}
	return c.StartAt
}

// row finds a row of a campaign that was checked.
func (d *Desk) row(
	ctx context.Context, account string, id sms.ID, n int,
) (c ledger.Campaign, row ledger.Row, err error) {
	if c, err = d.Campaign(ctx, account, id); err != nil {
		return c, row, err
	}
	if !checked(&c) {
		return c, row, conflict(reason.Of(CodeNotChecked, nil))
	}
	found, _, err := d.Rows(ctx, ledger.RowQuery{Account: account, Campaign: id, After: n - 1, Limit: 1})
	switch {
	case err != nil:
		return c, row, err
	case len(found) == 0 || found[0].Row != n:
		return c, row, refused("/row", CodeNoRow, reason.Args{"row": reason.Count(n)})
	}
	return c, found[0], nil
}

// checked reports whether the rows of a campaign are those of its last check.
func checked(c *ledger.Campaign) bool { return c.Status != ledger.Draft && c.Status != ledger.Checking }

// submissionOnce is the message of a row that may have been forgotten since.
func submissionOnce(c *ledger.Campaign, row *ledger.Row) (gateway.Submission, error) {
	if !row.Number.Known() || row.Text == "" && len(campaign.ValueKeys(c.Text, c.Look, c.Report)) > 0 {
		return gateway.Submission{}, conflict(reason.Of(codeForgotten, nil))
	}
	return submission(c, row)
}

// Tests of one's own: how many somebody may send in which time.
const (
	mostTests = 5
	testsIn   = 24 * time.Hour
)

// Test is one message of a campaign to a number of a person's own.
type Test struct {
	Row    int
	To     string
	By     sms.Actor
	Within gateway.Within
}

// Test sends the text of a row to a number of a person's own, as it would leave. It counts
// among no results.
func (d *Desk) Test(ctx context.Context, account string, id sms.ID, t Test) (*gateway.Result, error) {
	c, row, err := d.row(ctx, account, id, t.Row)
	switch {
	case err != nil:
		return nil, err
	case c.Status.Final() || c.Status == ledger.Canceling:
		return nil, explained(c, ledger.ErrStatus)
	case !row.Reason.IsZero():
		return nil, refused("/row", codeSkipped, reason.Args{"why": row.Reason})
	}
	s, err := submissionOnce(&c, &row)
	if err != nil {
		return nil, err
	}
	s.To, s.Actor, s.Within, s.Reference = []string{t.To}, t.By, t.Within, ""
	s.Metadata = map[string]string{"campaign_test": c.ID.String()}
	if _, err := d.Line.Preview(ctx, s, time.Time{}); err != nil { // what is wrong uses up no test
		return nil, err
	}
	now := d.mark(t.By)
	err = d.Store.NoteTest(ctx, account, id, now, now.At.Add(-testsIn), mostTests)
	if errors.Is(err, ledger.ErrTests) {
		return nil, conflict(reason.Of(codeTests, reason.Args{"most": reason.Count(mostTests)}))
	}
	if err != nil {
		return nil, explained(c, err)
	}
	return d.Line.Submit(ctx, s, nil)
}
