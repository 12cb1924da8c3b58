package engine

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/gsm"
	"relais/lane"
	"relais/reason"
	"relais/sms"
	"relais/terms"
)

// Forecaster says what would become of many rows, and what connectors carry.
type Forecaster interface {
	Forecast(
		ctx context.Context, account string, all []gateway.Submission, at time.Time,
	) ([]gateway.Outcome, error)
	// Rate is how many messages a connector takes in a second; empty: the fastest one. 0: no limit.
	Rate(connector string) float64
	Standing(connector string) (s lane.Standing, known bool)
	Currency() string
}

// forecast adds up what the gateway says of rows.
type forecast struct {
	gateway  Forecaster
	campaign *ledger.Campaign
	at       time.Time // when it begins
	hours    ledger.Hours
	zone     *time.Location // of hours
	end      time.Time      // of the campaign; zero: none

	total    money
	families map[string]*money
	routes   map[string]*way
}

// money is what messages cost.
type money struct {
	sum          sms.Money
	priced, free int // messages with a price that is known, and others
}

func (m *money) add(price sms.Money) {
	if price > 0 {
		m.sum, m.priced = m.sum+price, m.priced+1
	} else {
		m.free++
	}
}

// price is nil where none is known.
func (m *money) price(currency string) *campaign.Price {
	if m == nil || m.priced == 0 {
		return nil
	}
	return &campaign.Price{Amount: m.sum.String(), Currency: currency}
}

// way is what goes through a connector.
type way struct {
	messages, segments int
	price              sms.Money
	sample             gateway.Submission // one of them
}

func newForecast(g Forecaster, c *ledger.Campaign, at time.Time) *forecast {
	f := &forecast{
		gateway: g, campaign: c, at: at.Truncate(time.Second), zone: time.Local,
		families: map[string]*money{}, routes: map[string]*way{},
	}
	f.hours, _, _ = ledger.ReadHours(c.Options.Hours, c.Options.Days)
	f.end, _ = endOf(&c.Options)
	return f
}

// notYet are refusals of the moment of a check, which may be over by the time of the start.
var notYet = []reason.Code{terms.CodeNever, terms.CodeAfterValidity}

func isNotYet(why reason.Reason) bool { return slices.ContainsFunc(notYet, why.Is) }

// foreseen is the message that would be made of a row.
type foreseen struct {
	message *gateway.Draft
	of      gateway.Submission
}

// judge asks about rows that were judged by what they say alone: whoever the gateway refuses
// gets no message, and the others take the segments that it counts. judge returns their messages, by
// the places of the rows.
func (f *forecast) judge(
	ctx context.Context, o campaign.Options, rows []ledger.Row, judged []campaign.Judged,
) (map[int]*foreseen, error) {
	var all []gateway.Submission
	var of []int
	for i := range rows {
		if !judged[i].Skipped.IsZero() {
			continue
		}
		s, err := submission(f.campaign, &rows[i])
		if err != nil {
			return nil, err
		}
		all, of = append(all, s), append(of, i)
	}
	outcomes, err := f.gateway.Forecast(ctx, f.campaign.Account, all, f.at)
	if err != nil {
		return nil, err
	}
	found := map[int]*foreseen{}
	for n := range outcomes {
		out, i := &outcomes[n], of[n]
		judgeBy(out, o, &rows[i], &judged[i])
		if out.Refusal == nil {
			found[i] = &foreseen{&out.Result.Messages[0], all[n]}
		}
	}
	return found, nil
}

func judgeBy(out *gateway.Outcome, o campaign.Options, row *ledger.Row, j *campaign.Judged) {
	if out.Refusal != nil {
		why := causeOf(out.Refusal)
		if rowsOwn(out.Refusal, row) && !isNotYet(why) {
			j.Skipped = why
		}
		return
	}
	m := &out.Result.Messages[0]
	j.Segments, j.Alphabet, j.Family = m.Segments, gsm.SevenBit, m.Family
	if m.Encoding == sms.UCS2 {
		j.Alphabet = gsm.UCS2
	}
	j.Skipped = o.TooLong(j.Segments, j.Alphabet)
}

// add adds a message that is made to the totals; nil: what is refused now alone, of which nothing is known.
func (f *forecast) add(one *foreseen) {
	if one == nil {
		return
	}
	m := one.message
	f.total.add(m.Price)
	family := f.families[m.Family]
	if family == nil {
		family = &money{}
		f.families[m.Family] = family
	}
	family.add(m.Price)
	route := f.routes[m.Connector]
	if route == nil {
		route = &way{sample: one.of}
		f.routes[m.Connector] = route
	}
	route.messages, route.segments, route.price = route.messages+1, route.segments+m.Segments,
		route.price+m.Price
}

// report adds all of it to a report.
func (f *forecast) report(ctx context.Context, r *campaign.Report) error {
	currency := f.gateway.Currency()
	prices := map[string]*campaign.Price{}
	for name, m := range f.families {
		prices[name] = m.price(currency)
	}
	all := &campaign.Forecast{
		Price: f.total.price(currency), WithoutPrice: f.total.free, Routes: []campaign.Route{}, Start: f.at.UTC(),
	}
	known, begun, late := true, false, 0
	for _, name := range slices.Sorted(maps.Keys(f.routes)) {
		route := f.routes[name]
		first, last, missed, err := f.times(ctx, name, route)
		if err != nil {
			return err
		}
		late += missed
		all.Routes = append(all.Routes, f.route(name, route))
		if known = known && !last.IsZero(); known && (all.Last == nil || last.After(*all.Last)) {
			all.Last = &last
		}
		if !first.IsZero() && (!begun || first.Before(all.Start)) {
			all.Start, begun = first, true
		}
	}
	if !known {
		all.Last = nil
	}
	r.Foresee(all, prices)
	if late > 0 {
		r.Warn(reason.Of(codeEndsBefore, reason.Args{"count": reason.Count(late)}))
	}
	return nil
}

func (f *forecast) route(name string, route *way) campaign.Route {
	standing, _ := f.gateway.Standing(name)
	credit := standing.Balance
	shown := campaign.Route{
		Connector: name, Messages: route.messages, Segments: route.segments,
		PerMinute: int(f.perSecond(name) * time.Minute.Seconds()),
	}
	if credit.At.IsZero() {
		return shown
	}
	needed := float64(route.segments)
	if credit.Unit == f.gateway.Currency() {
		needed = float64(route.price) / float64(sms.Unit)
	}
	shown.Credit = &campaign.Credit{
		Left: credit.Amount, Unit: credit.Unit, Needed: needed, Enough: credit.Amount >= needed,
	}
	return shown
}

// perSecond is how many messages go through a connector; 0: not known.
func (f *forecast) perSecond(name string) float64 {
	most := f.gateway.Rate(name)
	if rate := float64(f.campaign.Options.Rate) / time.Minute.Seconds(); rate > 0 {
		most = min(cmp.Or(most, rate), rate)
	}
	return most
}

// times walks through the hours in which the messages of a route may leave, and returns when the
// first and the last of them do, zero: not known; and how many would after the end of the campaign.
func (f *forecast) times(
	ctx context.Context, name string, route *way,
) (first, last time.Time, late int, err error) {
	const (
		most     = 20_000        // steps, of about two months
		farthest = 2 * mostAhead // where two sets of hours have none in common
	)
	rate := f.perSecond(name)
	left := time.Duration(0)
	if rate > 0 {
		seconds := math.Min(float64(route.messages-1)/rate, mostAhead.Seconds())
		left = time.Duration(seconds * float64(time.Second))
	}
	at, ended := f.at, false
	for range most {
		next, err := f.next(ctx, route, at)
		if err != nil || next.IsZero() || next.Sub(f.at) > farthest {
			return first, time.Time{}, late, err
		}
		if next.After(at.Add(time.Second)) {
			at = next
			continue
		}
		if first.IsZero() {
			first = at.UTC()
		}
		if over := !f.end.IsZero() && !at.Before(f.end); over && !ended {
			ended, late = true, route.messages
			if rate > 0 {
				late = min(int(left.Seconds()*rate)+1, late)
			}
		}
		if rate == 0 {
			return first, time.Time{}, late, nil
		}
		step := f.step(at)
		if left < step {
			return first, at.Add(left).UTC().Truncate(time.Second), late, nil
		}
		at, left = at.Add(step), left-step
	}
	return first, time.Time{}, late, nil
}

// next is when a message of a route leaves that would at a moment, by the hours of the campaign
// and by the rules of the account; zero: not known.
func (f *forecast) next(ctx context.Context, route *way, at time.Time) (time.Time, error) {
	if opens := f.hours.Next(at.In(f.zone)); opens.IsZero() || opens.After(at) {
		return opens, nil
	}
	out, err := f.gateway.Forecast(ctx, f.campaign.Account, []gateway.Submission{route.sample}, at)
	if err != nil || out[0].Refusal != nil {
		return time.Time{}, err
	}
	return out[0].Result.Messages[0].DueAt, nil
}

// step is how long messages leave from a moment on at which they do, before that is asked again.
func (f *forecast) step(at time.Time) time.Duration {
	const grid = 5 * time.Minute // on which the hours of rules begin and end
	until := at.Truncate(grid).Add(grid)
	if at.Before(f.end) && f.end.Before(until) {
		until = f.end
	}
	for minute := at.Truncate(time.Minute).Add(time.Minute); minute.Before(until); minute = minute.Add(time.Minute) {
		if !f.hours.Open(minute.In(f.zone)) {
			return minute.Sub(at)
		}
	}
	return until.Sub(at)
}
