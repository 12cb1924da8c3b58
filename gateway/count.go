package gateway

import (
	"errors"
	"log/slog"
	"time"

	"relais/sms"
)

// count tells metrics and log what became of one call: one line per attempt
// says it all.
func (g *Gateway) count(l *lane, batch []sms.Message, transitions []sms.Transition) {
	for i := range transitions {
		t := &transitions[i]
		g.metrics.outcomes.WithLabelValues(l.name, string(t.To), t.Event.Code).Inc()
		if t.To == sms.Queued {
			g.waiting.Add(1)
			if other := g.lanes[t.Connector]; other != nil {
				g.metrics.moved.WithLabelValues(l.name).Inc()
				other.rouse()
			}
		}
		if t.To == sms.Submitted {
			g.metrics.toSubmitted.WithLabelValues(l.name, string(batch[i].Class)).
				Observe(t.Event.At.Sub(wanted(&batch[i])).Seconds())
		}
		level := slog.LevelDebug
		if t.To != sms.Submitted {
			level = slog.LevelWarn
		}
		if !g.log.Enabled(g.calling, level) {
			continue
		}
		g.log.LogAttrs(g.calling, level, "attempt",
			slog.String("connector", l.name), slog.String("message", t.ID.String()), slog.Int("attempt", t.Attempt),
			slog.Any("to", batch[i].To), slog.Int("segments", batch[i].Segments), slog.String("status", string(t.To)),
			slog.String("code", t.Event.Code), slog.String("detail", t.Event.Detail))
	}
}

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
		g.metrics.refused.WithLabelValues(refused[i].Code).Inc()
	}
}

// tellState logs that a lane stopped sending, or took it up again.
func (g *Gateway) tellState(l *lane) {
	l.mu.Lock()
	state, reason, until := l.state, l.reason, l.until
	l.mu.Unlock()
	g.showState(l.name, state)
	if state == Running {
		g.log.Info("connector sends again", "connector", l.name)
		return
	}
	level := slog.LevelWarn
	if state == Blocked {
		level = slog.LevelError
	}
	if state == Blocked {
		g.tellBlocked(l, reason, until)
	}
	g.log.Log(g.calling, level, "connector pauses", "connector", l.name, "state", state, "reason", reason, "until", until)
}

func (g *Gateway) showState(name string, state LaneState) {
	for _, s := range []LaneState{Running, Throttled, Failing, Blocked} {
		g.metrics.setState(name, s, s == state)
	}
}

// wanted is when a message should have left. A retry has moved its due time.
func wanted(m *sms.Message) time.Time {
	if m.Attempt > 1 {
		return m.AcceptedAt
	}
	return m.DueAt
}
