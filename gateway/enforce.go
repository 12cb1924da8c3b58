package gateway

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"relais/sms"
)

// QuotaStore keeps what quotas have counted.
type QuotaStore interface {
	// Used returns what the period of each charge has counted, in order.
	Used(ctx context.Context, account string, charges []Charge) ([]Use, error)
	// Repeated returns those numbers that have as many messages as allowed, or more.
	Repeated(ctx context.Context, account string, r Repeat) (map[sms.Number]bool, error)
}

// ErrQuota is returned by Store.Accept when a quota does not allow all of it.
var ErrQuota = errors.New("more than a quota allows")

// decideQuotas tells by which quotas a submission is counted.
func (b *bill) decideQuotas() []Decision {
	names := b.names()
	if len(names) == 0 {
		return nil
	}
	return []Decision{{Code: "quota", Detail: "Counted by the quota " + strings.Join(names, ", ") + "."}}
}

// maxAgain bounds how often a submission is tried of which others took the quota
// meanwhile.
const maxAgain = 4

// accept stores what quotas allow. Counting is the store's, in the transaction that
// accepts; only when that says no, or said no before in this period, is it worth
// reading who is too many.
func (g *Gateway) accept(ctx context.Context, s *Submission, result *Result, a *Acceptance, answer func(*Result) ([]byte, error)) ([]byte, error) {
	look := g.spent.any(s.Account, result.bill.charges, a.At)
	for range maxAgain {
		if look {
			if err := g.enforce(ctx, s, result, a.At, g.tellSpent); err != nil {
				return nil, err
			}
		}
		a.Drafts, a.Charges, a.Repeats = result.Messages, result.bill.charges, result.bill.repeats
		if s.Key != nil {
			encoded, err := answer(result)
			if err != nil {
				return nil, err
			}
			a.Answer = encoded
		}
		replay, err := g.write(ctx, a)
		if !errors.Is(err, ErrQuota) {
			return replay, err
		}
		if s.Key != nil { // the same request at the same moment is what used the quota up
			if replay, err := g.store.Answer(ctx, s.Account, *s.Key); err != nil || replay != nil {
				return replay, err
			}
		}
		look = true
	}
	return nil, &Error{
		Kind: Overloaded, Code: "quota_exceeded", RetryAfter: time.Second,
		Detail: "Others use up the quota at this moment: nothing was stored. Send the request again later.",
	}
}

// telling is what is done about a quota that refuses.
type telling func(s *Submission, q *Quota, refused int, c *Charge, frees, now time.Time)

// enforce takes out of a submission who is too many, or refuses it. Quotas that
// refuse single recipients come first: the others count what is left.
func (g *Gateway) enforce(ctx context.Context, s *Submission, result *Result, now time.Time, tell telling) error {
	before := len(result.Messages)
	for _, r := range result.bill.repeats {
		full, err := g.store.Repeated(ctx, s.Account, r)
		if err != nil {
			return unavailable(err)
		}
		if len(full) > 0 {
			tell(s, r.quota, len(full), nil, time.Time{}, now)
			r.refuseFull(s, result, full)
		}
	}
	wait, err := g.enforceParts(ctx, s, result, now, tell)
	if err != nil {
		return err
	}
	if len(result.Messages) == 0 {
		return noneAllowed(result, wait)
	}
	if len(result.Messages) < before {
		result.bill = g.bill(s, result.Messages, now)
	}
	used, err := g.store.Used(ctx, s.Account, result.bill.charges)
	if err != nil {
		return unavailable(err)
	}
	for i := range result.bill.charges {
		c := &result.bill.charges[i]
		if _, fits := c.Add(used[i], now); !fits && c.quota.whole() {
			tell(s, c.quota, c.Messages, c, c.frees(used[i], now), now)
			return tooMuch(c, used[i], now)
		}
	}
	result.used = used
	return nil
}

// enforceParts takes out the recipients that quotas for some of them refuse, and
// returns how long the last of these quotas is used up.
func (g *Gateway) enforceParts(ctx context.Context, s *Submission, result *Result, now time.Time, tell telling) (wait time.Duration, err error) {
	used, err := g.store.Used(ctx, s.Account, result.bill.charges)
	if err != nil {
		return 0, unavailable(err)
	}
	for i := range result.bill.charges {
		c := &result.bill.charges[i]
		if _, fits := c.Add(used[i], now); fits || c.quota.whole() {
			continue
		}
		frees := c.frees(used[i], now)
		if refused := c.refuseBeyond(s, result, used[i], now); refused > 0 {
			tell(s, c.quota, refused, c, frees, now)
			wait = max(wait, frees.Sub(now))
		}
	}
	return wait, nil
}

// left is what a period still allows of messages and segments; free when it is
// not bounded.
func (c *Charge) left(u Use, at time.Time) (messages, segments int) {
	const free = math.MaxInt32
	if !u.live(c, at) {
		u = Use{}
	}
	messages, segments = free, free
	if c.MostMessages > 0 {
		messages = max(0, c.MostMessages-u.Messages)
	}
	if c.MostSegments > 0 {
		segments = max(0, c.MostSegments-u.Segments)
	}
	return messages, segments
}

// frees is when the quota counts from zero again.
func (c *Charge) frees(u Use, at time.Time) time.Time {
	if u.live(c, at) {
		return u.Until
	}
	return c.Until
}

// leftOf writes what is left: "3 messages".
func (c *Charge) leftOf(u Use, at time.Time) string {
	messages, segments := c.left(u, at)
	var parts []string
	if c.MostMessages > 0 {
		parts = append(parts, counted(messages, "message"))
	}
	if c.MostSegments > 0 {
		parts = append(parts, counted(segments, "segment"))
	}
	return strings.Join(parts, " and ")
}

// tooMuch refuses a whole submission.
func tooMuch(c *Charge, u Use, now time.Time) *Error {
	if c.MostMessages > 0 && c.Messages > c.MostMessages || c.MostSegments > 0 && c.Segments > c.MostSegments {
		return invalid("quota_too_small", "/to", say("The request has %s of %s; the quota %s never allows more than %s. Send several requests, or have the quota raised.",
			"La demande a %s de %s ; le quota %s n'admet jamais plus de %s. Envoyez plusieurs demandes, ou faites relever le quota.",
			counted(c.Messages, "message"), counted(c.Segments, "segment"), c.quota.Name, c.quota.limit()))
	}
	frees := c.frees(u, now)
	return &Error{
		Kind: Overloaded, Code: "quota_exceeded", Field: "/to", RetryAfter: frees.Sub(now),
		Detail: "The quota " + c.quota.Name + " allows " + c.quota.limit() + "; the request has " + counted(c.Messages, "message") + " of " +
			counted(c.Segments, "segment") + ", and " + c.leftOf(u, now) + " are left until " + frees.UTC().Format(time.RFC3339) + ". Nothing was stored.",
	}
}

// refuseBeyond keeps the first recipients, as many as are left.
func (c *Charge) refuseBeyond(s *Submission, result *Result, u Use, now time.Time) (refused int) {
	messages, segments := c.left(u, now)
	detail := "The quota " + c.quota.Name + " allows " + c.quota.limit() + "; more from " + c.frees(u, now).UTC().Format(time.RFC3339) + "."
	result.keep(func(d *Draft) *Refusal {
		if !c.quota.counts(d) || c.quota.subject(s, d) != c.Subject {
			return nil
		}
		if messages >= 1 && segments >= d.Segments {
			messages--
			segments -= d.Segments
			return nil
		}
		refused++
		return &Refusal{Code: "quota_exceeded", Detail: detail}
	}, s)
	return refused
}

// refuseFull takes out those who got enough.
func (r *Repeat) refuseFull(s *Submission, result *Result, full map[sms.Number]bool) {
	frees := "; more when the oldest is a " + string(r.quota.Every) + " old."
	result.keep(func(d *Draft) *Refusal {
		switch {
		case !full[d.To]:
			return nil
		case r.quota.Per == PerText:
			return &Refusal{Code: "repeated_text", Detail: "The person got this text often enough: the quota " + r.quota.Name + " allows " + r.quota.limit() + frees}
		default:
			return &Refusal{Code: "recipient_limit", Detail: "The person got messages enough: the quota " + r.quota.Name + " allows " + r.quota.limit() + frees}
		}
	}, s)
}

// keep parts the messages of a result from those that refuse says something of.
func (r *Result) keep(judge func(*Draft) *Refusal, s *Submission) {
	kept := r.Messages[:0]
	for i := range r.Messages {
		d := r.Messages[i]
		refusal := judge(&d)
		if refusal == nil {
			kept = append(kept, d)
			continue
		}
		refusal.Index, refusal.To = d.index, s.To[d.index]
		r.Rejected = append(r.Rejected, *refusal)
	}
	r.Messages = kept
}

// noneAllowed is the answer when quotas leave nobody. It says when to come again
// where that helps.
func noneAllowed(result *Result, wait time.Duration) *Error {
	if wait == 0 {
		return noRecipient(result)
	}
	return &Error{
		Kind: Overloaded, Code: "quota_exceeded", Field: "/to", Rejected: result.Rejected, RetryAfter: wait,
		Detail: "No quota is left for the recipients; each is listed under rejected with its reason. Nothing was stored.",
	}
}

// tellSpent counts a refusal, and logs the first one of a period.
func (g *Gateway) tellSpent(s *Submission, q *Quota, refused int, c *Charge, frees, now time.Time) {
	g.metrics.quotaRefused.WithLabelValues(q.Name).Add(float64(refused))
	if c != nil && g.spent.add(s.Account, c, frees, now) {
		g.log.Warn("a quota is used up", "quota", q.Name, "account", s.Account, "key", s.Actor, "until", frees)
	}
}

// tellNobody is for previews.
func tellNobody(*Submission, *Quota, int, *Charge, time.Time, time.Time) {}

// decideLeft tells what quotas have left, for a preview.
func (r *Result) decideLeft(now time.Time) {
	for i := range r.bill.charges {
		c := &r.bill.charges[i]
		if c.Once && !r.used[i].Until.IsZero() && !r.used[i].Until.After(now) {
			continue // the country is new no more
		}
		r.Common = append(r.Common, Decision{Code: "quota_left", Detail: "The quota " + c.quota.Name + " allows " + c.quota.limit() + "; " +
			c.leftOf(r.used[i], now) + " left until " + c.frees(r.used[i], now).UTC().Format(time.RFC3339) + ", this request not counted."})
	}
}

// spent remembers which quotas said no, so that a caller who goes on costs a read
// and no transaction. It is no judgement: the store decides.
type spent struct {
	mu    sync.Mutex
	until map[string]time.Time
}

const mostSpent = 10_000

func (c *Charge) key(account string) string {
	return strconv.Itoa(len(account)) + account + c.Quota + "\x00" + c.Subject
}

// add tells whether the quota is new in the list.
func (l *spent) add(account string, c *Charge, until, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := c.key(account)
	known := l.until[key].After(now)
	if l.until == nil || len(l.until) >= mostSpent {
		l.until = map[string]time.Time{}
	}
	l.until[key] = until
	return !known
}

func (l *spent) any(account string, charges []Charge, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.until) == 0 {
		return false
	}
	for i := range charges {
		if until, known := l.until[charges[i].key(account)]; known {
			if until.After(now) {
				return true
			}
			delete(l.until, charges[i].key(account))
		}
	}
	return false
}
