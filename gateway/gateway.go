package gateway

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"relais/credit"
	"relais/duty"
	"relais/inbox"
	"relais/lane"
	"relais/person"
	"relais/quota"
	"relais/reason"
	"relais/route"
	"relais/sms"
	"relais/trace"
)

// Options make a Gateway.
type Options struct {
	Store            Store
	Instances        []lane.Instance // in the order of the configuration
	DefaultConnector string          // name of an instance; empty: the first
	Account          func(name string) Account
	Limits           Limits
	Quotas           *quota.Book // nil: none
	Templates        Templates   // nil: there are none
	Currency         string      // of all amounts, ISO 4217; empty: EUR
	Rules            []route.Rule
	ReplyRules       []inbox.ReplyRule
	Health           lane.Health
	ReceiptTimes     lane.ReceiptTimes
	ResendCodes      bool // one-time codes are sent again when the operator cannot tell whether it took them
	Credit           *credit.Watch
	// between two readings of the senders that an operator declares; 0: an hour
	SendersEvery time.Duration
	// Endpoint returns the webhook endpoint of a URL that a rule names, made when
	// it is new.
	Endpoint func(ctx context.Context, account, url string) (sms.ID, error)
	// ReplyEndpoints are those of an account that a door tells of a reply, beside
	// the rules; nil: none.
	ReplyEndpoints func(ctx context.Context, in *inbox.Inbound) ([]sms.ID, error)
	// Told is called after something was put in the outbox; it must not wait.
	Told   func()
	Roster *duty.Roster // of all chores, which the gateway starts and ends; nil: one of its own
	// LookEvery is how long a lane sleeps at most before it looks for work that
	// other nodes accepted; 0: it is told of all.
	LookEvery     time.Duration
	HistoryMonths int // full months before this one whose history is kept; 0: all
	// Retentions lists the accounts that keep something for a limited time; nil: none.
	Retentions func(context.Context) ([]person.Retention, error)
	// Pseudonym is always the same for a number of an account, and does not reveal the
	// number.
	Pseudonym func(account string, n sms.Number) string
	Metrics   *Metrics
	Traces    *trace.Tracer // nil: off
	Log       *slog.Logger
	Clock     *duty.Clock
}

// Gateway runs the line. Make it with New, then Start, then Stop once.
type Gateway struct {
	Inbox   *inbox.Inbox    // takes what operators tell, and keeps the suppression lists
	Persons *person.Persons // exports, erases and forgets people
	Pauses  *Pauses         // stop connectors by a person's word

	store    LineStore
	lanes    *lane.Set
	router   *router
	adviser  *adviser
	backlog  *backlog
	account  func(string) Account
	limits   Limits
	quotas   *quota.Book
	texts    Templates
	currency string
	told     func()
	roster   *duty.Roster
	idle     time.Duration // how long a loop that nobody wakes sleeps
	metrics  *Metrics
	traces   *trace.Tracer
	log      *slog.Logger
	clock    *duty.Clock
}

// New makes a gateway that does nothing yet.
func New(o Options) (*Gateway, error) {
	g := &Gateway{
		store: o.Store, account: o.Account, limits: o.Limits, clock: o.Clock, roster: o.Roster,
		told: o.Told, metrics: o.Metrics, traces: o.Traces, log: o.Log,
	}
	g.Persons = g.persons(o)
	g.quotas, g.texts, g.currency = o.Quotas, o.Templates, cmp.Or(o.Currency, "EUR")
	if g.roster == nil {
		g.roster = duty.NewRoster(duty.Options{Log: o.Log})
	}
	g.idle = cmp.Or(max(0, o.LookEvery), lane.Idle)
	if g.told == nil {
		g.told = func() {}
	}
	g.Inbox = g.newInbox(o)
	g.backlog = &backlog{store: o.Store, metrics: o.Metrics, log: o.Log, now: g.now, limit: o.Limits.Backlog}
	if err := g.openLanes(&o); err != nil {
		return nil, err
	}
	g.Pauses = &Pauses{g.lanes, g.now}
	g.adviser = &adviser{o.Account, g.lanes}
	g.router = &router{
		lanes: g.lanes, rules: o.Rules, standard: o.DefaultConnector, segments: o.Limits.Segments,
		needNumber: slices.ContainsFunc(o.Rules, func(r route.Rule) bool { return r.NeedsNumber() }),
	}
	g.assign(o.Store, o.SendersEvery, o.Credit)
	return g, nil
}

// Start takes up what an earlier process left, then sends until Stop.
func (g *Gateway) Start(ctx context.Context) error {
	if err := g.lanes.Pauses().Read(ctx); err != nil { // before anything leaves
		return reason.Wrap(err, phraseTakeUp, nil)
	}
	if !g.roster.Shared() {
		if err := g.lanes.Recover(ctx, ""); err != nil {
			return reason.Wrap(err, phraseTakeUp, nil)
		}
	}
	if err := g.backlog.count(ctx); err != nil {
		return err
	}
	if err := g.backlog.warnOfMissing(ctx); err != nil {
		return err
	}
	g.roster.Start(ctx)
	return nil
}

// StopClaims is the first step of a stop: no message is taken from the queue
// any more. What is still submitted waits there for the next start.
func (g *Gateway) StopClaims() { g.roster.Quit() }

// Stop takes no more claims and waits for the calls under way, which cost
// money, until ctx ends. Calls that are still under way then are cut, and their
// messages become uncertain.
func (g *Gateway) Stop(ctx context.Context) error {
	g.roster.Quit()
	done := make(chan struct{})
	go func() {
		g.roster.Wait()
		g.lanes.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = reason.NewError(phraseCut, nil)
		g.lanes.Cut()
		<-done
	}
	g.lanes.Cut()
	return errors.Join(err, g.roster.Close(ctx))
}

// now is the time by the gateway's clock.
func (g *Gateway) now() time.Time { return g.clock.Now() }
