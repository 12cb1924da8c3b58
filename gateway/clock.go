package gateway

import (
	"context"
	"sync/atomic"
	"time"

	"relais/sms"
)

// ClockSlack is what the clocks of nodes may differ, and what a clock may be set
// back without a word: what it put off waits no longer than that.
const ClockSlack = time.Second

// clock notices when it is set back: it remembers the latest time that it told.
type clock struct {
	source func() time.Time
	latest atomic.Int64 // nanoseconds since 1970
	back   chan struct{}
	steady sms.Steady
}

func newClock(source func() time.Time) *clock {
	c := &clock{source: source, back: make(chan struct{}, 1)}
	c.leapt()
	return c
}

// leapt reports whether the clock jumped ahead a moment ago. What goes by the clock and
// cannot be undone waits then: it may be set back.
func (c *clock) leapt() bool { return c.steady.Ahead(c.source()) > 0 }

func (c *clock) now() time.Time {
	now := c.source()
	told, latest := now.UnixNano(), c.latest.Load()
	if told > latest {
		c.latest.CompareAndSwap(latest, told)
		return now
	}
	if latest-told > int64(ClockSlack) && c.latest.CompareAndSwap(latest, told) {
		select {
		case c.back <- struct{}{}:
		default:
		}
	}
	return now
}

// Now is the gateway's clock. Whatever writes times that are waited for takes them
// from here, so that it is noticed when the clock is set back.
func (g *Gateway) Now() time.Time { return g.clock.now() }

// now is the time, as precise as stores keep it.
func (g *Gateway) now() time.Time { return g.clock.now().Truncate(time.Microsecond) }

// watchClock lets go what was put off each time that the clock is set back, until
// ctx ends: what came while it ran ahead would wait until that time comes again.
// The start looks too, for the machine may have booted with a wrong clock.
func (g *Gateway) watchClock(ctx context.Context) {
	g.hasten(ctx)
	for {
		select {
		case <-g.clock.back:
			g.log.Warn("the clock was set back; what was put off by the time before goes now")
		case <-ctx.Done():
			return
		}
		g.hasten(ctx)
		if sleep(ctx, stragglers) != nil {
			return
		}
		g.hasten(ctx)
	}
}

// stragglers is how long a write may be under way that took its time from the
// clock before it was set back.
const stragglers = 2 * time.Second

const aheadSize = 500

// hasten lets go what a clock that ran ahead put off: messages, questions about
// messages in doubt, webhooks. A date that a caller asked for stays.
func (g *Gateway) hasten(ctx context.Context) {
	if err := g.store.Hasten(ctx, g.now()); err != nil && ctx.Err() == nil {
		g.log.Error("cannot let go what a clock that ran ahead put off", "error", err)
	}
	for _, name := range g.order {
		for ctx.Err() == nil {
			ahead, err := g.store.Ahead(ctx, name, g.now(), aheadSize)
			if err == nil && len(ahead) > 0 {
				_, err = g.store.Move(ctx, g.atOnce(ahead))
				g.lanes[name].rouse()
			}
			if err != nil && ctx.Err() == nil {
				g.log.Error("cannot let go messages that a clock that ran ahead put off", "connector", name, "error", err)
			}
			if err != nil || len(ahead) < aheadSize {
				break
			}
		}
	}
	g.told()
}

// atOnce moves messages to where they are, due now.
func (g *Gateway) atOnce(ahead []sms.Message) []Move {
	now := g.now()
	moves := make([]Move, len(ahead))
	for i, m := range ahead {
		m.DueAt = now
		moves[i] = Move{Message: m, To: m.Connector, Event: sms.Event{
			At: now, Status: sms.Queued, Actor: "gateway", Code: "clock_set_back", Attempt: m.Attempt,
			Detail: "The gateway's clock had run ahead and was set back; the message goes now, not when that time comes.",
		}}
	}
	return moves
}
