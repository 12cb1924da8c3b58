package gateway

import (
	"slices"
	"strings"
	"time"

	"relais/number"
	"relais/sms"
)

// Per says what a quota counts apart.
type Per string

// What a quota may be for.
const (
	PerAccount    Per = "account"
	PerKey        Per = "key"         // whoever called: an API key, a client of a door
	PerCountry    Per = "country"     // each country, of each key
	PerNewCountry Per = "new_country" // the same, from the first message there on, for one period
	PerRecipient  Per = "recipient"
	PerText       Per = "text" // the same text to one recipient
)

// Pers lists them.
var Pers = []Per{PerAccount, PerKey, PerCountry, PerNewCountry, PerRecipient, PerText}

// Period is how long a quota counts before it begins anew.
type Period string

// The periods. Days and months are those of the calendar.
const (
	Minute Period = "minute"
	Hour   Period = "hour"
	Day    Period = "day"
	Month  Period = "month"
)

// Periods lists them.
var Periods = []Period{Minute, Hour, Day, Month}

// longest is how long a period is at most.
func (p Period) longest() time.Duration {
	switch p {
	case Minute:
		return time.Minute
	case Hour:
		return time.Hour
	case Month:
		return 31 * 24 * time.Hour
	default:
		return 25 * time.Hour // the day on which summer time ends
	}
}

// end is when the period ends that now is in.
func (p Period) end(now time.Time, zone *time.Location) time.Time {
	switch local := now.In(zone); p {
	case Minute, Hour:
		return now.Truncate(p.longest()).Add(p.longest())
	case Month:
		return time.Date(local.Year(), local.Month()+1, 1, 0, 0, 0, 0, zone)
	default:
		return time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, zone)
	}
}

// ends are the ends of the periods of a moment. They hold until the minute ends.
type ends struct{ minute, hour, day, month time.Time }

func (e *ends) of(p Period) time.Time {
	switch p {
	case Minute:
		return e.minute
	case Hour:
		return e.hour
	case Month:
		return e.month
	default:
		return e.day
	}
}

// periodEnds works them out once a minute: calendars are slow.
func (g *Gateway) periodEnds(now time.Time) *ends {
	if known := g.ends.Load(); known != nil && now.Before(known.minute) && !now.Before(known.minute.Add(-time.Minute)) {
		return known
	}
	fresh := &ends{Minute.end(now, g.zone), Hour.end(now, g.zone), Day.end(now, g.zone), Month.end(now, g.zone)}
	g.ends.Store(fresh)
	return fresh
}

// Quota bounds what is accepted in a period. Conditions that are empty hold for
// everything.
type Quota struct {
	Name     string
	Accounts []string
	Keys     []string // as in the timeline, "api:forms", or without what stands before the colon
	Classes  []sms.Class
	Families []string // of numbers
	Outside  []string // families that it does not count
	Per      Per
	Every    Period
	Messages int       // 0: any number
	Segments int       // 0: any number
	Money    sms.Money // 0: any amount. What has no price counts nothing

	id       string // by which it is counted: the name and the period
	currency string
}

// concerns tells whether the quota counts a submission; its recipients are
// another matter.
func (q *Quota) concerns(s *Submission) bool {
	return holds(q.Accounts, s.Account) && holds(q.Classes, s.Class) &&
		(len(q.Keys) == 0 || slices.ContainsFunc(q.Keys, func(key string) bool { return isKey(s.Actor, key) }))
}

func holds[T comparable](condition []T, value T) bool {
	return len(condition) == 0 || slices.Contains(condition, value)
}

// isKey tells whether an actor is the key of that name.
func isKey(actor, key string) bool {
	_, name, _ := strings.Cut(actor, ":")
	return key == actor || key == name
}

// counts tells whether the quota counts a recipient.
func (q *Quota) counts(d *Draft) bool {
	n := number.Parsed{Family: d.family}
	return (len(q.Families) == 0 || n.In(q.Families)) && !slices.Contains(q.Outside, d.family)
}

// whole tells that the quota counts all recipients alike: a submission that is too
// much is refused as a whole. Otherwise those are refused that are too many.
func (q *Quota) whole() bool {
	return (q.Per == PerAccount || q.Per == PerKey) && len(q.Families)+len(q.Outside) == 0
}

// byRecipient tells that the quota counts the messages of each recipient.
func (q *Quota) byRecipient() bool { return q.Per == PerRecipient || q.Per == PerText }

// subject is what is counted apart.
func (q *Quota) subject(s *Submission, d *Draft) string {
	switch q.Per {
	case PerKey:
		return s.Actor
	case PerCountry, PerNewCountry:
		return s.Actor + " " + d.country
	default:
		return ""
	}
}

// Charge is what a submission takes from one quota, of one subject.
type Charge struct {
	Quota   string
	Subject string
	// Until is when the period ends, if this is its first message. A period that
	// ends after Latest was begun by a clock that ran ahead, and counts no more.
	Until, Latest time.Time
	// Once: the first period is the only one; after it nothing is counted.
	Once                       bool
	Messages, Segments         int
	MostMessages, MostSegments int       // 0: any number
	Money, MostMoney           sms.Money // at most 0: any amount

	quota *Quota
}

// Add is what a period counts when a charge is added: live tells whether the
// period that ends at until still counts; fits whether the charge does.
func (c *Charge) Add(u Use, at time.Time) (after Use, fits bool) {
	switch {
	case c.Once && !u.Until.IsZero() && !u.Until.After(at):
		return u, true
	case !u.live(c, at):
		u = Use{Until: c.Until}
	}
	u.Messages += c.Messages
	u.Segments += c.Segments
	u.Money += c.Money
	return u, (c.MostMessages == 0 || u.Messages <= c.MostMessages) && (c.MostSegments == 0 || u.Segments <= c.MostSegments) &&
		(c.MostMoney == 0 || u.Money <= c.MostMoney)
}

// Use is what a period has counted so far.
type Use struct {
	Until              time.Time // zero: nothing was ever counted
	Messages, Segments int
	Money              sms.Money
}

func (u Use) live(c *Charge, at time.Time) bool { return u.Until.After(at) && !u.Until.After(c.Latest) }

// Repeat bounds the messages to each of some numbers since a time.
type Repeat struct {
	Quota   string
	Since   time.Time
	Most    int
	Text    string // only messages with this text; empty: all
	Numbers []sms.Number

	quota *Quota
}

// bill is what a submission is counted by.
type bill struct {
	charges []Charge
	repeats []Repeat
}

// bill works out which quotas count a submission.
func (g *Gateway) bill(s *Submission, drafts []Draft, now time.Time) bill {
	var b bill
	if len(g.quotas) > 0 {
		b.charges = make([]Charge, 0, len(g.quotas))
	}
	for i := range g.quotas {
		q := &g.quotas[i]
		switch {
		case !q.concerns(s):
		case q.byRecipient():
			b.repeats = append(b.repeats, q.repeat(s, drafts, now)...)
		default:
			b.charges = g.charge(b.charges, q, s, drafts, now)
		}
	}
	return b
}

func (q *Quota) repeat(s *Submission, drafts []Draft, now time.Time) []Repeat {
	r := Repeat{Quota: q.Name, Since: now.Add(-q.Every.longest()), Most: q.Messages, quota: q, Numbers: make([]sms.Number, 0, len(drafts))}
	if q.Per == PerText {
		r.Text = s.Text
	}
	for i := range drafts {
		if q.counts(&drafts[i]) {
			r.Numbers = append(r.Numbers, drafts[i].To)
		}
	}
	if len(r.Numbers) == 0 {
		return nil
	}
	return []Repeat{r}
}

// charge adds one for each subject. There are few: an account, or countries.
func (g *Gateway) charge(charges []Charge, q *Quota, s *Submission, drafts []Draft, now time.Time) []Charge {
	own := len(charges)
	for i := range drafts {
		d := &drafts[i]
		if !q.counts(d) {
			continue
		}
		at := own
		if !q.whole() || len(charges) == own {
			subject := q.subject(s, d)
			for at < len(charges) && charges[at].Subject != subject {
				at++
			}
			if at == len(charges) {
				charges = append(charges, g.newCharge(q, subject, now))
			}
		}
		charges[at].Messages++
		charges[at].Segments += d.Segments
		charges[at].Money += d.Price
	}
	return charges
}

func (g *Gateway) newCharge(q *Quota, subject string, now time.Time) Charge {
	until := g.periodEnds(now).of(q.Every)
	if q.Per == PerNewCountry {
		until = now.Add(q.Every.longest())
	}
	return Charge{
		Quota: q.id, Subject: subject, Until: until, Latest: until.Add(q.Every.longest()),
		Once: q.Per == PerNewCountry, MostMessages: q.Messages, MostSegments: q.Segments, MostMoney: q.Money, quota: q,
	}
}

// names are those of the quotas that count a submission.
func (b *bill) names() []string {
	if len(b.charges)+len(b.repeats) == 0 {
		return nil
	}
	names := make([]string, 0, len(b.charges)+len(b.repeats))
	for i := range b.charges {
		names = append(names, b.charges[i].quota.Name)
	}
	for i := range b.repeats {
		names = append(names, b.repeats[i].quota.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
