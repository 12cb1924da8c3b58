package lane

import (
	"context"
	"errors"
	"slices"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/reason"
	"relais/sms"
)

// askPauses are the waits before each question about a message in doubt, the first after the
// doubt arose. An operator may list a message late, so a "no" that is not authoritative is
// asked again; after the last question the message is held.
var askPauses = []time.Duration{
	5 * time.Second, 25 * time.Second, 90 * time.Second, 8 * time.Minute, 20 * time.Minute,
	time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// AskPauses returns the wait before each question about a message in doubt, by how often its
// operator was asked.
func AskPauses() []time.Duration { return slices.Clone(askPauses) }

// resendAfter is how many questions without an answer come before a text whose class allows
// it is sent again: half a minute.
const resendAfter = 2

const (
	reconcileEvery = time.Second
	reconcileBatch = 20
)

// DoubtStore finds what is in doubt.
type DoubtStore interface {
	// Doubtful returns uncertain messages of a connector whose operator is due to be asked,
	// the longest due first. They are all of one account: the first one, by name, behind
	// after that has any.
	Doubtful(ctx context.Context, connector, after string, now time.Time, limit int) ([]sms.Message, error)
	// AskAgain keeps how often the operator was asked about an uncertain message
	// and when it is asked next; zero: never. note, if any, goes to the timeline.
	AskAgain(ctx context.Context, m sms.Message, asks int, next time.Time, note *sms.Event) error
}

// doubts is the chore of a lane that settles what is in doubt.
type doubts struct {
	*Lane
	last string // account that was asked about
}

// round asks an operator about messages in doubt. Accounts take turns, a question each: an
// operator may allow one a minute.
func (l *doubts) round(ctx context.Context) {
	for range reconcileBatch {
		m, err := l.nextDoubtful(ctx, l.last)
		if err != nil {
			l.o.Log.Error("cannot read which messages are in doubt", "connector", l.Name, "error", err)
			return
		}
		if m == nil {
			return
		}
		l.last = m.Account
		if l.ask(ctx, m); duty.Sleep(ctx, l.Facts.LookupEvery) != nil {
			return
		}
	}
}

// nextDoubtful is the message to ask about next: the longest due of the account
// whose turn comes after last; nil when none is due.
func (l *doubts) nextDoubtful(ctx context.Context, last string) (*sms.Message, error) {
	found, err := l.o.Store.Doubtful(ctx, l.Name, last, l.o.Now(), 1)
	if err == nil && len(found) == 0 && last != "" {
		found, err = l.o.Store.Doubtful(ctx, l.Name, "", l.o.Now(), 1)
	}
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// ask asks about one message and stores what comes of it.
func (l *doubts) ask(ctx context.Context, m *sms.Message) {
	outcome, err := l.Guard.Lookup(l.Paced(ctx), m.ID)
	if ctx.Err() != nil {
		return
	}
	t := l.reconciled(m, outcome, err)
	if t == nil {
		l.askAgain(ctx, m, err)
		return
	}
	settled, err := l.o.Store.Settle(ctx, []sms.Transition{*t})
	if err != nil {
		l.o.Log.Error("cannot store what the operator says of a message in doubt",
			"connector", l.Name, "error", err)
		return
	}
	if settled.Applied == 0 {
		return // a receipt, or a person, was faster
	}
	l.o.Metrics.reconciled.WithLabelValues(l.Name, t.Event.Code).Inc()
	l.o.Log.Info("a message in doubt is settled",
		"connector", l.Name, "message", m.ID.String(), "code", t.Event.Code)
	l.goOn(ctx, t)
}

// goOn takes care of a message that left its doubt.
func (l *doubts) goOn(ctx context.Context, t *sms.Transition) {
	l.o.Told()
	switch t.To {
	case sms.Queued:
		l.o.Waiting(1)
		l.Rouse()
	case sms.Submitted:
		l.readReceipt(ctx, t)
	default: // it has ended
	}
}

// readReceipt asks for a receipt that may have come while the operator's id was
// not known.
func (l *doubts) readReceipt(ctx context.Context, t *sms.Transition) {
	if l.Caps.StatusReader == nil || t.ProviderID == "" {
		return
	}
	about := sms.Message{Account: t.Account, ID: t.ID, Connector: l.Name, ProviderID: t.ProviderID}
	receipts, err := l.Guard.ReadStatus(l.Paced(ctx), []sms.Message{about})
	if err == nil {
		err = l.Take(ctx, connector.News{Receipts: receipts}, false)
	}
	if err != nil { // it is pushed, polled, or looked up at the end of the wait
		l.o.Log.Debug("no receipt could be read of a message that was in doubt",
			"connector", l.Name, "error", err)
	}
}

// reconciled is the move that an answer leads to; nil when it says nothing.
func (l *doubts) reconciled(m *sms.Message, outcome connector.Outcome, err error) *sms.Transition {
	t := &sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Uncertain, Attempt: m.Attempt,
		Event: sms.Event{At: l.o.Now(), Actor: sms.OperatorActor(m.Connector), Attempt: m.Attempt},
	}
	switch {
	case err == nil && outcome.Err == nil:
		t.ProviderID = outcome.ProviderID
		l.set.taken(t, m, codeLookupFound, reason.Of(lookupFound, nil))
	case errors.Is(err, connector.ErrNotTaken):
		l.set.again(t, m, sms.LookupNotTaken, reason.Of(lookupNotTaken, nil))
	case m.Class == sms.OTP && l.o.ResendCodes && m.Asks+1 >= resendAfter:
		t.Event.Actor = sms.ActorGateway
		l.set.again(t, m, sms.ResentAfterDoubt, reason.Of(lookupUnclear, nil))
	default:
		return nil
	}
	return t
}

// taken settles a message that the operator has.
func (s *Set) taken(t *sms.Transition, m *sms.Message, code string, detail reason.Reason) {
	t.To, t.ReceiptBy = sms.Submitted, s.now().Add(s.o.ReceiptTimes.Within(m.Class))
	t.Event.Status, t.Event.Code, t.Event.Detail = t.To, code, detail
}

// again sends a message once more, if it is still worth it.
func (s *Set) again(t *sms.Transition, m *sms.Message, code string, detail reason.Reason) {
	t.To, t.DueAt = sms.Queued, s.now()
	if !m.ExpiresAt.After(s.now()) {
		t.To, t.DueAt = sms.Expired, time.Time{}
		detail = detail.With(reason.Of(endsBeforeAgain, nil))
	}
	t.Event.Status, t.Event.Code, t.Event.Detail = t.To, code, detail
}

// askAgain puts the next question off, or holds the message for a person.
func (l *doubts) askAgain(ctx context.Context, m *sms.Message, cause error) {
	asks, next := m.Asks+1, time.Time{}
	var note *sms.Event
	if asks < len(askPauses) {
		next = l.o.Now().Add(askPauses[asks])
	} else {
		note = &sms.Event{
			At: l.o.Now(), Status: sms.Uncertain, Actor: sms.ActorGateway, Code: CodeHeld, Attempt: m.Attempt,
			Detail: reason.Of(heldForPerson, reason.Args{"asks": reason.Count(asks)}),
		}
	}
	l.o.Log.Debug("an operator does not tell of a message in doubt", "connector", l.Name, "message",
		m.ID.String(), "asks", asks, "error", cause)
	if err := l.o.Store.AskAgain(ctx, *m, asks, next, note); err != nil {
		l.o.Log.Error("cannot put off a question about a message in doubt", "connector", l.Name, "error", err)
	}
}

// Resolution is what a person decides of a message in doubt.
type Resolution string

// The resolutions.
const (
	Taken    Resolution = "taken"     // the operator has it: its receipt may come
	NotTaken Resolution = "not_taken" // it has not: it is sent again
	GivenUp  Resolution = "given_up"  // it is of no use any more
)

// Resolutions lists them.
var Resolutions = []Resolution{Taken, NotTaken, GivenUp}

// Known reports whether it is one of them.
func (r Resolution) Known() bool { return slices.Contains(Resolutions, r) }

// Resolve settles a message in doubt by a person's word, and reports whether it was still in
// doubt. m is the message as the person sees it; its connector may be gone.
func (s *Set) Resolve(
	ctx context.Context, m sms.Message, r Resolution, actor sms.Actor,
) (done bool, err error) {
	t := &sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Uncertain, Attempt: m.Attempt,
		Event: sms.Event{At: s.now(), Actor: actor, Attempt: m.Attempt},
	}
	switch r {
	case Taken:
		s.taken(t, &m, codeResolvedTaken, reason.Of(resolvedTaken, nil))
	case NotTaken:
		s.again(t, &m, sms.ResolvedNotTaken, reason.Of(resolvedNotTaken, nil))
	default:
		t.To = sms.Expired
		t.Event.Status, t.Event.Code = t.To, codeResolvedGivenUp
		t.Event.Detail = reason.Of(resolvedGivenUp, nil)
	}
	if m.Status != sms.Uncertain {
		return false, nil
	}
	settled, err := s.o.Store.Settle(ctx, []sms.Transition{*t})
	if err != nil || settled.Applied == 0 {
		return false, err
	}
	if l := s.lanes[m.Connector]; l != nil {
		(&doubts{Lane: l}).goOn(ctx, t)
	} else {
		s.o.Told()
	}
	return true, nil
}
