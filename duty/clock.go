package duty

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"relais/internal/bell"
	"relais/sms"
)

// ClockSlack is what the clocks of nodes may differ, and what a clock may be set
// back without a word: what it put off waits no longer than that.
const ClockSlack = time.Second

// Clock notices when it is set: it remembers the latest time that it showed. Whatever
// writes times that are waited for takes them from here.
type Clock struct {
	source func() time.Time
	latest atomic.Int64 // nanoseconds since 1970
	back   bell.Bell
	steady sms.Steady
}

// NewClock makes a clock that shows the time of source.
func NewClock(source func() time.Time) *Clock {
	c := &Clock{source: source, back: bell.New()}
	c.Leapt()
	return c
}

// Leapt reports whether the clock jumped ahead a moment ago. What goes by the clock and
// cannot be undone waits then: it may be set back.
func (c *Clock) Leapt() bool { return c.steady.Ahead(c.source()) > 0 }

// Now is the time, as precise as stores keep it.
func (c *Clock) Now() time.Time { return c.read().Truncate(time.Microsecond) }

func (c *Clock) read() time.Time {
	now := c.source()
	shown, latest := now.UnixNano(), c.latest.Load()
	if shown > latest {
		c.latest.CompareAndSwap(latest, shown)
		return now
	}
	if latest-shown > int64(ClockSlack) && c.latest.CompareAndSwap(latest, shown) {
		c.back.Ring()
	}
	return now
}

// stragglers is how long a write may be under way that took its time from the
// clock before it was set back.
const stragglers = 2 * time.Second

// Watch lets go what was put off each time that the clock is set back, until ctx
// ends: what came while it ran ahead would wait until that time comes again. It
// begins with a round, for the machine may have booted with a wrong clock.
func (c *Clock) Watch(ctx context.Context, log *slog.Logger, hasten func(context.Context)) {
	hasten(ctx)
	for {
		if c.back.Wait(ctx) != nil {
			return
		}
		log.Warn("the clock was set back; what was put off by the time before goes now")
		hasten(ctx)
		if Sleep(ctx, stragglers) != nil {
			return
		}
		hasten(ctx)
	}
}
