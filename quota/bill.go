package quota

import (
	"slices"
	"time"

	"relais/reason"
	"relais/sms"
)

// Submission is what quotas look at of one.
type Submission struct {
	Account    string
	Actor      sms.Actor // who asked: a key or a client of a door
	Class      sms.Class
	Text       string
	Recipients []Recipient
	// Preview: it is only looked at, and no refusal is counted or logged.
	Preview bool
}

// Recipient is one message of a submission.
type Recipient struct {
	Index    int // among those that the caller named
	To       sms.Number
	Country  string
	Family   string
	Segments int
	Price    sms.Money // 0: not known
}

// Bill is what a submission is counted by. The zero Bill is counted by nothing.
type Bill struct {
	Charges []Charge
	Repeats []Repeat

	book       *Book
	submission Submission
	used       []Use // what the quota of each charge had counted, where Enforce looked
}

// Bill works out which quotas count a submission.
func (b *Book) Bill(s Submission, now time.Time) Bill {
	bill := Bill{book: b, submission: s}
	bill.reckon(now)
	return bill
}

// reckon works it out for those recipients who are left.
func (b *Bill) reckon(now time.Time) {
	b.Charges, b.Repeats = make([]Charge, 0, len(b.book.quotas)), nil
	for i := range b.book.quotas {
		q := &b.book.quotas[i]
		switch {
		case !q.concerns(&b.submission):
		case q.byRecipient():
			b.repeat(q, now)
		default:
			b.charge(q, now)
		}
	}
}

func (b *Bill) repeat(q *Quota, now time.Time) {
	to := b.submission.Recipients
	r := Repeat{
		Quota: q.Name, Since: now.Add(-q.Every.longest()), Most: q.Messages, quota: q,
		Numbers: make([]sms.Number, 0, len(to)),
	}
	if q.Per == PerText {
		r.Text = b.submission.Text
	}
	for i := range to {
		if q.counts(&to[i]) {
			r.Numbers = append(r.Numbers, to[i].To)
		}
	}
	if len(r.Numbers) > 0 {
		b.Repeats = append(b.Repeats, r)
	}
}

// charge adds one for each subject. There are few: an account, or countries.
func (b *Bill) charge(q *Quota, now time.Time) {
	own := len(b.Charges)
	for i := range b.submission.Recipients {
		r := &b.submission.Recipients[i]
		if !q.counts(r) {
			continue
		}
		at := own
		if !q.whole() || len(b.Charges) == own {
			subject := q.subject(&b.submission, r)
			for at < len(b.Charges) && b.Charges[at].Subject != subject {
				at++
			}
			if at == len(b.Charges) {
				b.Charges = append(b.Charges, b.book.newCharge(q, subject, now))
			}
		}
		b.Charges[at].Messages++
		b.Charges[at].Segments += r.Segments
		b.Charges[at].Money += r.Price
	}
}

func (b *Book) newCharge(q *Quota, subject string, now time.Time) Charge {
	until := b.periodEnds(now).of(q.Every)
	if q.Per == PerNewCountry {
		until = now.Add(q.Every.longest())
	}
	return Charge{
		Quota: q.id, Subject: subject, Until: until, Latest: until.Add(q.Every.longest()),
		Once: q.Per == PerNewCountry, MostMessages: q.Messages, MostSegments: q.Segments,
		MostMoney: q.Money, quota: q,
	}
}

// Counted reports whether any quota counts the submission.
func (b *Bill) Counted() bool { return len(b.Charges)+len(b.Repeats) > 0 }

// never reports whether something is more than the whole quota of a charge.
func (b *Bill) never() bool {
	return slices.ContainsFunc(b.Charges, func(c Charge) bool { return c.never() })
}

// Doubtful reports whether the store is likely to say no: it is worth reading who is
// too many before it is asked.
func (b *Bill) Doubtful(now time.Time) bool {
	return b.Counted() && (b.book.spent.any(b.submission.Account, b.Charges, now) || b.never())
}

// Quotas tells which ones count the submission.
func (b *Bill) Quotas() []reason.Reason {
	if !b.Counted() {
		return nil
	}
	names := make([]string, 0, len(b.Charges)+len(b.Repeats))
	for i := range b.Charges {
		names = append(names, b.Charges[i].quota.Name)
	}
	for i := range b.Repeats {
		names = append(names, b.Repeats[i].quota.Name)
	}
	slices.Sort(names)
	return []reason.Reason{reason.Of(Counted, reason.Args{"quotas": reason.Names(slices.Compact(names))})}
}

// Left tells what quotas have left, once the bill was enforced.
func (b *Bill) Left(now time.Time) (left []reason.Reason) {
	for i := range b.Charges {
		c := &b.Charges[i]
		if !b.used[i].over(c, now) { // else the country is new no more
			left = append(left, c.tellLeft(b.used[i], now))
		}
	}
	return left
}
