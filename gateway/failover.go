package gateway

import (
	"context"
	"maps"
	"slices"
	"time"

	"relais/duty"
	"relais/sms"
)

// failoverEvery is how often lanes that were left hand on what waits in them.
const failoverEvery = time.Second

// failover moves what waits for a connector that was left to the next one of
// its route, until ctx ends. Only queued messages are moved: it is certain that
// nobody took them.
func (g *Gateway) failover(ctx context.Context, l *lane) {
	read := map[string]sms.ID{} // by account, how far what waits was read
	for duty.Sleep(ctx, failoverEvery) == nil {
		if why := l.checkReceipts(); why != "" {
			g.log.Warn("connector is left for its fallbacks", "connector", l.name, "reason", why)
		}
		fit, why := l.fit(toSend)
		g.metrics.setLeft(l.name, !fit)
		if fit {
			clear(read)
			continue
		}
		g.handOn(ctx, l, read, why.english)
	}
}

// handOnSize is how many messages of one account are moved in one commit.
const handOnSize = 100

// handOn moves the waiting messages of a lane, in small steps: accounts take turns,
// round by round, until a round moves none. The next call goes on where the last one
// stopped reading, so that what cannot be moved is not read again each time and
// keeps nothing behind it from moving. One stays for the lane's own probe where
// nothing else waits there.
func (g *Gateway) handOn(ctx context.Context, l *lane, read map[string]sms.ID, why string) {
	for ctx.Err() == nil {
		accounts, err := g.store.MovableAccounts(ctx, l.name)
		if err != nil {
			g.log.Error("cannot read what waits for a connector that was left", "connector", l.name, "error", err)
			return
		}
		maps.DeleteFunc(read, func(account string, _ sms.ID) bool { return !slices.Contains(accounts, account) })
		moved, done := 0, true
		for _, account := range accounts {
			waiting, err := g.store.Movable(ctx, l.name, account, read[account], handOnSize)
			if err != nil {
				g.log.Error("cannot read what waits for a connector that was left", "connector", l.name, "error", err)
				return
			}
			if len(waiting) < handOnSize {
				delete(read, account) // from the beginning again
			} else {
				read[account], done = waiting[len(waiting)-1].ID, false
			}
			n, err := g.move(ctx, l, g.moves(waiting, why))
			if err != nil {
				g.log.Error("cannot move messages to another connector", "connector", l.name, "error", err)
				return
			}
			moved += n
		}
		if done || moved == 0 {
			return
		}
	}
}

// move gives messages of a lane to others, and returns how many were still there.
func (g *Gateway) move(ctx context.Context, l *lane, moves []Move) (int, error) {
	if len(moves) == 0 {
		return 0, nil
	}
	moved, err := g.store.Move(ctx, moves)
	if err != nil {
		return 0, err
	}
	g.metrics.moved.WithLabelValues(l.name).Add(float64(moved))
	for _, m := range moves {
		g.lanes[m.To].rouse()
	}
	return moved, nil
}

func (g *Gateway) moves(waiting []sms.Message, why string) []Move {
	var moves []Move
	for i := range waiting {
		m := &waiting[i]
		to := g.alternative(m)
		if to == "" || g.isProbe(m) {
			continue
		}
		price := g.priceAt(to, m)
		moves = append(moves, Move{Message: *m, To: to, Price: price, Event: sms.Event{
			At: g.now(), Status: sms.Queued, Actor: "gateway", Code: "rerouted", Attempt: m.Attempt,
			Detail: "Moved from " + m.Connector + " to " + to + ": " + m.Connector + " is left (" + why + ") and had not taken it." +
				g.repriced(m.Price, price),
		}})
	}
	return moves
}

// probeStays is how long a message that was sent to try a lane waits there.
const probeStays = 5 * time.Second

// isProbe tells a message that was just given to a lane that was left: it is
// there to try it.
func (g *Gateway) isProbe(m *sms.Message) bool {
	return m.Attempt == 0 && m.Connector == m.Routes[0] && m.Class != sms.OTP && g.now().Sub(m.AcceptedAt) < probeStays &&
		g.lanes[m.Connector].probedSince(m.AcceptedAt)
}

// probedSince tells whether a message that was accepted at a time may have been
// a probe: the lane had been left by then.
func (l *lane) probedSince(accepted time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.health.probes > 0 && accepted.After(l.health.since)
}
