package console

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"relais/quota"
	"relais/reason"
	"relais/sms"
	"relais/usage"
)

// Quotas know what an account may still send.
type Quotas interface {
	QuotaStandings(ctx context.Context, account string, actors []sms.Actor) ([]quota.Standing, error)
}

// usagePage shows what the account used, month by month.
type usagePage struct {
	frame
	problems

	Since, Until string
	Export       string
	Printed      moment
	Counted      moment // where it takes long, a short time ago
	Months       []usageMonth
	Rows         []usageRow
	Total        usageRow
	Chart        *chart // nil: nothing was sent
	Quotas       []quotaRow
}

// usageMonth is all of a month.
type usageMonth struct {
	Name string
	usageRow
}

// usageRowOf is what one key used of one class through one connector in a month.
type usageRow struct {
	Month     string
	Key       string
	Class     string
	Connector string
	Messages  int64
	Sent      int64
	Segments  int64
	Price     string // empty: nothing has a price
	InDoubt   int64
}

// quotaRow is what is left of a quota.
type quotaRow struct {
	Name  string
	Of    string // whom it counts apart; empty: the account
	Limit string
	Left  string
	Until moment
	Used  int // percent
	Low   bool
}

// usageMonths is how many months the page shows when nothing is asked for.
const usageMonths = 3

func showUsage(q *request) (answer, error) {
	p := &usagePage{frame: *q.frame()}
	months, err := p.months(q)
	if err != nil {
		return nil, err
	}
	if len(p.Problems) > 0 {
		return view{"usage", p, http.StatusUnprocessableEntity}, nil
	}
	counted := &recentUsage{console: q.console, at: q.now()}
	rows, err := usage.Of(q.ctx(), counted, q.account, months)
	if err != nil {
		return nil, err
	}
	p.Counted = p.At(counted.at)
	p.fill(rows, months)
	p.Printed = fullMomentOf(&p.frame, q.now())
	p.Export = Home + "usage.csv?" + url.Values{"since": {p.Since}, "until": {p.Until}}.Encode()
	return view{name: "usage", data: p}, p.fillQuotas(q, rows)
}

// recentUsage counts a month of many messages now and then, and not for each look.
type recentUsage struct {
	console *Console
	at      time.Time // of the oldest count
}

// Usage implements usage.Reader.
func (r *recentUsage) Usage(ctx context.Context, q usage.Query) ([]usage.Row, error) {
	answer, err := r.console.counted.Get(ctx, q, func(ctx context.Context) ([]usage.Row, error) {
		return r.console.Usage.Usage(ctx, q)
	})
	if err == nil && answer.At.Before(r.at) {
		r.at = answer.At
	}
	return slices.Clone(answer.Value), err
}

// months are those that are asked for; what is wrong is told at its field.
func (p *usagePage) months(q *request) ([]time.Time, error) {
	asked := q.URL.Query()
	p.Since, p.Until = asked.Get("since"), asked.Get("until")
	if p.Since == "" && p.Until == "" {
		now := q.now()
		p.Since = time.Date(now.Year(), now.Month()-usageMonths+1, 1, 0, 0, 0, 0, now.Location()).Format(monthForm)
	}
	if p.Until == "" {
		p.Until = q.now().Format(monthForm)
	}
	months, err := usage.Months(p.Since, p.Until, q.now(), q.console.Zone)
	switch {
	case errors.Is(err, usage.ErrMonth):
		field := "since"
		if _, wrong := time.Parse(monthForm, p.Since); wrong == nil {
			field = "until"
		}
		p.refuse(field, p.say("month_unreadable"))
	case errors.Is(err, usage.ErrOrder):
		p.refuse("until", p.say("month_order"))
	case errors.Is(err, usage.ErrMany):
		p.refuse("since", reason.Of(Words+"/month_many", reason.Args{"most": reason.Count(usage.MostMonths)}).In(p.Lang))
	case err != nil:
		return nil, err
	}
	return months, nil
}

// monthForm is how a month is written in addresses and fields.
const monthForm = "2006-01"

func (p *usagePage) fill(rows []usage.Row, months []time.Time) {
	var all usage.Row
	sums := map[string]*usage.Row{}
	for i := range rows {
		u := &rows[i]
		p.Rows = append(p.Rows, usageRowOf(&p.frame, u))
		month := u.Month.Format(monthForm)
		if sums[month] == nil {
			sums[month] = &usage.Row{Month: u.Month}
		}
		sums[month].Add(u)
		all.Add(u)
	}
	p.Total = usageRowOf(&p.frame, &all)
	var bars []bar
	for _, at := range months {
		sum := sums[at.Format(monthForm)]
		if sum == nil {
			sum = &usage.Row{Month: at}
		}
		p.Months = append(p.Months, usageMonth{monthOf(&p.frame, at), usageRowOf(&p.frame, sum)})
		bars = append(bars, bar{shortMonthOf(at), sum.Segments})
	}
	if all.Segments > 0 {
		p.Chart = chartOf(bars, p.Lang)
	}
}

func usageRowOf(f *frame, u *usage.Row) usageRow {
	row := usageRow{
		Month: monthOf(f, u.Month), Key: f.actorOf(u.Key), Connector: u.Connector, Messages: u.Messages, Sent: u.Sent,
		Segments: u.Segments, InDoubt: u.InDoubt,
	}
	if u.Class != "" {
		row.Class = f.class(u.Class)
	}
	if u.Price != 0 {
		row.Price = f.Money(u.Price)
	}
	return row
}

// monthOf is a month with its year.
func monthOf(f *frame, at time.Time) string {
	return reason.Of(Words+"/month_of_year", reason.Args{
		"month": reason.Month(at.Month()), "year": reason.Count(at.Year()),
	}).In(f.Lang)
}

// shortMonthOf has room below a bar.
func shortMonthOf(at time.Time) string { return at.Format("01/06") }

// fillQuotas fills in what the quotas of the account have left, and those of the keys
// that sent something.
func (p *usagePage) fillQuotas(q *request, rows []usage.Row) error {
	actors := []sms.Actor{}
	for i := range rows {
		actors = append(actors, rows[i].Key)
	}
	all, err := q.console.Quotas.QuotaStandings(q.ctx(), q.account, actors)
	if err != nil {
		return err
	}
	for i := range all {
		s := &all[i]
		row := quotaRow{
			Name: s.Quota, Limit: s.Limit.In(p.Lang), Until: p.At(s.Until), Used: s.Used, Low: s.Used >= nearlyUsed,
			Left: reason.Of(Words+"/quota_left", reason.Args{"left": s.Left}).In(p.Lang),
		}
		if s.Subject != "" {
			row.Of = p.actorOf(s.Subject)
		}
		p.Quotas = append(p.Quotas, row)
	}
	return nil
}

// nearlyUsed is the percentage from which a quota is near its end.
const nearlyUsed = 80

// exportUsage writes the same months as a file for a spreadsheet.
func exportUsage(q *request) (answer, error) {
	p := &usagePage{frame: *q.frame()}
	months, err := p.months(q)
	if err != nil {
		return nil, err
	}
	if len(p.Problems) > 0 {
		return nil, &problem{http.StatusUnprocessableEntity, phrase("month_unreadable")}
	}
	rows, err := usage.Of(q.ctx(), q.console.Usage, q.account, months)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := usage.Write(&b, rows, q.console.Gateway.Currency()); err != nil {
		return nil, err
	}
	return file{"usage.csv", "text/csv; charset=utf-8", b.Bytes()}, nil
}

// Count writes a number of things in groups of three digits, as the language has it.
func (f *frame) Count(n int64) string { return grouping(n, f.Lang) }

// grouping writes a number in groups of three digits: spaces that do not break in French,
// commas in English.
func grouping(n int64, in reason.Language) string {
	mark := "\u202f"
	if in == reason.English {
		mark = ","
	}
	digits := strconv.FormatInt(n, 10)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + mark + digits[at:]
	}
	return digits
}

// fullMomentOf is a time with its day, today too.
func fullMomentOf(f *frame, t time.Time) moment {
	local := t.In(f.q.console.Zone)
	return moment{Machine: local.Format(time.RFC3339), People: reason.Of(Words+"/day_and_hour", reason.Args{
		"day": reason.Day(local.Format(time.DateOnly)), "time": reason.Clock(local.Hour()*60 + local.Minute()),
	}).In(f.Lang)}
}
