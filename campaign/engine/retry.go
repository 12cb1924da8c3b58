package engine

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/merge"
	"relais/plaintext"
	"relais/reason"
	"relais/sms"
)

// Codes of a campaign that goes on from another.
const (
	CodeNothing reason.Code = "campaign_nothing_to_retry"
	CodeServed  reason.Code = "served_before"

	codeOutcome reason.Code = "campaign_outcome_unknown"
)

// Retry says which rows of a campaign that ended are sent once more.
type Retry struct {
	// Outcomes are the statuses of their messages; empty: undelivered, expired and rejected. Of
	// those that expired only those are meant of which it is certain that no handset has them.
	Outcomes []sms.Status
	// Codes are those of their last events, beside the outcomes: whoever names one means it,
	// certain or not.
	Codes []string
	By    sms.Actor
}

// failures are the outcomes that a retry may name, with whether it does where it names none.
var failures = map[sms.Status]bool{
	sms.Undelivered: true, sms.Expired: true, sms.Rejected: true, sms.Canceled: false,
}

func (r *Retry) check() error {
	for _, one := range r.Outcomes {
		if _, known := failures[one]; !known {
			return refused("/outcomes", codeOutcome, nil)
		}
	}
	return nil
}

// wants reports whether a row is sent once more. One that may have arrived is, only by its
// code; one whose person wants nothing, and one in doubt, never is.
func (r *Retry) wants(row *ledger.Row) bool {
	status := row.Status
	if row.State == ledger.RowCanceled {
		status = sms.Canceled
	}
	_, failed := failures[status]
	over := row.State == ledger.Ended || row.State == ledger.RowCanceled
	switch {
	case !over || !failed || row.Code == string(sms.ReasonOptedOut):
		return false
	case slices.Contains(r.Codes, row.Code) && row.Code != "":
		return true
	case !lostFor(row):
		return false
	case len(r.Outcomes) > 0:
		return slices.Contains(r.Outcomes, status)
	}
	return len(r.Codes) == 0 && failures[status]
}

// neverTaken are the codes of messages that expired before the operator had them, or that it
// says itself are over.
var neverTaken = []string{
	sms.ValidityOver, sms.LookupNotTaken, sms.ResolvedNotTaken, string(sms.ReasonExpired),
}

// lostFor reports whether it is certain that the message of a row reached nobody, and never
// will. Of what expired some was never answered, and may be on a handset.
func lostFor(row *ledger.Row) bool {
	switch {
	case row.State == ledger.RowCanceled:
		return true
	case row.State != ledger.Ended:
		return false
	case row.Status == sms.Expired:
		return slices.Contains(neverTaken, row.Code)
	case row.Status == sms.Undelivered, row.Status == sms.Rejected, row.Status == sms.Canceled:
		return row.Code != string(sms.ReasonOptedOut)
	}
	return false
}

// Retry makes a draft of the rows of a campaign that ended without reaching anybody. They come
// as a table, so that they are checked as any others.
func (d *Desk) Retry(ctx context.Context, account string, id sms.ID, r Retry) (ledger.Campaign, error) {
	if err := r.check(); err != nil {
		return ledger.Campaign{}, err
	}
	c, err := d.ended(ctx, account, id)
	if err != nil {
		return c, err
	}
	if c.Options.Appointments.Any() {
		return c, conflict(reason.Of(codeNoRetry, nil))
	}
	t := newTable(&c)
	served, err := d.servedElsewhere(ctx, &c)
	if err != nil {
		return c, err
	}
	next := followUp(&c)
	next.Options.Column, next.Options.Header, next.Options.Reference = t.phone, 1, t.reference
	next.Options.Region, next.Options.Sheet, next.Options.Hidden = "", "", false
	next.Options.Encoding, next.Options.Separator = "utf-8", ";"
	rows := d.lost(ctx, &c, &r, served)
	first, err := rows.next()
	switch {
	case errors.Is(err, io.EOF) && rows.gone:
		return c, conflict(reason.Of(codeForgotten, nil))
	case errors.Is(err, io.EOF):
		return c, conflict(reason.Of(CodeNothing, nil))
	case err != nil:
		return c, err
	}
	made, err := d.Create(ctx, account, next, r.By)
	if err != nil {
		return made, err
	}
	file := t.read(first, rows)
	defer file.Close()
	table := ledger.File{
		Name: "retry-" + c.ID.Ref() + ".csv", Retry: true, Group: c.Options.Group, Purpose: c.Options.Purpose,
	}
	put, err := d.putFile(ctx, account, made.ID, 0, table, file, r.By)
	if err != nil {
		_ = d.Drop(context.WithoutCancel(ctx), account, made.ID)
	}
	return put, err
}

// Correct makes a draft like a campaign that ended, for a table that was mended. Its check
// leaves out whoever has a message of that campaign, or may have one. Of a campaign of reminders it is
// the table as it is now, while that one goes on: when the draft starts, it takes over.
func (d *Desk) Correct(ctx context.Context, account string, id sms.ID, by sms.Actor) (ledger.Campaign, error) {
	c, err := d.Campaign(ctx, account, id)
	switch {
	case err != nil:
		return c, err
	case c.Options.Appointments.Any() && !c.StartedAt.IsZero():
	case !c.Status.Final():
		return c, explained(c, ledger.ErrStatus)
	}
	return d.Create(ctx, account, followUp(&c), by)
}

// ended returns a campaign of which no row is open.
func (d *Desk) ended(ctx context.Context, account string, id sms.ID) (ledger.Campaign, error) {
	c, err := d.Campaign(ctx, account, id)
	if err == nil && !c.Status.Final() {
		err = explained(c, ledger.ErrStatus)
	}
	return c, err
}

// followUp is what a campaign that goes on from another begins with. The table of a retry makes
// it one.
func followUp(c *ledger.Campaign) ledger.Content {
	next := c.Content
	root := c.Options.From.Root
	if root.IsZero() {
		root = c.ID
	}
	next.Name, next.Options.From = nextName(c.Name), ledger.Origin{Campaign: c.ID, Root: root}
	return startAnew(next)
}

// nextName is a name with a number behind it, which rises.
func nextName(name string) string {
	n := 2
	if at := strings.LastIndex(name, " ("); at > 0 && strings.HasSuffix(name, ")") {
		if had, err := strconv.Atoi(name[at+2 : len(name)-1]); err == nil && had > 1 {
			name, n = name[:at], had+1
		}
	}
	end := " (" + strconv.Itoa(n) + ")"
	if letters := []rune(name); len(letters)+len(end) > ledger.MaxName {
		name = string(letters[:ledger.MaxName-len(end)])
	}
	return name + end
}

// lostRows are rows that are sent once more, page by page.
type lostRows struct {
	ctx    context.Context // of who reads
	desk   *Desk
	retry  *Retry
	served *numbers
	q      ledger.RowQuery
	forgot func(*ledger.Row) bool // nothing is known of the row any more
	gone   bool                   // some were forgotten
	found  []ledger.Row
	more   bool
}

func (d *Desk) lost(ctx context.Context, c *ledger.Campaign, r *Retry, served *numbers) *lostRows {
	const page = 1000
	return &lostRows{
		ctx: ctx, desk: d, retry: r, served: served, more: true,
		q:      ledger.RowQuery{Account: c.Account, Campaign: c.ID, Limit: page},
		forgot: func(row *ledger.Row) bool { _, err := submissionOnce(c, row); return err != nil },
	}
}

// next returns the next of them, or io.EOF.
func (l *lostRows) next() (row ledger.Row, err error) {
	for {
		if len(l.found) == 0 {
			if !l.more {
				return row, io.EOF
			}
			if l.found, l.more, err = l.desk.Rows(l.ctx, l.q); err != nil {
				return row, err
			}
			if len(l.found) == 0 {
				return row, io.EOF
			}
			l.q.After = l.found[len(l.found)-1].Row
		}
		row, l.found = l.found[0], l.found[1:]
		switch {
		case !l.retry.wants(&row) || l.served.has(row.Number):
		case l.forgot(&row):
			l.gone = true
		default:
			return row, nil
		}
	}
}

// table is rows of a campaign as a table that its text finds its fields in.
type table struct {
	phone     string // the column of the numbers
	reference string // empty: there is none
	fields    []string
	keys      []string // of their values
}

func newTable(c *ledger.Campaign) *table {
	t := &table{}
	for _, f := range campaign.KeptSight(c.Look, c.Report).Fields(c.Text) {
		key := f.Name
		if f.Column != nil {
			key = f.Column.Key()
		}
		t.fields, t.keys = append(t.fields, f.Name), append(t.keys, key)
	}
	t.phone = t.free(c.Text, "sms number")
	if c.Options.Reference != "" {
		t.reference = t.free(c.Text, "sms reference")
	}
	return t
}

// free is a name that no field has, and that the text does not take for one.
func (t *table) free(text, name string) string {
	taken := func(name string) bool {
		return merge.Rewrite(text, []string{name}) != text ||
			slices.ContainsFunc(t.fields, func(f string) bool { return merge.Fold(f) == merge.Fold(name) })
	}
	for n := 2; taken(name); n++ {
		name = strings.TrimRight(name, "0123456789 ") + " " + strconv.Itoa(n)
	}
	return name
}

// read is the table, which is written as it is read, until it is closed.
func (t *table) read(first ledger.Row, rows *lostRows) io.ReadCloser {
	from, into := io.Pipe()
	go func() { into.CloseWithError(t.write(into, first, rows)) }()
	return from
}

func (t *table) write(into io.Writer, row ledger.Row, rows *lostRows) (err error) {
	w := csv.NewWriter(into)
	w.Comma = ';'
	head := append([]string{t.phone}, t.fields...)
	if t.reference != "" {
		head = append(head, t.reference)
	}
	for err = w.Write(head); err == nil; row, err = rows.next() {
		if err := w.Write(t.cells(&row)); err != nil {
			return err
		}
	}
	w.Flush()
	if errors.Is(err, io.EOF) {
		err = w.Error()
	}
	return err
}

func (t *table) cells(row *ledger.Row) []string {
	cells := []string{string(row.Number)}
	for _, key := range t.keys {
		cells = append(cells, plaintext.ForSpreadsheet(row.Values[key]))
	}
	if t.reference != "" {
		cells = append(cells, plaintext.ForSpreadsheet(row.Reference))
	}
	return cells
}
