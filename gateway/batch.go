package gateway

import (
	"context"
	"errors"
	"time"

	"relais/internal/trial"
	"relais/quota"
)

// MaxBatch is how many submissions one batch may hold.
const MaxBatch = 1000

// MostRecipients is how many recipients one request may have, those of all its messages.
func (g *Gateway) MostRecipients() int { return g.limits.Recipients }

// Room refuses a door's request where too much waits: messages, and what of theirs it keeps itself until they are whole. The error is
// an *Error.
func (g *Gateway) Room(kept int) error { return g.backlog.full(kept) }

// Batch is several submissions that come in one request.
type Batch struct {
	Account     string
	Submissions []Submission // of that account, and of one actor; their own keys are not used
	Key         *IdempotencyKey
}

// Outcome is what became of one submission of a batch: one of the two.
type Outcome struct {
	Result  *Result
	Refusal *Error
}

// BatchResult is what became of a batch.
type BatchResult struct {
	Outcomes []Outcome // of each submission, in order
	Replay   []byte    // the first answer, when the same idempotency key came before
}

// Accepted counts the submissions of which something was stored.
func (r *BatchResult) Accepted() int {
	n := 0
	for i := range r.Outcomes {
		if r.Outcomes[i].Refusal == nil {
			n++
		}
	}
	return n
}

// SubmitBatch judges each submission for itself, as if they came one after the other,
// and stores what is acceptable in one transaction: all of it, or nothing. What it
// refuses stands in the outcomes; the error is for all of them. answer encodes what a
// later request with the same idempotency key will be given.
func (g *Gateway) SubmitBatch(
	ctx context.Context, b Batch, answer func([]Outcome) ([]byte, error),
) (*BatchResult, error) {
	if b.Key != nil {
		replay, err := g.store.Answer(ctx, b.Account, *b.Key)
		if err != nil || replay != nil {
			return replayedBatch(replay, err)
		}
	}
	if err := g.backlog.full(0); err != nil {
		return nil, err
	}
	a := &batching{
		Batch: b, gateway: g, now: g.now(), outcomes: make([]Outcome, len(b.Submissions)), answer: answer,
	}
	if err := a.plan(ctx); err != nil {
		return nil, err
	}
	trial.Reached(trial.Accepting)
	replay, err := a.accept(ctx)
	if err != nil || replay != nil {
		return replayedBatch(replay, err)
	}
	trial.Reached(trial.Accepted)
	for i := range a.outcomes {
		o := &a.outcomes[i]
		if o.Refusal != nil {
			g.countRefusals(o.Refusal, nil)
			continue
		}
		g.backlog.accepted(o.Result)
		g.countRefusals(nil, o.Result)
	}
	return &BatchResult{Outcomes: a.outcomes}, nil
}

func replayedBatch(replay []byte, err error) (*BatchResult, error) {
	result, err := replayed(replay, err)
	if err != nil {
		return nil, err
	}
	return &BatchResult{Replay: result.Replay}, nil
}

// batching is a batch on its way.
type batching struct {
	Batch
	gateway  *Gateway
	now      time.Time
	outcomes []Outcome
	answer   func([]Outcome) ([]byte, error)
}

// judged records the verdict on one submission. An error that is no verdict, such as a
// database that does not answer, ends the batch.
func (b *batching) judged(i int, result *Result, err error) error {
	refusal, refused := errors.AsType[*Error](err)
	switch {
	case err == nil:
		b.outcomes[i] = Outcome{Result: result}
	case refused && refusal.Kind != Unavailable:
		b.outcomes[i] = Outcome{Refusal: refusal}
	default:
		return err
	}
	return nil
}

func (b *batching) plan(ctx context.Context) error {
	for i := range b.Submissions {
		result, err := b.gateway.prepare(ctx, &b.Submissions[i], b.now)
		if err == nil {
			result.name(b.Submissions[i].Account, b.now)
		}
		if err := b.judged(i, result, err); err != nil {
			return err
		}
	}
	return nil
}

// accept stores what quotas allow. Unlike a single submission, a batch reads what quotas
// have left before it asks the store: it must know which entries exceed a quota, and a store
// that refuses rolls the whole batch back.
func (b *batching) accept(ctx context.Context) (replay []byte, err error) {
	for range maxAgain {
		if err := b.enforce(ctx); err != nil {
			return nil, err
		}
		all, err := b.acceptances(ctx)
		if err != nil || len(all) == 0 {
			return nil, err
		}
		replay, err = b.gateway.writeBatch(ctx, all)
		if !errors.Is(err, quota.ErrExceeded) {
			return replay, err
		}
		if b.Key != nil { // the same request at the same moment is what used the quota up
			if replay, err := b.gateway.store.Answer(ctx, b.Account, *b.Key); err != nil || replay != nil {
				return replay, err
			}
		}
	}
	return nil, quotaContended()
}

// enforce drops the recipients of each submission that exceed a quota, counting those before
// it.
func (b *batching) enforce(ctx context.Context) error {
	if b.gateway.quotas.Empty() {
		return nil
	}
	counted := quota.NewLedger(b.gateway.quotas.Store())
	for i := range b.Submissions {
		s, result := &b.Submissions[i], b.outcomes[i].Result
		if result == nil || !result.bill.Counted() {
			continue
		}
		err := result.enforce(ctx, counted, s, b.now)
		if err := b.judged(i, result, err); err != nil {
			return err
		}
		if err == nil {
			counted.Add(&result.bill, b.now)
		}
	}
	return nil
}

// acceptances are what the store is given. The key and the answer to it stand on the
// first of them.
func (b *batching) acceptances(ctx context.Context) ([]*Acceptance, error) {
	var all []*Acceptance
	for i := range b.Submissions {
		result := b.outcomes[i].Result
		if result == nil {
			continue
		}
		s := &b.Submissions[i]
		a := &Acceptance{
			Drafts: result.Messages, Actor: s.Actor, Decisions: result.Common, At: b.now,
			Endpoint: s.Endpoint, Template: s.template(), Taking: s.taking(result),
			Charges: result.bill.Charges, Repeats: result.bill.Repeats,
		}
		if err := s.report(ctx, a); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	if len(all) == 0 || b.Key == nil {
		return all, nil
	}
	encoded, err := b.answer(b.outcomes)
	if err != nil {
		return nil, err
	}
	all[0].Key, all[0].Answer = b.Key, encoded
	return all, nil
}

// writeBatch is the durable write. What follows from it belongs to its trace.
func (g *Gateway) writeBatch(ctx context.Context, all []*Acceptance) (replay []byte, err error) {
	ctx, span := g.traces.Accept(ctx)
	count := 0
	for _, a := range all {
		a.Trace = span.Parent()
		count += len(a.Drafts)
	}
	replay, err = g.store.AcceptBatch(ctx, all)
	span.Accepted(&all[0].Drafts[0].Message, count, err)
	return replay, err
}
