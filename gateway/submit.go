package gateway

import (
	"context"
	"errors"
	"slices"
	"time"

	"relais/internal/trial"
	"relais/lane"
	"relais/reason"
	"relais/sms"
	"relais/terms"
)

// Submit is the only way in, with SubmitBatch for several at once. When it returns
// without an error the messages are on disk; the error is an *Error otherwise. answer encodes the result that a
// later request with the same idempotency key will be given.
func (g *Gateway) Submit(
	ctx context.Context, s Submission, answer func(*Result) ([]byte, error),
) (*Result, error) {
	// First of all: a repeated request gets its first answer, though it would be refused by now.
	if first, err := g.Repeated(ctx, s.Account, s.Key); err != nil || first != nil {
		return first, err
	}
	if err := g.backlog.full(0); err != nil {
		return nil, err
	}
	now := g.now()
	result, err := g.prepare(ctx, &s, now)
	if err != nil {
		g.countRefusals(err, nil)
		return nil, err
	}
	result.name(s.Account, now)
	acceptance := &Acceptance{
		Actor: s.Actor, Decisions: result.Common, Key: s.Key, At: now, Endpoint: s.Endpoint,
		Template: s.template(),
	}
	trial.Reached(trial.Accepting)
	replay, err := g.accept(ctx, &s, result, acceptance, answer)
	if err != nil || replay != nil {
		g.countRefusals(err, nil)
		return replayed(replay, err)
	}
	trial.Reached(trial.Accepted)
	g.backlog.accepted(result)
	g.countRefusals(nil, result)
	return result, nil
}

// Repeated returns the first answer to a key, as the Replay of its result; nil: the key is new, or there is none. Submit
// asks by itself. A door whose own rules depend on the moment asks before it judges by them.
func (g *Gateway) Repeated(ctx context.Context, account string, key *IdempotencyKey) (*Result, error) {
	if key == nil {
		return nil, nil
	}
	replay, err := g.store.Answer(ctx, account, *key)
	if err == nil && replay == nil {
		return nil, nil
	}
	return replayed(replay, err)
}

// write is the durable write. What follows from it belongs to its trace.
func (g *Gateway) write(ctx context.Context, a *Acceptance) (replay []byte, err error) {
	ctx, span := g.traces.Accept(ctx)
	a.Trace = span.Parent()
	replay, err = g.store.Accept(ctx, a)
	span.Accepted(&a.Drafts[0].Message, len(a.Drafts), err)
	return replay, err
}

// replayed answers a request that the store did not accept as a new one.
func replayed(replay []byte, err error) (*Result, error) {
	refusal, refused := errors.AsType[*Error](err)
	switch {
	case refused:
		return nil, refusal
	case errors.Is(err, ErrKeyReused):
		return nil, &Error{Kind: Conflict, Reason: reason.Of(CodeKeyReused, nil), Field: "Idempotency-Key"}
	case err != nil:
		return nil, unavailable(err)
	default:
		return &Result{Replay: replay}, nil
	}
}

// Preview tells what Submit would do, and changes nothing: not what is stored, nor
// what the gateway knows of its operators, nor the ids of messages that come after.
// at is when it is asked for; zero: now.
func (g *Gateway) Preview(ctx context.Context, s Submission, at time.Time) (*Result, error) {
	now := g.now()
	switch {
	case at.IsZero():
		at = now
	case at.Before(now.Add(-maxAhead)) || at.After(now.Add(maxAhead)):
		return nil, refusedFor("/at", reason.Of(codeAtOutOfRange, nil))
	}
	if err := g.makeText(ctx, &s); err != nil {
		return nil, err
	}
	written := s.Text
	result, err := g.plan(ctx, &s, at, lane.ToLook)
	if err != nil {
		return nil, s.blameTemplate(err)
	}
	if result.bill.Counted() {
		if err := result.enforce(ctx, g.quotas.Store(), &s, at); err != nil {
			return nil, err
		}
		result.decideLeft(at)
	}
	result.Text = g.adviser.advise(&s, written, result) // of those who are left
	return result, nil
}

// plan is all of Submit but storing: check, route, normalize, opt-outs, price, and what quotas will count.
func (g *Gateway) plan(ctx context.Context, s *Submission, now time.Time, use lane.Use) (*Result, error) {
	result, book, err := g.draw(s, now, use)
	if err != nil {
		return nil, err
	}
	if err := g.refuseOptedOut(ctx, s, result); err != nil {
		return nil, err
	}
	if err := result.reckon(book); err != nil {
		return nil, err
	}
	g.charge(s, result, now, use)
	return result, nil
}

// draw is what of plan asks no database: check, route, normalize.
func (g *Gateway) draw(s *Submission, now time.Time, use lane.Use) (*Result, *terms.Book, error) {
	account := g.account(s.Account)
	if s.Region != "" {
		account.Region = s.Region
	}
	if err := g.check(s, now); err != nil {
		return nil, nil, err
	}
	text := decideText(s, account)
	class := decideClass(s, account)
	planner, choice, err := g.router.choose(s, account, now, use)
	if err != nil {
		return nil, nil, err
	}
	result := &Result{
		Common: slices.Concat(s.Notes, text, decided(class, decideKind(s.Kind), choice.Why),
			decideNumbers(account), planner.common()),
		Warnings: append(slices.Clone(s.warnings), planner.warnings()...),
	}
	if choice.Replaced {
		result.Warnings = append(warned(choice.Why), result.Warnings...)
	}
	book := newBook(s, account, now)
	draft(s, planner, book, now, result)
	result.Common = append(result.Common, decideTime(s, book))
	return result, book, nil
}

// reckon prices the messages that are left.
func (r *Result) reckon(book *terms.Book) error {
	r.Warnings = append(r.Warnings, deferred(book, r.Messages)...)
	if len(r.Messages) == 0 {
		return noRecipient(r)
	}
	price(r)
	return nil
}

func noRecipient(result *Result) *Error {
	return &Error{
		Kind: Invalid, Reason: reason.Of(CodeNoRecipient, nil), Field: "/to", Rejected: result.Rejected,
	}
}

// draft makes one message per acceptable recipient. One bad number among good
// ones blocks none of the good ones.
func draft(s *Submission, planner *planner, book *terms.Book, now time.Time, result *Result) {
	recipients := newRecipients(s, planner.account)
	result.Messages = make([]Draft, 0, len(s.To))
	for i, raw := range s.To {
		read, planned, refusal := recipients.read(i, raw, planner)
		if refusal != nil {
			result.Rejected = append(result.Rejected, *refusal)
			continue
		}
		at := book.At(planned.lane.Terms, read.country, read.family)
		window := book.Window(at)
		if why := window.Refusal; !why.IsZero() {
			result.Rejected = append(result.Rejected, *refusalOf(refusedFor("/to", why), i, raw))
			continue
		}
		result.Warnings = append(result.Warnings, read.warnings...)
		result.Messages = append(result.Messages, Draft{
			Message: sms.Message{
				Account: s.Account, Actor: s.Actor, To: read.number, Country: read.country, Family: read.family,
				Sender: s.Sender, Kind: s.Kind, Text: s.Text, Class: s.Class, Encoding: planned.text.Encoding,
				Segments:  planned.text.Segments,
				Reference: s.Reference, Metadata: s.Metadata, Connector: planned.lane.Name,
				Routes: planned.routes, Chance: planned.chance,
				Status: sms.Queued, Reason: sms.CodeAccepted,
				DueAt: window.Due, ExpiresAt: window.Expires, AcceptedAt: now, UpdatedAt: now,
			},
			Decisions: append(read.decisions, decided(window.Decision)...), index: i, terms: at,
			window: window,
		})
	}
}

// name gives the messages their ids, in order.
func (r *Result) name(account string, now time.Time) {
	home := sms.BucketOf(account)
	submission := home.NewID(now)
	for i := range r.Messages {
		r.Messages[i].ID, r.Messages[i].Submission = home.NewID(now), submission
	}
}

// Region is the country in which an account's national numbers are read.
func (g *Gateway) Region(account string) string { return g.account(account).Region }

// countRefusals counts the recipients of a submission that get no message, whether
// others do or none.
func (g *Gateway) countRefusals(err error, result *Result) {
	var refused []Refusal
	if e, ok := errors.AsType[*Error](err); ok {
		refused = e.Rejected
	} else if result != nil {
		refused = result.Rejected
	}
	for i := range refused {
		g.metrics.refused.WithLabelValues(refused[i].Code.Wire()).Inc()
	}
}
