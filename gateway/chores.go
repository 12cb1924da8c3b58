package gateway

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"relais/credit"
	"relais/duty"
	"relais/lane"
	"relais/person"
	"relais/sender"
)

// dutyGateway names the duty that belongs to no single connector: the sweep, the rules of
// replies, the retentions.
const dutyGateway = "gateway"

// assign puts the chores on the roster.
func (g *Gateway) assign(store SweepStore, sendersEvery time.Duration, watch *credit.Watch) {
	sweeper := &sweeper{store, g.clock, g.lanes, g.metrics.lanes, g.told, g.log}
	ask := &lane.Questions{
		Currency: g.currency, SendersEvery: cmp.Or(max(0, sendersEvery), sender.Every), Credit: watch,
		Log: g.log, Now: g.now,
	}
	g.roster.AddCommon(
		duty.Chore{Name: "count", Every: countEvery, Work: g.backlog.recount},
		duty.Chore{Name: "pauses", Every: lane.PausesEvery, Work: g.lanes.Pauses().Round},
		duty.Chore{Name: "clock", On: "the clock is set back", Loop: func(ctx context.Context) {
			g.clock.Watch(ctx, g.log, sweeper.hasten)
		}},
	)
	for _, l := range g.lanes.All() {
		l.Assign(ask.Credits(l)...)
		g.roster.AddCommon(ask.Common(l)...)
	}
	g.roster.Add(&duty.Duty{Name: dutyGateway, Begin: g.backlog.recoverMissing, Chores: []duty.Chore{
		{Name: "sweep", Every: sweepEvery, Work: sweeper.sweep},
		{Name: "reply", Every: g.idle, On: "a reply", Loop: g.Inbox.Reply},
		{Name: "retain", Every: person.RetainEvery, AtOnce: true, Work: g.Persons.Retain},
	}})
}

// sweepEvery is how often messages past their validity are ended while their
// lane does not claim them.
const sweepEvery = 10 * time.Second

// keyLife is how long an idempotency key is remembered.
const keyLife = 7 * 24 * time.Hour

// SweepStore ends, forgets and hastens.
type SweepStore interface {
	// Expire ends queued messages whose validity is over, a bounded number a call, and
	// returns how many.
	Expire(ctx context.Context, now time.Time) (int, error)
	// Forget drops idempotency keys that came before a time, a bounded number a call.
	Forget(ctx context.Context, before time.Time) error
	// Hasten makes due what a clock that ran ahead put off: questions about messages in
	// doubt, and webhooks.
	Hasten(ctx context.Context, now time.Time) error
}

// sweeper ends, forgets and hastens messages of every connector.
type sweeper struct {
	store   SweepStore
	clock   *duty.Clock
	lanes   *lane.Set
	metrics *lane.Metrics
	told    func()
	log     *slog.Logger
}

// sweep ends what nobody will send any more, and forgets old keys.
func (s *sweeper) sweep(ctx context.Context) {
	s.expire(ctx)
	if s.clock.Leapt() {
		return // else a request that comes again would be sent again
	}
	if err := s.store.Forget(ctx, s.clock.Now().Add(-keyLife)); err != nil {
		s.log.Error("cannot forget old idempotency keys", "error", err)
	}
}

// expire works in small steps, so that it holds nobody up.
func (s *sweeper) expire(ctx context.Context) {
	total := 0
	for ctx.Err() == nil {
		expired, err := s.store.Expire(ctx, s.clock.Now())
		if err != nil {
			s.log.Error("cannot expire messages", "error", err)
		}
		if expired == 0 {
			break
		}
		total += expired
	}
	if total > 0 {
		s.metrics.Expired(total)
		s.told()
		s.log.Info("messages expired before they could be sent", "messages", total)
	}
}

// hasten releases what a clock that ran ahead put off: messages, questions about messages in
// doubt, webhooks. A date that a caller asked for stays.
func (s *sweeper) hasten(ctx context.Context) {
	if err := s.store.Hasten(ctx, s.clock.Now()); err != nil && ctx.Err() == nil {
		s.log.Error("cannot let go what a clock that ran ahead put off", "error", err)
	}
	s.lanes.Hasten(ctx)
	s.told()
}
