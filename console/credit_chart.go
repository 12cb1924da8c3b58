package console

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/credit"
	"relais/lane"
	"relais/reason"
)

// creditHistory is the credit at an operator over the last days, and what is to come.
type creditHistory struct {
	Now      string
	At       moment
	Low      bool
	Alert    string // empty: nobody is told
	Forecast string
	Days     []creditDay
	Chart    *creditChart // nil: too little is known
}

// creditDay is what became of the credit on a day.
type creditDay struct{ Name, Left, Used, Added string }

// creditChart is a line of readings, and of the forecast.
type creditChart struct {
	Width, Height    int
	Base             int // where nothing is left
	Read, Ahead      string
	Alert            int // where people are told; 0: nowhere
	NowX             int
	First, Now, Last string // labels below: days
	Most             string // the highest reading
}

// Sizes of the chart, in units of its drawing, and how far it looks.
const (
	creditWidth  = 640
	creditHeight = 160
	creditTop    = 24
	creditFoot   = 24
	creditPast   = credit.SampleLife
	creditAhead  = 7 * 24 * time.Hour
	creditPoints = 160 // most of the line
)

// history reads what is known of the credit; nil where the operator does not tell.
func (p *connectorPage) history(q *request, d *lane.Description) (*creditHistory, error) {
	now := q.now()
	record, err := q.console.Credits.Credit(q.ctx(), d.Name, now.Add(-creditPast))
	if err != nil {
		return nil, err
	}
	if d.Balance != nil && d.Balance.At.After(record.At) {
		record.Balance = *d.Balance
	}
	if record.At.IsZero() {
		return nil, nil //nolint:nilnil // there is none
	}
	h := &creditHistory{
		Now: amountOf(&p.frame, record.Amount, record.Unit), At: p.At(record.At),
		Low: d.CreditAlert != nil && record.Amount < *d.CreditAlert,
	}
	if d.CreditAlert != nil {
		h.Alert = amountOf(&p.frame, *d.CreditAlert, record.Unit)
	}
	perDay, emptyAt := lastDay(&record, now)
	h.Forecast = forecastOf(&p.frame, perDay, emptyAt, record.Unit)
	h.Days = daysOf(&p.frame, &record, now.Location())
	if len(record.Samples) > 1 {
		h.Chart = drawCredit(&p.frame, &record, d.CreditAlert, perDay, now)
	}
	return h, nil
}

// lastDay is the forecast by the readings of a day: it is the same on each node.
func lastDay(r *credit.Record, now time.Time) (perDay float64, emptyAt time.Time) {
	recent := *r
	for len(recent.Samples) > 0 && recent.Samples[0].At.Before(now.Add(-24*time.Hour)) {
		recent.Samples = recent.Samples[1:]
	}
	return recent.Forecast()
}

func amountOf(f *frame, amount float64, unit string) string {
	return reason.Of(Words+"/credit_left", reason.Args{
		"amount": reason.Decimal(rounded(amount)), "unit": credit.Unit(unit),
	}).In(f.Lang)
}

// rounded keeps two digits behind the mark.
func rounded(amount float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(amount, 'f', 2, 64), 64)
	if err != nil {
		return amount
	}
	return short
}

func forecastOf(f *frame, perDay float64, emptyAt time.Time, unit string) string {
	if perDay <= 0 {
		return f.say("credit_steady")
	}
	local := emptyAt.In(f.q.console.Zone)
	return reason.Of(Words+"/credit_forecast", reason.Args{
		"rate": reason.Name(amountOf(f, perDay, unit)), "weekday": reason.Weekday(local.Weekday()),
		"day": reason.Day(local.Format(time.DateOnly)),
	}).In(f.Lang)
}

// daysOf are the days of the readings, the latest first.
func daysOf(f *frame, r *credit.Record, zone *time.Location) (days []creditDay) {
	type day struct{ left, used, added float64 }
	byDate, dates := map[string]*day{}, []string{}
	for i := range r.Samples {
		s := &r.Samples[i]
		date := s.At.In(zone).Format(time.DateOnly)
		if byDate[date] == nil {
			byDate[date] = &day{}
			dates = append(dates, date)
		}
		one := byDate[date]
		one.left = s.Amount
		if i > 0 {
			change := s.Amount - r.Samples[i-1].Amount
			one.used += max(0, -change)
			one.added += max(0, change)
		}
	}
	for _, date := range slices.Backward(dates) {
		one := byDate[date]
		days = append(days, creditDay{
			Name: dayOf(f, date), Left: amountOf(f, one.left, r.Unit), Used: amountOf(f, one.used, r.Unit),
			Added: amountOf(f, one.added, r.Unit),
		})
	}
	return days
}

func dayOf(f *frame, date string) string {
	return reason.Of(Words+"/day", reason.Args{"day": reason.Day(date)}).In(f.Lang)
}

// drawCredit draws the readings, then a dashed line to where the credit ends.
func drawCredit(f *frame, r *credit.Record, alert *float64, perDay float64, now time.Time) *creditChart {
	begin := r.Samples[0].At
	end := now
	if perDay > 0 {
		end = now.Add(creditAhead)
	}
	most := 0.0
	for _, s := range r.Samples {
		most = max(most, s.Amount)
	}
	if alert != nil {
		most = max(most, *alert)
	}
	if most <= 0 {
		most = 1
	}
	c := &creditChart{
		Width: creditWidth, Height: creditTop + creditHeight + creditFoot, Base: creditTop + creditHeight,
		Most: amountOf(f, most, r.Unit),
	}
	x := func(at time.Time) int {
		return int(creditWidth * at.Sub(begin).Seconds() / max(1, end.Sub(begin).Seconds()))
	}
	y := func(amount float64) int { return c.Base - int(max(0, amount)*creditHeight/most) }
	var line strings.Builder
	step := max(1, len(r.Samples)/creditPoints)
	for i := 0; i < len(r.Samples); i += step {
		line.WriteString(point(x(r.Samples[i].At), y(r.Samples[i].Amount)))
	}
	last := r.Samples[len(r.Samples)-1]
	line.WriteString(point(x(last.At), y(last.Amount)))
	c.Read, c.NowX = line.String(), x(now)
	if perDay > 0 {
		until, left := end, last.Amount-perDay*end.Sub(last.At).Hours()/24
		if left < 0 {
			until, left = last.At.Add(time.Duration(last.Amount/perDay*24*float64(time.Hour))), 0
		}
		c.Ahead = point(x(last.At), y(last.Amount)) + point(x(until), y(left))
		c.Last = f.shortDay(end)
	}
	if alert != nil {
		c.Alert = y(*alert)
	}
	c.First, c.Now = f.shortDay(begin), f.say("credit_today")
	return c
}

func point(x, y int) string { return strconv.Itoa(x) + "," + strconv.Itoa(y) + " " }

// shortDay is a day and its month.
func (f *frame) shortDay(at time.Time) string {
	local := at.In(f.q.console.Zone)
	return reason.Of(Words+"/short_day", reason.Args{
		"day": reason.Count(local.Day()), "month": reason.Month(local.Month()),
	}).In(f.Lang)
}
