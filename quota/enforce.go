package quota

import (
	"context"
	"time"

	"relais/reason"
	"relais/sms"
)

// Verdict is what quotas leave of a submission.
type Verdict struct {
	Refused []Refusal // recipients who get nothing
	Excess  *Excess   // why nothing of it is accepted; nil: what is left is
}

// Refusal is a recipient who gets nothing, and why.
type Refusal struct {
	Index  int // of the Recipient
	Reason reason.Reason
}

// Excess is why a whole submission is refused.
type Excess struct {
	Reason reason.Reason
	// RetryAfter is when there is room again; 0: never, for it is more than the whole
	// quota.
	RetryAfter time.Duration
}

// enforcement takes out of a submission who is too many.
type enforcement struct {
	*Bill
	verdict Verdict
	now     time.Time
	wait    time.Duration // until the last quota that refused single recipients has room again
}

// Enforce works out who is too many by what counted says, and reckons the bill of
// those who are left. Quotas that refuse single recipients come first: the others
// count what is left. The error is that of counted.
func (b *Bill) Enforce(ctx context.Context, counted Store, now time.Time) (Verdict, error) {
	e := &enforcement{Bill: b, now: now}
	before := len(b.submission.Recipients)
	for i := range b.Repeats {
		if err := e.enforceRepeat(ctx, counted, &b.Repeats[i]); err != nil {
			return Verdict{}, err
		}
	}
	if err := e.enforceParts(ctx, counted); err != nil {
		return Verdict{}, err
	}
	left := len(b.submission.Recipients)
	if left == 0 {
		e.refuseAll()
		return e.verdict, nil
	}
	if left < before {
		b.reckon(now)
	}
	err := e.enforceWhole(ctx, counted)
	return e.verdict, err
}

func (e *enforcement) enforceRepeat(ctx context.Context, counted Store, r *Repeat) error {
	full, err := counted.Repeated(ctx, e.submission.Account, *r)
	if err != nil || len(full) == 0 {
		return err
	}
	e.tell(r.quota, len(full))
	e.refuseFull(r, full)
	return nil
}

// enforceParts takes out the recipients that quotas for some of them refuse.
func (e *enforcement) enforceParts(ctx context.Context, counted Store) error {
	used, err := counted.Used(ctx, e.submission.Account, e.Charges)
	if err != nil {
		return err
	}
	for i := range e.Charges {
		c := &e.Charges[i]
		if _, fits := c.Add(used[i], e.now); fits || c.quota.whole() {
			continue
		}
		later, never := e.refuseBeyond(c, used[i])
		if later > 0 {
			frees := c.frees(used[i], e.now)
			e.tellSpent(c, later, frees)
			e.wait = max(e.wait, frees.Sub(e.now))
		}
		if never > 0 {
			e.tell(c.quota, never)
		}
	}
	return nil
}

// enforceWhole refuses a submission of which a quota does not allow all.
func (e *enforcement) enforceWhole(ctx context.Context, counted Store) error {
	used, err := counted.Used(ctx, e.submission.Account, e.Charges)
	if err != nil {
		return err
	}
	e.used = used
	for i := range e.Charges {
		c := &e.Charges[i]
		if _, fits := c.Add(used[i], e.now); fits || !c.quota.whole() {
			continue
		}
		if c.never() {
			e.tell(c.quota, c.Messages)
		} else {
			e.tellSpent(c, c.Messages, c.frees(used[i], e.now))
		}
		e.verdict.Excess = c.excess(used[i], e.now)
		return nil
	}
	return nil
}

// excess refuses a whole submission.
func (c *Charge) excess(u Use, now time.Time) *Excess {
	if c.never() {
		return &Excess{Reason: c.tellNever()}
	}
	return &Excess{c.tellExcess(u, now), c.frees(u, now).Sub(now)}
}

// refuseAll is the answer when quotas leave nobody. It says when to come again where
// that helps.
func (e *enforcement) refuseAll() {
	if e.wait > 0 {
		e.verdict.Excess = &Excess{reason.Of(NobodyAllowed, nil), e.wait}
	}
}

// refuseBeyond keeps the first recipients, as many as are left. Of the others some may
// come again later; one that alone is more than the whole quota never may, save where
// the quota ends with its first period.
func (e *enforcement) refuseBeyond(c *Charge, u Use) (later, never int) {
	left, refusal := c.left(u, e.now), c.tellBeyond(c.frees(u, e.now))
	e.sift(func(r *Recipient) (reason.Reason, bool) {
		if !c.quota.counts(r) || c.quota.subject(&e.submission, r) != c.Subject || left.admit(r) {
			return reason.Reason{}, true
		}
		if alone := c.of(r); !c.Once && alone.never() {
			never++
			return alone.tellAlwaysBeyond(), false
		}
		later++
		return refusal, false
	})
	return later, never
}

// refuseFull takes out those who got enough.
func (e *enforcement) refuseFull(r *Repeat, full map[sms.Number]bool) {
	refusal := r.tellFull()
	e.sift(func(one *Recipient) (reason.Reason, bool) { return refusal, !full[one.To] })
}

// sift parts the recipients who may stay from those who may not, and why.
func (e *enforcement) sift(judge func(*Recipient) (why reason.Reason, stays bool)) {
	stay := make([]Recipient, 0, len(e.submission.Recipients))
	for i := range e.submission.Recipients {
		r := &e.submission.Recipients[i]
		why, stays := judge(r)
		if stays {
			stay = append(stay, *r)
			continue
		}
		e.verdict.Refused = append(e.verdict.Refused, Refusal{r.Index, why})
	}
	e.submission.Recipients = stay
}

// tell counts messages that a quota refused and that it will go on refusing.
func (e *enforcement) tell(q *Quota, refused int) {
	if !e.submission.Preview {
		e.book.metrics.refuse(q.Name, refused)
	}
}

// tellSpent counts messages that came when a quota was used up, and logs the first
// time in a period.
func (e *enforcement) tellSpent(c *Charge, refused int, frees time.Time) {
	if e.submission.Preview {
		return
	}
	e.tell(c.quota, refused)
	if e.book.spent.add(e.submission.Account, c, frees, e.now) {
		e.book.log.Warn("a quota is used up",
			"quota", c.quota.Name, "account", e.submission.Account, "key", e.submission.Actor, "until", frees)
	}
}
