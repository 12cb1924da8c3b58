package lane

import (
	"context"
	"slices"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/inbox"
	"relais/internal/bell"
	"relais/reason"
	"relais/sender"
	"relais/sms"
	"relais/terms"
)

// Lane is the sending loop of one instance. A slow or dead operator holds up its own lane and
// no other. Its pauses and what it learns of the operator live in memory and run by the
// monotonic clock: a clock that is set ends none of them.
type Lane struct {
	Name     string
	Provider string
	Owner    string
	Facts    connector.Facts
	Guard    *connector.Guard
	Caps     connector.Capabilities
	Terms    *terms.Connector
	Senders  *sender.Connector

	set    *Set
	o      *Options // of the set
	duty   *duty.Duty
	turns  turnstile
	rota   *Rota // of the accounts, for the lane's loop alone
	wake   bell.Bell
	state  condition
	credit purse
}

func (s *Set) newLane(i *Instance) *Lane {
	facts := i.Facts
	facts.MaxBatch, facts.Concurrency = max(1, facts.MaxBatch), max(1, facts.Concurrency)
	guard := connector.NewGuard(i.Connector, connector.GuardOptions{
		Instance: i.Name, Timeout: facts.Timeout, Log: s.o.Log,
		Failed: func(ability string, how connector.Failing) { s.o.Metrics.failed(i.Name, ability, how) },
	})
	return &Lane{
		Name: i.Name, Provider: i.Provider, Owner: i.Owner, Facts: facts, Guard: guard, Caps: guard.Can(),
		Terms: &terms.Connector{Name: i.Name, Facts: facts, Overlay: i.Overlay, Prices: i.prices()},
		Senders: &sender.Connector{
			Name: i.Name, Kinds: facts.Senders, Overlay: i.Overlay, Declared: sender.NewDeclared(&facts),
		},
		set: s, o: &s.o, turns: newTurnstile(&facts), rota: NewRota(), wake: bell.New(),
		state: newCondition(s.o.Health, s.now()), credit: purse{threshold: i.CreditAlert},
	}
}

// Rouse tells the lane that there may be work.
func (l *Lane) Rouse() { l.wake.Ring() }

// Paced makes calls other than Submit take their turns in the lane's rate too.
func (l *Lane) Paced(ctx context.Context) context.Context {
	if l.turns.calls == nil {
		return ctx
	}
	return connector.Paced(ctx, l.turns.calls.question)
}

// CreditAlert is the amount of credit below which people are told; nil: never.
func (l *Lane) CreditAlert() *float64 { return l.credit.threshold }

// Take stores what the operator told. Nobody tells again what was pushed.
func (l *Lane) Take(ctx context.Context, news connector.News, pushed bool) error {
	received, err := l.o.Inbox.Accept(ctx, inbox.Teller{Connector: l.Name, Owner: l.Owner}, news, pushed)
	if err == nil {
		l.receiptsCame(received.Moved)
	}
	return err
}

// receiptsCame tells the lane which of its messages have a receipt.
func (l *Lane) receiptsCame(ids []sms.ID) { l.state.receiptsCame(ids, time.Now()) }

// Use is what a lane is asked for.
type Use int

// The uses of a lane.
const (
	ToLook Use = iota // a preview: the question changes nothing
	ToSend
	ToTry // to send, and a lane that was left takes it now and then, to be tried
)

// Fit reports whether new messages may go through the lane, and why not.
func (l *Lane) Fit(use Use) (ok bool, why reason.Reason) {
	if p, paused := l.paused(); paused && p.Keep {
		return true, reason.Reason{} // what is meant for it waits for it
	} else if paused {
		return false, p.left()
	}
	return l.state.fit(use)
}

// RefusesKind says why messages of a kind cannot go through the lane: zero where they can.
func (l *Lane) RefusesKind(k sms.Kind) reason.Reason {
	if l.Facts.Sends(k) {
		return reason.Reason{}
	}
	return reason.Of(CodeKindUnsupported, reason.Args{
		"connector": reason.Name(l.Name), "kind": reason.Of(kindWords[k], nil),
	})
}

// FitFor reports whether new messages of a kind, from a sender, may go through the lane, and
// why not.
func (l *Lane) FitFor(k sms.Kind, s sender.Sender, use Use) (ok bool, why reason.Reason) {
	if !l.Facts.Sends(k) {
		return false, reason.Of(leftKind, reason.Args{"kind": reason.Of(kindWords[k], nil)})
	}
	refusal := l.Senders.Declared.Refuses(s)
	if refusal.IsZero() {
		return l.Fit(use)
	}
	if use != ToLook {
		l.Senders.Declared.ReadAgain() // it may be declared by now
	}
	return false, reason.Of(leftSender, reason.Args{"why": refusal})
}

// refusedSender has the list of senders read again when the operator refused one that is on
// it.
func (l *Lane) refusedSender(outcomes []connector.Outcome, err error) {
	undeclared := func(o connector.Outcome) bool {
		return connector.CodeOf(o.Err) == connector.CodeSenderUndeclared
	}
	if undeclared(connector.Outcome{Err: err}) || slices.ContainsFunc(outcomes, undeclared) {
		l.Senders.Declared.ReadAgain()
	}
}
