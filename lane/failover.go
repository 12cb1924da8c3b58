package lane

import (
	"context"
	"maps"
	"slices"
	"time"

	"relais/reason"
	"relais/sms"
)

// failoverEvery is how often lanes that were left hand on what waits in them.
const failoverEvery = time.Second

// MoveStore gives messages to other connectors.
type MoveStore interface {
	// MovableAccounts returns, by name, the accounts that have queued messages of a
	// connector that others may send.
	MovableAccounts(ctx context.Context, connector string) ([]string, error)
	// Movable returns those of an account, by id, from the one behind after on.
	Movable(ctx context.Context, connector, account string, after sms.ID, limit int) ([]sms.Message, error)
	// Queued lists messages of an account that are queued for a connector, in no
	// order, with a route or without.
	Queued(ctx context.Context, account, connector string, limit int) ([]sms.Message, error)
	// Move gives queued messages to another connector, and returns how many were
	// still there to be moved.
	Move(ctx context.Context, moves []Move) (int, error)
	// Ahead returns queued messages of a connector that were last changed after now, by a
	// clock that ran ahead, unless their caller asked for a later date.
	Ahead(ctx context.Context, connector string, now time.Time, limit int) ([]sms.Message, error)
}

// Move gives a queued message to another connector.
type Move struct {
	Message sms.Message
	To      string
	Price   sms.Money // what it costs there; 0: not known
	Event   sms.Event
}

// Leaves is when the message is due at its new connector, unless its row has an earlier
// time: stores write the earlier of the two. A message that was tried is due at once,
// because the wait before its retry was for the operator that it leaves. One that was never
// tried keeps the date that its caller asked for.
func (m *Move) Leaves() time.Time {
	if m.Message.Attempt == 0 {
		return m.Message.DueAt
	}
	return m.Event.At
}

// failover is the chore of a lane that hands on what waits while the lane is left.
type failover struct {
	*Lane
	read map[string]sms.ID // by account, how far what waits was read
}

func newFailover(l *Lane) failover { return failover{Lane: l, read: map[string]sms.ID{}} }

// round moves what waits for a connector that was left to the next one of its route. Only
// queued messages are moved: it is certain that nobody took them.
func (l failover) round(ctx context.Context) {
	if why := l.state.checkReceipts(); !why.IsZero() {
		l.o.Log.Warn("connector is left for its fallbacks",
			"connector", l.Name, "reason", why.In(reason.English))
	}
	fit, why := l.Fit(ToSend)
	l.o.Metrics.setLeft(l.Name, !fit)
	if fit {
		clear(l.read)
		return
	}
	l.handOn(ctx, why)
}

// handOnSize is how many messages of one account are moved in one commit.
const handOnSize = 100

// handOn moves the waiting messages of a lane in small steps: accounts take turns, round by
// round, until a round moves none. The next call continues where the last one stopped
// reading, so that messages that cannot be moved are not read again each time and do not
// hold up those behind them. One message stays for the lane's own probe if nothing else
// waits there.
func (l failover) handOn(ctx context.Context, why reason.Reason) {
	for ctx.Err() == nil {
		accounts, err := l.o.Store.MovableAccounts(ctx, l.Name)
		if err != nil {
			l.o.Log.Error("cannot read what waits for a connector that was left",
				"connector", l.Name, "error", err)
			return
		}
		maps.DeleteFunc(l.read, func(account string, _ sms.ID) bool {
			return !slices.Contains(accounts, account)
		})
		moved, done := 0, true
		for _, account := range accounts {
			waiting, err := l.o.Store.Movable(ctx, l.Name, account, l.read[account], handOnSize)
			if err != nil {
				l.o.Log.Error("cannot read what waits for a connector that was left",
					"connector", l.Name, "error", err)
				return
			}
			if len(waiting) < handOnSize {
				delete(l.read, account) // from the beginning again
			} else {
				l.read[account], done = waiting[len(waiting)-1].ID, false
			}
			n, err := l.set.Move(ctx, l.Name, l.moves(waiting, why))
			if err != nil {
				l.o.Log.Error("cannot move messages to another connector", "connector", l.Name, "error", err)
				return
			}
			moved += n
		}
		if done || moved == 0 {
			return
		}
	}
}

// Move carries out moves away from a connector, and returns how many messages were still
// there.
func (s *Set) Move(ctx context.Context, from string, moves []Move) (int, error) {
	if len(moves) == 0 {
		return 0, nil
	}
	moved, err := s.o.Store.Move(ctx, moves)
	if err != nil {
		return 0, err
	}
	s.o.Metrics.moved.WithLabelValues(from).Add(float64(moved))
	for _, m := range moves {
		s.lanes[m.To].Rouse()
	}
	return moved, nil
}

func (l failover) moves(waiting []sms.Message, why reason.Reason) []Move {
	var moves []Move
	for i := range waiting {
		m := &waiting[i]
		to := l.set.Alternative(m)
		if to == "" || l.isProbe(m) {
			continue
		}
		price := l.set.PriceAt(to, m)
		moves = append(moves, Move{Message: *m, To: to, Price: price, Event: sms.Event{
			At: l.o.Now(), Status: sms.Queued, Actor: sms.ActorGateway, Code: codeRerouted, Attempt: m.Attempt,
			Detail: reason.Of(movedOn, reason.Args{
				"from": reason.Name(m.Connector), "to": reason.Name(to), "why": why,
			}).With(l.set.Repriced(m.Price, price)),
		}})
	}
	return moves
}

// probeStays is how long a message that was sent to try a lane waits there.
const probeStays = 5 * time.Second

// isProbe reports whether a message was just given to a lane that was left, to try it.
func (l failover) isProbe(m *sms.Message) bool {
	return m.Attempt == 0 && m.Connector == m.Routes[0] && m.Class != sms.OTP &&
		l.o.Now().Sub(m.AcceptedAt) < probeStays && l.set.lanes[m.Connector].state.probedSince(m.AcceptedAt)
}
