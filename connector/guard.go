package connector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"relais/sms"
)

// Failing is how a connector itself fails at a call, whatever its operator does.
type Failing string

// The ways to fail, which are values of a metric's label.
const (
	Panicked Failing = "panic"
	TimedOut Failing = "timeout"   // the time that a call may take was over first
	Silent   Failing = "no_answer" // it returned neither an answer nor an error
)

// Failings lists them.
var Failings = []Failing{Panicked, TimedOut, Silent}

// Abilities by the names that Capabilities.Names, logs and metrics have for them.
const (
	abilitySubmit    = "submit"
	abilityCallbacks = "callbacks"
	abilityPoll      = "poll"
	abilityStatus    = "status"
	abilitySession   = "session"
	abilityBalance   = "balance"
	abilityTariff    = "tariff"
	abilityLookup    = "lookup"
	abilityCheck     = "check"
	abilitySenders   = "senders"
)

// How long a call may take.
const (
	callTime = 30 * time.Second // where Facts say nothing
	pollTime = 2 * time.Minute  // of one PollNews, which may be many calls
	// of a check-up, or a list of senders: a call for each, at the pace of the lane.
	checkTime = 5 * time.Minute
	parseTime = 30 * time.Second
	graceTime = 5 * time.Second // for a call to return once its context has ended
)

// mostStuck bounds the calls that never returned. With so many the instance is not called any
// more, so that they do not use up the memory of the process.
const mostStuck = 100

// Guard makes the calls to one instance, and is the only one that does. A connector that
// panics, that does not return when its context has ended, or that answers nothing has failed
// at that call and at nothing else: the caller gets an error, and what the operator knows is in
// doubt. What a connector does in goroutines of its own is beyond the guard.
type Guard struct {
	connector Connector
	can       Capabilities
	o         GuardOptions
	stuck     atomic.Int32
}

// GuardOptions make a Guard.
type GuardOptions struct {
	Instance string
	Timeout  time.Duration // of one call to the operator; 0: 30 s
	Log      *slog.Logger  // nil: nobody reads of failures
	// Failed is told of each failure, by the ability; nil: nobody counts them.
	Failed func(ability string, how Failing)
}

// NewGuard makes the guard of an instance.
func NewGuard(c Connector, o GuardOptions) *Guard {
	if o.Timeout <= 0 {
		o.Timeout = callTime
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Failed == nil {
		o.Failed = func(string, Failing) {}
	}
	return &Guard{connector: c, can: CapabilitiesOf(c), o: o}
}

// Can returns what the instance is able to do.
func (g *Guard) Can() Capabilities { return g.can }

// Submit is Connector.Submit.
func (g *Guard) Submit(ctx context.Context, batch []sms.Message) ([]Outcome, error) {
	outcomes, err := call(ctx, g, abilitySubmit, g.o.Timeout, func(ctx context.Context) ([]Outcome, error) {
		return g.connector.Submit(ctx, batch)
	})
	if err != nil {
		return nil, err
	}
	if len(outcomes) != len(batch) {
		got := fmt.Sprintf("the connector gave %d outcomes for %d messages", len(outcomes), len(batch))
		return nil, g.silent(abilitySubmit, got)
	}
	for i := range outcomes {
		outcomes[i].Err = g.readable(abilitySubmit, outcomes[i].Err)
	}
	return outcomes, nil
}

// ParseNews is NewsParser.ParseNews.
func (g *Guard) ParseNews(r *http.Request) (News, error) {
	return call(r.Context(), g, abilityCallbacks, parseTime, func(context.Context) (News, error) {
		return g.can.NewsParser.ParseNews(r)
	})
}

// PollNews is NewsPoller.PollNews. After it has returned, emit is not called.
func (g *Guard) PollNews(ctx context.Context, cursor string, emit func(News) error) (next string, err error) {
	var over atomic.Bool
	defer over.Store(true)
	return call(ctx, g, abilityPoll, pollTime, func(ctx context.Context) (string, error) {
		return g.can.NewsPoller.PollNews(ctx, cursor, func(news News) error {
			if over.Load() {
				return errOver
			}
			return emit(news)
		})
	})
}

// ReadStatus is StatusReader.ReadStatus.
func (g *Guard) ReadStatus(ctx context.Context, messages []sms.Message) ([]sms.Receipt, error) {
	return call(ctx, g, abilityStatus, g.o.Timeout, func(ctx context.Context) ([]sms.Receipt, error) {
		return g.can.StatusReader.ReadStatus(ctx, messages)
	})
}

// Run is Runner.Run; it returns an error unless ctx has ended. After it has returned, sink is
// not called.
func (g *Guard) Run(ctx context.Context, sink Sink) error {
	closing := &gate{sink: sink}
	defer closing.over.Store(true)
	_, err := call(ctx, g, abilitySession, 0, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, g.can.Runner.Run(ctx, closing)
	})
	if err == nil && ctx.Err() == nil {
		return errors.New("the session ended")
	}
	return err
}

// Sessions is SessionTeller.Sessions.
func (g *Guard) Sessions(ctx context.Context) (Sessions, error) {
	return call(ctx, g, abilitySession, callTime, func(context.Context) (Sessions, error) {
		return g.can.SessionTeller.Sessions(), nil
	})
}

// Trace is Tracer.Trace.
func (g *Guard) Trace(ctx context.Context, after int64) ([]Said, error) {
	return call(ctx, g, abilitySession, callTime, func(context.Context) ([]Said, error) {
		return g.can.Tracer.Trace(after), nil
	})
}

// gate keeps a session that is over from its sink.
type gate struct {
	sink Sink
	over atomic.Bool
}

var errOver = errors.New("the call is over: nothing is taken any more")

func (g *gate) Take(ctx context.Context, news News) error {
	if g.over.Load() {
		return errOver
	}
	return g.sink.Take(ctx, news)
}

// Balance is Balancer.Balance.
func (g *Guard) Balance(ctx context.Context) (Balance, error) {
	balance, err := call(ctx, g, abilityBalance, g.o.Timeout, func(ctx context.Context) (Balance, error) {
		return g.can.Balancer.Balance(ctx)
	})
	if err == nil && balance == (Balance{}) {
		err = g.silent(abilityBalance, "the connector gave no balance")
	}
	return balance, err
}

// Tariff is Tariffer.Tariff.
func (g *Guard) Tariff(ctx context.Context, country string) (Price, error) {
	return call(ctx, g, abilityTariff, g.o.Timeout, func(ctx context.Context) (Price, error) {
		return g.can.Tariffer.Tariff(ctx, country)
	})
}

// Lookup is Reconciler.Lookup.
func (g *Guard) Lookup(ctx context.Context, id sms.ID) (Outcome, error) {
	outcome, err := call(ctx, g, abilityLookup, g.o.Timeout, func(ctx context.Context) (Outcome, error) {
		return g.can.Reconciler.Lookup(ctx, id)
	})
	if err == nil && outcome == (Outcome{}) {
		err = g.silent(abilityLookup, "the connector gave no answer to the question")
	}
	outcome.Err = g.readable(abilityLookup, outcome.Err)
	return outcome, err
}

// Senders is SenderLister.Senders.
func (g *Guard) Senders(ctx context.Context, also ...sms.Sender) ([]DeclaredSender, error) {
	return call(ctx, g, abilitySenders, checkTime, func(ctx context.Context) ([]DeclaredSender, error) {
		return g.can.SenderLister.Senders(ctx, also...)
	})
}

// Check is Checker.Check. A check-up that fails is a finding, too.
func (g *Guard) Check(ctx context.Context) []Finding {
	findings, err := call(ctx, g, abilityCheck, checkTime, func(ctx context.Context) ([]Finding, error) {
		return g.can.Checker.Check(ctx), nil
	})
	if err == nil && len(findings) == 0 {
		err = g.silent(abilityCheck, "the connector found nothing, good or bad")
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return []Finding{{Level: Failure, Code: e.Code, Detail: e.Detail + "."}}
	}
	return findings
}

// answer is what a call gave.
type answer[T any] struct {
	value T
	err   error
	panic any // what it panicked with
	stack []byte
}

// call makes one call, in a goroutine that is given up when the connector does not obey its
// context. A limit of 0 is none.
func call[T any](
	ctx context.Context, g *Guard, ability string, limit time.Duration, ask func(context.Context) (T, error),
) (value T, err error) {
	if g.stuck.Load() >= mostStuck {
		return value, &Error{
			Fault: Temporary, Code: "connector_stuck",
			Detail: "too many earlier calls never returned: restart the gateway",
		}
	}
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	done := make(chan answer[T], 1)
	go protect(ctx, done, ask)
	got, returned := wait(ctx, done)
	switch {
	case !returned:
		g.giveUp(ability, func() { <-done })
		return value, failed(TimedOut, "the connector did not return when its time was over")
	case got.stack != nil:
		g.o.Failed(ability, Panicked)
		g.o.Log.Error("connector panicked", "connector", g.o.Instance, "ability", ability,
			"type", fmt.Sprintf("%T", got.panic), "stack", string(got.stack)) // the value may hold a text
		return value, failed(Panicked, "the connector failed in the middle of the call")
	case got.err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		g.o.Failed(ability, TimedOut) // the caller says it
	}
	return got.value, g.readable(ability, got.err)
}

// protect makes the call and hands on whatever comes of it.
func protect[T any](ctx context.Context, done chan<- answer[T], ask func(context.Context) (T, error)) {
	var got answer[T]
	returned := false
	defer func() {
		if !returned {
			got.panic, got.stack = recover(), debug.Stack()
		}
		done <- got
	}()
	got.value, got.err = ask(ctx)
	returned = true
}

// wait waits for a call: a little longer than its context lasts, for it returns soon then and
// knows whether bytes had left.
func wait[T any](ctx context.Context, done <-chan answer[T]) (got answer[T], returned bool) {
	select {
	case got = <-done:
		return got, true
	case <-ctx.Done():
	}
	grace := time.NewTimer(graceTime)
	defer grace.Stop()
	select {
	case got = <-done:
		return got, true
	case <-grace.C:
		return got, false
	}
}

// giveUp leaves a call behind that does not return.
func (g *Guard) giveUp(ability string, end func()) {
	g.stuck.Add(1)
	go func() {
		defer g.stuck.Add(-1)
		end()
	}()
	g.o.Failed(ability, TimedOut)
	g.o.Log.Error("connector does not return when its time is over",
		"connector", g.o.Instance, "ability", ability)
}

// silent is the error for an answer that is none.
func (g *Guard) silent(ability, detail string) error {
	g.o.Failed(ability, Silent)
	g.o.Log.Error("connector gave no answer", "connector", g.o.Instance, "ability", ability)
	return failed(Silent, detail)
}

// readable is err, unless it is an *Error that is nil: what that one meant is not known.
func (g *Guard) readable(ability string, err error) error {
	if e, ok := err.(*Error); ok && e == nil { //nolint:errorlint // it is about this very value
		return g.silent(ability, "the connector gave an error without content")
	}
	return err
}

// failed is the error for a connector that failed: nothing is known of the operator.
func failed(how Failing, detail string) error {
	return &Error{Fault: Uncertain, Code: "connector_" + string(how), Detail: detail}
}
