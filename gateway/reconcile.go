package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/sms"
)

// askPauses are the waits before each question about a message in doubt, the
// first after the doubt. An operator may list a message late, so that a no that
// is not authoritative is asked again; after the last one the message is held.
var askPauses = []time.Duration{
	5 * time.Second, 25 * time.Second, 90 * time.Second, 8 * time.Minute, 20 * time.Minute,
	time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// resendAfter is how many questions in vain come before the text is sent again,
// for a class that may be: half a minute.
const resendAfter = 2

const (
	reconcileEvery = time.Second
	reconcileBatch = 20
)

// reconcile asks an operator about messages in doubt, until ctx ends. Accounts take
// turns, a question each: an operator may allow one a minute.
func (g *Gateway) reconcile(ctx context.Context, l *lane) {
	last := "" // account that was asked about
	for duty.Sleep(ctx, reconcileEvery) == nil {
		for range reconcileBatch {
			m, err := g.nextDoubtful(ctx, l, last)
			if err != nil {
				g.log.Error("cannot read which messages are in doubt", "connector", l.name, "error", err)
				break
			}
			if m == nil {
				break
			}
			last = m.Account
			if g.ask(ctx, l, m); duty.Sleep(ctx, l.facts.LookupEvery) != nil {
				return
			}
		}
	}
}

// nextDoubtful is the message to ask about next: the longest due of the account
// whose turn comes after last; nil when none is due.
func (g *Gateway) nextDoubtful(ctx context.Context, l *lane, last string) (*sms.Message, error) {
	found, err := g.store.Doubtful(ctx, l.name, last, g.now(), 1)
	if err == nil && len(found) == 0 && last != "" {
		found, err = g.store.Doubtful(ctx, l.name, "", g.now(), 1)
	}
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// ask asks about one message and stores what comes of it.
func (g *Gateway) ask(ctx context.Context, l *lane, m *sms.Message) {
	outcome, err := l.connector.Lookup(l.paced(ctx), m.ID)
	if ctx.Err() != nil {
		return
	}
	t := g.reconciled(m, outcome, err)
	if t == nil {
		g.askAgain(ctx, l, m, err)
		return
	}
	settled, err := g.store.Settle(ctx, []sms.Transition{*t})
	if err != nil {
		g.log.Error("cannot store what the operator says of a message in doubt", "connector", l.name, "error", err)
		return
	}
	if settled.Applied == 0 {
		return // a receipt, or a person, was faster
	}
	g.metrics.reconciled.WithLabelValues(l.name, t.Event.Code).Inc()
	g.log.Info("a message in doubt is settled", "connector", l.name, "message", m.ID.String(), "code", t.Event.Code)
	g.goOn(ctx, l, t)
}

// goOn sees to a message that left its doubt.
func (g *Gateway) goOn(ctx context.Context, l *lane, t *sms.Transition) {
	g.told()
	switch t.To {
	case sms.Queued:
		g.waiting.Add(1)
		l.rouse()
	case sms.Submitted:
		g.readReceipt(ctx, l, t)
	default: // it has ended
	}
}

// readReceipt asks for a receipt that may have come while the operator's id was
// not known.
func (g *Gateway) readReceipt(ctx context.Context, l *lane, t *sms.Transition) {
	if l.caps.StatusReader == nil || t.ProviderID == "" {
		return
	}
	receipts, err := l.connector.ReadStatus(l.paced(ctx), []sms.Message{{Account: t.Account, ID: t.ID, Connector: l.name, ProviderID: t.ProviderID}})
	if err == nil {
		err = g.take(ctx, l, connector.News{Receipts: receipts}, false)
	}
	if err != nil { // it is pushed, polled, or looked up at the end of the wait
		g.log.Debug("no receipt could be read of a message that was in doubt", "connector", l.name, "error", err)
	}
}

// reconciled is the move that an answer leads to; nil when it says nothing.
func (g *Gateway) reconciled(m *sms.Message, outcome connector.Outcome, err error) *sms.Transition {
	t := &sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Uncertain, Attempt: m.Attempt,
		Event: sms.Event{At: g.now(), Actor: "operator:" + m.Connector, Attempt: m.Attempt},
	}
	switch {
	case err == nil && outcome.Err == nil:
		t.ProviderID = outcome.ProviderID
		g.taken(t, m, "lookup_found", "The operator was asked, and has it.")
	case errors.Is(err, connector.ErrNotTaken):
		g.again(t, m, sms.LookupNotTaken, "The operator was asked, and does not have it: it is sent again.")
	case m.Class == sms.OTP && g.resendCodes && m.Asks+1 >= resendAfter:
		t.Event.Actor = "gateway"
		g.again(t, m, sms.ResentAfterDoubt, "The operator was asked and could not tell. By the configuration a code is sent again then; the person may get it twice.")
	default:
		return nil
	}
	return t
}

func (g *Gateway) taken(t *sms.Transition, m *sms.Message, code, detail string) {
	t.To, t.ReceiptBy = sms.Submitted, g.now().Add(g.receiptTimes.within(m.Class))
	t.Event.Status, t.Event.Code, t.Event.Detail = t.To, code, detail
}

// again sends a message once more, if it is still worth it.
func (g *Gateway) again(t *sms.Transition, m *sms.Message, code, detail string) {
	t.To, t.DueAt = sms.Queued, g.now()
	if !m.ExpiresAt.After(g.now()) {
		t.To, t.DueAt = sms.Expired, time.Time{}
		detail += " Its validity is over, so that it is not."
	}
	t.Event.Status, t.Event.Code, t.Event.Detail = t.To, code, detail
}

// askAgain puts the next question off, or holds the message for a person.
func (g *Gateway) askAgain(ctx context.Context, l *lane, m *sms.Message, reason error) {
	asks, next := m.Asks+1, time.Time{}
	var note *sms.Event
	if asks < len(askPauses) {
		next = g.now().Add(askPauses[asks])
	} else {
		note = &sms.Event{
			At: g.now(), Status: sms.Uncertain, Actor: "gateway", Code: "held", Attempt: m.Attempt,
			Detail: fmt.Sprintf("The operator was asked %d times and could not tell whether it took the message. A person must decide.", asks),
		}
	}
	g.log.Debug("an operator does not tell of a message in doubt", "connector", l.name, "message", m.ID.String(), "asks", asks, "error", reason)
	if err := g.store.AskAgain(ctx, *m, asks, next, note); err != nil {
		g.log.Error("cannot put off a question about a message in doubt", "connector", l.name, "error", err)
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

// Resolve settles a message in doubt by a person's word. m is the message as the
// person sees it; one that is not in doubt is a Conflict.
func (g *Gateway) Resolve(ctx context.Context, m sms.Message, r Resolution, actor string) error {
	t := &sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Uncertain, Attempt: m.Attempt,
		Event: sms.Event{At: g.now(), Actor: actor, Attempt: m.Attempt},
	}
	switch r {
	case Taken:
		g.taken(t, &m, "resolved_taken", "A person decided: the operator has it.")
	case NotTaken:
		g.again(t, &m, sms.ResolvedNotTaken, "A person decided: the operator does not have it, and it is sent again.")
	case GivenUp:
		t.To = sms.Expired
		t.Event.Status, t.Event.Code, t.Event.Detail = t.To, "resolved_given_up", "A person decided: it is of no use any more."
	default:
		return invalid("resolution_unknown", "/outcome", say(`The outcome must be "taken", "not_taken" or "given_up".`,
			`L'issue est "taken", "not_taken" ou "given_up".`))
	}
	if m.Status == sms.Uncertain {
		settled, err := g.store.Settle(ctx, []sms.Transition{*t})
		if err != nil {
			return unavailable(err)
		}
		if settled.Applied == 1 {
			g.resolved(ctx, &m, t)
			return nil
		}
	}
	return &Error{
		Kind: Conflict, Code: "not_uncertain",
		Detail: "Only a message in doubt can be resolved; this one is " + string(m.Status) + ". Read it again for its status.",
		French: "Seul un message dans le doute peut être tranché ; celui-ci est " + string(m.Status) + ". Relisez-le pour son état.",
	}
}

// resolved goes on with a message whose connector may be gone from the
// configuration.
func (g *Gateway) resolved(ctx context.Context, m *sms.Message, t *sms.Transition) {
	if l := g.lanes[m.Connector]; l != nil {
		g.goOn(ctx, l, t)
		return
	}
	g.told()
}
