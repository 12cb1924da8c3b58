package lane

import (
	"context"
	"log/slog"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/reason"
	"relais/sms"
)

// SettleStore makes durable what became of messages.
type SettleStore interface {
	// Settle applies transitions and their events. One that does not fit the
	// message as it stands is left out.
	Settle(ctx context.Context, transitions []sms.Transition) (Settled, error)
	// TellAll tells every account of something that is about the whole gateway.
	TellAll(ctx context.Context, kind string, subject sms.ID, at time.Time, data []byte) error
}

// Settled is what became of transitions.
type Settled struct {
	Applied int
	// Received are messages whose receipt had come before, and moved them on.
	Received []sms.ID
}

// failOver gives messages that were certainly not taken to the next connector of their
// route: at once, until each connector has been tried.
func (l *Lane) failOver(
	batch []sms.Message, outcomes []connector.Outcome, err error, transitions []sms.Transition,
) {
	for i := range transitions {
		t, m := &transitions[i], &batch[i]
		if t.To != sms.Queued || t.Solo || len(m.Routes) == 0 {
			continue
		}
		fault := err
		if err == nil && i < len(outcomes) {
			fault = outcomes[i].Err
		}
		switch connector.FaultOf(fault) {
		case connector.Temporary, connector.Blocked:
		default:
			continue
		}
		to := l.set.Alternative(m)
		if to == "" {
			continue
		}
		t.Connector, t.Price = to, l.set.PriceAt(to, m)
		t.Event.Detail = t.Event.Detail.With(
			reason.Of(goesOn, reason.Args{"to": reason.Name(to)}), l.set.Repriced(m.Price, t.Price))
		if m.Attempt < len(m.Routes) {
			t.DueAt = t.Event.At
		}
	}
}

// expectReceipts says when the receipts of what was just submitted are missed.
func (l *Lane) expectReceipts(batch []sms.Message, transitions []sms.Transition) {
	for i := range transitions {
		t := &transitions[i]
		if t.To != sms.Submitted {
			continue
		}
		t.ReceiptBy = t.Event.At.Add(l.o.ReceiptTimes.Within(batch[i].Class))
		if batch[i].Chance > 0 {
			t.ReceiptBy = t.Event.At.Add(batch[i].Chance)
		}
	}
}

// keep stores transitions. An outcome must not be lost, so it tries until the store takes it
// or a stop has waited long enough; a message whose outcome was not stored is uncertain at
// the next start.
func (l *Lane) keep(transitions []sms.Transition) (kept bool) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		settled, err := l.o.Store.Settle(context.Background(), transitions)
		if err == nil {
			if left := len(transitions) - settled.Applied; left > 0 {
				l.o.Log.Debug("messages moved on before their call was settled", "messages", left)
			}
			l.receiptsCame(settled.Received)
			return true
		}
		l.o.Log.Error("cannot store the outcome of a call; trying again",
			"messages", len(transitions), "error", err)
		if duty.Sleep(l.set.calling, wait) != nil {
			return false
		}
	}
}

// count records one call in metrics and log: one line per attempt says it all.
func (l *Lane) count(batch []sms.Message, transitions []sms.Transition) {
	for i := range transitions {
		t := &transitions[i]
		l.o.Metrics.outcomes.WithLabelValues(l.Name, string(t.To), t.Event.Code).Inc()
		if t.To == sms.Queued {
			l.o.Waiting(1)
			if other := l.set.lanes[t.Connector]; other != nil {
				l.o.Metrics.moved.WithLabelValues(l.Name).Inc()
				other.Rouse()
			}
		}
		if t.To == sms.Submitted {
			l.o.Metrics.toSubmitted.WithLabelValues(l.Name, string(batch[i].Class)).
				Observe(t.Event.At.Sub(wanted(&batch[i])).Seconds())
		}
		level := slog.LevelDebug
		if t.To != sms.Submitted {
			level = slog.LevelWarn
		}
		if !l.o.Log.Enabled(l.set.calling, level) {
			continue
		}
		l.o.Log.LogAttrs(l.set.calling, level, "attempt",
			slog.String("connector", l.Name), slog.String("message", t.ID.String()),
			slog.Int("attempt", t.Attempt),
			slog.Any("to", batch[i].To), slog.Int("segments", batch[i].Segments),
			slog.String("status", string(t.To)),
			slog.String("code", t.Event.Code), slog.String("detail", t.Event.Detail.In(reason.English)))
	}
}

// showState tells that the lane stopped sending, or took it up again.
func (l *Lane) showState() {
	state, reason, until := l.state.now()
	l.o.Metrics.showState(l.Name, state)
	level := slog.LevelWarn
	switch state {
	case Running:
		l.o.Log.Info("connector sends again", "connector", l.Name)
		return
	case Blocked:
		level = slog.LevelError
		l.tellBlocked(reason, until)
	default:
	}
	l.o.Log.Log(l.set.calling, level, "connector pauses",
		"connector", l.Name, "state", state, "reason", reason, "until", until)
}

// wanted is when a message should have left. A retry has moved its due time.
func wanted(m *sms.Message) time.Time {
	if m.Attempt > 1 {
		return m.AcceptedAt
	}
	return m.DueAt
}
