package gateway

import (
	"context"
	"errors"
	"slices"
	"time"

	"relais/campaign/ledger"
	"relais/lane"
	"relais/quota"
	"relais/reason"
	"relais/sms"
)

// maxAgain bounds how often a submission is tried again because others used up a quota
// first.
const maxAgain = 4

// accept stores what quotas allow. Counting is the store's, in the transaction that
// accepts; only when that says no, or is likely to, is it worth reading who is too
// many.
func (g *Gateway) accept(
	ctx context.Context, s *Submission, result *Result, a *Acceptance, answer func(*Result) ([]byte, error),
) ([]byte, error) {
	look := result.bill.Doubtful(a.At)
	for range maxAgain {
		if look {
			if err := result.enforce(ctx, g.quotas.Store(), s, a.At); err != nil {
				return nil, err
			}
		}
		a.Drafts, a.Charges, a.Repeats = result.Messages, result.bill.Charges, result.bill.Repeats
		a.Taking = s.taking(result)
		if s.Key != nil {
			encoded, err := answer(result)
			if err != nil {
				return nil, err
			}
			a.Answer = encoded
		}
		if err := s.report(ctx, a); err != nil {
			return nil, err
		}
		replay, err := g.write(ctx, a)
		if !errors.Is(err, quota.ErrExceeded) {
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

// report makes the endpoint of a submission, once.
func (s *Submission) report(ctx context.Context, a *Acceptance) (err error) {
	if s.Report != nil && a.Endpoint.IsZero() {
		a.Endpoint, err = s.Report(ctx)
	}
	return err
}

// taking are the rows of a campaign whose recipients get messages.
func (s *Submission) taking(result *Result) *ledger.Taking {
	if s.Taking == nil {
		return nil
	}
	taken := *s.Taking
	taken.Rows = make([]int, len(result.Messages))
	for i := range result.Messages {
		taken.Rows[i] = s.Taking.Rows[result.Messages[i].index]
	}
	return &taken
}

func quotaContended() *Error {
	e := excess(reason.Of(quota.Contended, nil), time.Second)
	e.Field = ""
	return e
}

// excess refuses a whole submission. Without a wait it will never be accepted.
func excess(r reason.Reason, wait time.Duration) *Error {
	e := &Error{Kind: Invalid, Reason: r, Field: "/to"}
	if wait > 0 {
		e.Kind, e.RetryAfter = Overloaded, wait
	}
	return e
}

// charge works out what quotas count of a submission.
func (g *Gateway) charge(s *Submission, result *Result, now time.Time, use lane.Use) {
	if g.quotas.Empty() {
		return
	}
	counted := quota.Submission{
		Account: s.Account, Actor: s.Actor, Class: s.Class, Text: s.Text, Preview: use == lane.ToLook,
		Recipients: make([]quota.Recipient, len(result.Messages)),
	}
	for i := range result.Messages {
		d := &result.Messages[i]
		counted.Recipients[i] = quota.Recipient{
			Index: d.index, To: d.To, Country: d.Country, Family: d.Family,
			Segments: d.Segments, Price: d.Price,
		}
	}
	result.bill = g.quotas.Bill(counted, now)
	result.Common = append(result.Common, result.bill.Quotas()...)
}

// enforce drops the recipients that exceed a quota by what was counted, or refuses the whole
// submission.
func (r *Result) enforce(ctx context.Context, counted quota.Store, s *Submission, now time.Time) error {
	verdict, err := r.bill.Enforce(ctx, counted, now)
	if err != nil {
		return unavailable(err)
	}
	refused := make(map[int]bool, len(verdict.Refused))
	for _, one := range verdict.Refused {
		refused[one.Index] = true
		r.Rejected = append(r.Rejected, Refusal{Index: one.Index, To: s.To[one.Index], Reason: one.Reason})
	}
	r.Messages = slices.DeleteFunc(r.Messages, func(d Draft) bool { return refused[d.index] })
	switch {
	case verdict.Excess != nil:
		e := excess(verdict.Excess.Reason, verdict.Excess.RetryAfter)
		if len(r.Messages) == 0 {
			e.Rejected = r.Rejected
		}
		return e
	case len(r.Messages) == 0:
		return noRecipient(r)
	default:
		return nil
	}
}

// decideLeft tells what quotas have left, for a preview.
func (r *Result) decideLeft(now time.Time) {
	r.Common = append(r.Common, r.bill.Left(now)...)
}

// QuotaStandings tells how much is used of the quotas of an account, and of those of some
// of its actors.
func (g *Gateway) QuotaStandings(ctx context.Context, account string, actors []sms.Actor) ([]quota.Standing, error) {
	return g.quotas.Standings(ctx, account, actors, g.now())
}
