package gateway

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
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
	all := strings.Join(names, ", ")
	return []Decision{decision("quota", said{"Counted by the quota " + all + ".", "Compté par le quota " + all + "."})}
}

// maxAgain bounds how often a submission is tried of which others took the quota
// meanwhile.
const maxAgain = 4

// accept stores what quotas allow. Counting is the store's, in the transaction that
// accepts; only when that says no, or said no before in this period, is it worth
// reading who is too many.
func (g *Gateway) accept(ctx context.Context, s *Submission, result *Result, a *Acceptance, answer func(*Result) ([]byte, error)) ([]byte, error) {
	look := g.spent.any(s.Account, result.bill.charges, a.At) || result.bill.never()
	for range maxAgain {
		if look {
			if err := g.enforce(ctx, g.store, s, result, a.At, g.tellSpent); err != nil {
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
	return nil, quotaContended()
}

func quotaContended() *Error {
	return &Error{
		Kind: Overloaded, Code: "quota_exceeded", RetryAfter: time.Second,
		Detail: "Others use up the quota at this moment: nothing was stored. Send the request again later.",
		French: "D'autres épuisent le quota en ce moment : rien n'a été enregistré. Renvoyez la demande plus tard.",
	}
}

// telling is what is done about a quota that refuses. A charge that is nil tells that
// the quota is not used up by it.
type telling func(s *Submission, q *Quota, refused int, c *Charge, frees, now time.Time)

// enforce takes out of a submission who is too many by what was counted, or refuses it. Quotas that
// refuse single recipients come first: the others count what is left.
func (g *Gateway) enforce(ctx context.Context, counted QuotaStore, s *Submission, result *Result, now time.Time, tell telling) error {
	before := len(result.Messages)
	for _, r := range result.bill.repeats {
		full, err := counted.Repeated(ctx, s.Account, r)
		if err != nil {
			return unavailable(err)
		}
		if len(full) > 0 {
			tell(s, r.quota, len(full), nil, time.Time{}, now)
			r.refuseFull(s, result, full)
		}
	}
	wait, err := g.enforceParts(ctx, counted, s, result, now, tell)
	if err != nil {
		return err
	}
	if len(result.Messages) == 0 {
		return noneAllowed(result, wait)
	}
	if len(result.Messages) < before {
		result.bill = g.bill(s, result.Messages, now)
	}
	used, err := counted.Used(ctx, s.Account, result.bill.charges)
	if err != nil {
		return unavailable(err)
	}
	for i := range result.bill.charges {
		c := &result.bill.charges[i]
		if _, fits := c.Add(used[i], now); !fits && c.quota.whole() {
			spent := c
			if c.never() {
				spent = nil
			}
			tell(s, c.quota, c.Messages, spent, c.frees(used[i], now), now)
			return tooMuch(c, used[i], now)
		}
	}
	result.used = used
	return nil
}

// enforceParts takes out the recipients that quotas for some of them refuse, and
// returns how long the last of these quotas is used up.
func (g *Gateway) enforceParts(ctx context.Context, counted QuotaStore, s *Submission, result *Result, now time.Time, tell telling) (wait time.Duration, err error) {
	used, err := counted.Used(ctx, s.Account, result.bill.charges)
	if err != nil {
		return 0, unavailable(err)
	}
	for i := range result.bill.charges {
		c := &result.bill.charges[i]
		if _, fits := c.Add(used[i], now); fits || c.quota.whole() {
			continue
		}
		frees := c.frees(used[i], now)
		later, never := c.refuseBeyond(s, result, used[i], now)
		if later > 0 {
			tell(s, c.quota, later, c, frees, now)
			wait = max(wait, frees.Sub(now))
		}
		if never > 0 {
			tell(s, c.quota, never, nil, time.Time{}, now)
		}
	}
	return wait, nil
}

// room is what a period still allows, or allows at most.
type room struct {
	messages, segments int
	money              sms.Money
}

// take takes a message out of the room, where it is large enough.
func (r *room) take(d *Draft) bool {
	if r.messages < 1 || r.segments < d.Segments || r.money < d.Price {
		return false
	}
	r.messages--
	r.segments -= d.Segments
	r.money -= d.Price
	return true
}

// left is what a period still allows; what is not bounded is more than there can be.
func (c *Charge) left(u Use, at time.Time) room {
	if !u.live(c, at) {
		u = Use{}
	}
	left := room{math.MaxInt32, math.MaxInt32, math.MaxInt64}
	if c.MostMessages > 0 {
		left.messages = max(0, c.MostMessages-u.Messages)
	}
	if c.MostSegments > 0 {
		left.segments = max(0, c.MostSegments-u.Segments)
	}
	if c.MostMoney > 0 {
		left.money = max(0, c.MostMoney-u.Money)
	}
	return left
}

// frees is when the quota counts from zero again.
func (c *Charge) frees(u Use, at time.Time) time.Time {
	if u.live(c, at) {
		return u.Until
	}
	return c.Until
}

// asks writes what the submission takes: "3 messages of 6 segments for 0.28 EUR".
func (c *Charge) asks() said {
	messages, segments := quantity(c.Messages, "message"), quantity(c.Segments, "segment")
	text := said{messages.english + " of " + segments.english, messages.french + " de " + segments.french}
	if c.MostMoney > 0 {
		sum := amount(c.Money, c.quota.currency)
		text = text.then(said{" for " + sum.english, " pour " + sum.french})
	}
	return text
}

// never tells that something is more than the whole quota of a charge.
func (b *bill) never() bool {
	return slices.ContainsFunc(b.charges, func(c Charge) bool { return c.never() })
}

// never tells that the submission is more than the whole quota.
func (c *Charge) never() bool {
	_, fits := c.Add(Use{}, time.Time{})
	return !fits
}

// tooMuch refuses a whole submission.
func tooMuch(c *Charge, u Use, now time.Time) *Error {
	limit := c.quota.limit()
	if c.never() {
		return invalid("quota_too_small", "/to", said{
			"The request has " + c.asks().english + "; the quota " + c.quota.Name + " never allows more than " + limit.english + ". Send several requests, or have the quota raised.",
			"La demande a " + c.asks().french + " ; le quota " + c.quota.Name + " n'admet jamais plus de " + limit.french + ". Envoyez plusieurs demandes, ou faites relever le quota.",
		})
	}
	frees, left := c.frees(u, now), c.quota.bounded(c.left(u, now))
	until := frees.UTC().Format(time.RFC3339)
	return &Error{
		Kind: Overloaded, Code: "quota_exceeded", Field: "/to", RetryAfter: frees.Sub(now),
		Detail: "The quota " + c.quota.Name + " allows " + limit.english + "; the request has " + c.asks().english + ", with " +
			left.english + " left until " + until + ". Nothing was stored.",
		French: "Le quota " + c.quota.Name + " permet " + limit.french + " ; la demande a " + c.asks().french + ", et il reste " +
			left.french + " jusqu'au " + until + ". Rien n'a été enregistré.",
	}
}

// refuseBeyond keeps the first recipients, as many as are left. Of the others some may
// come again later; one that alone is more than the whole quota never may, save where
// the quota ends with its first period.
func (c *Charge) refuseBeyond(s *Submission, result *Result, u Use, now time.Time) (later, never int) {
	left, limit, frees := c.left(u, now), c.quota.limit(), c.frees(u, now).UTC().Format(time.RFC3339)
	refusal := Refusal{
		Code:   "quota_exceeded",
		Detail: "The quota " + c.quota.Name + " allows " + limit.english + "; more from " + frees + ".",
		French: "Le quota " + c.quota.Name + " permet " + limit.french + " ; à nouveau à partir du " + frees + ".",
	}
	result.keep(func(d *Draft) *Refusal {
		if !c.quota.counts(d) || c.quota.subject(s, d) != c.Subject || left.take(d) {
			return nil
		}
		if alone := c.of(d); !c.Once && alone.never() {
			never++
			return alone.refuseAlways()
		}
		later++
		each := refusal
		return &each
	}, s)
	return later, never
}

// of is what one recipient takes.
func (c *Charge) of(d *Draft) *Charge {
	alone := *c
	alone.Messages, alone.Segments, alone.Money = 1, d.Segments, d.Price
	return &alone
}

func (c *Charge) refuseAlways() *Refusal {
	asks, limit := c.asks(), c.quota.limit()
	return &Refusal{
		Code:   "quota_too_small",
		Detail: "The recipient takes " + asks.english + "; the quota " + c.quota.Name + " never allows more than " + limit.english + ". Have the quota raised.",
		French: "Le destinataire demande " + asks.french + " ; le quota " + c.quota.Name + " n'admet jamais plus de " + limit.french + ". Faites relever le quota.",
	}
}

// refuseFull takes out those who got enough.
func (r *Repeat) refuseFull(s *Submission, result *Result, full map[sms.Number]bool) {
	limit := r.quota.limit()
	english := "the quota " + r.quota.Name + " allows " + limit.english + "; more when the oldest is a " + string(r.quota.Every) + " old."
	french := "le quota " + r.quota.Name + " permet " + limit.french + " ; à nouveau quand le plus ancien aura " + frenchPeriod[r.quota.Every].age + "."
	refusal := Refusal{
		Code: "recipient_limit", Detail: "The person got messages enough: " + english,
		French: "La personne a reçu assez de messages : " + french,
	}
	if r.quota.Per == PerText {
		refusal = Refusal{
			Code: "repeated_text", Detail: "The person got this text often enough: " + english,
			French: "La personne a reçu ce texte assez souvent : " + french,
		}
	}
	result.keep(func(d *Draft) *Refusal {
		if !full[d.To] {
			return nil
		}
		each := refusal
		return &each
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
		French: "Pour chacun des destinataires, un quota est épuisé ; tous figurent sous rejected avec leur raison. Rien n'a été enregistré.",
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
		r.Common = append(r.Common, c.decideLeft(r.used[i], now))
	}
}

func (c *Charge) decideLeft(u Use, now time.Time) Decision {
	limit, left, frees := c.quota.limit(), c.quota.bounded(c.left(u, now)), c.frees(u, now).UTC().Format(time.RFC3339)
	return decision("quota_left", said{
		"The quota " + c.quota.Name + " allows " + limit.english + "; " + left.english + " left until " + frees + ", this request not counted.",
		"Le quota " + c.quota.Name + " permet " + limit.french + " ; il reste " + left.french + " jusqu'au " + frees + ", sans compter cette demande.",
	})
}
