package gateway

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"relais/number"
	"relais/sms"
)

// Reassignment gives what waits for one connector to another.
type Reassignment struct {
	Account string
	From    string // need not be configured any more
	To      string
	Actor   string
}

// Reassigned is what became of it.
type Reassigned struct {
	Moved int // messages that were queued
	Left  int // that the other connector may not have: numbers of fiction are for simulated operators
}

// Reassign moves the queued messages of an account from one connector to another.
// What is in doubt stays: the operator behind the old name may have it.
func (g *Gateway) Reassign(ctx context.Context, r Reassignment) (done Reassigned, err error) {
	lane := g.lanes[r.To]
	if lane == nil || r.From == r.To {
		return done, invalid("connector_unknown", "/to", say("No other connector has that name. The configured ones are: %s.",
			"Aucun autre connecteur ne porte ce nom. Ceux de la configuration : %s.", strings.Join(g.order, ", ")))
	}
	for {
		limit := handOnSize + 2*done.Left // so that few readings get behind many that stay
		waiting, err := g.store.Queued(ctx, r.Account, r.From, limit)
		if err != nil {
			return done, unavailable(err)
		}
		moves := g.given(waiting, r)
		done.Left = len(waiting) - len(moves)
		if len(moves) == 0 {
			if len(waiting) < limit {
				return done, nil
			}
			continue
		}
		moved, err := g.store.Move(ctx, moves)
		if err != nil {
			return done, unavailable(err)
		}
		done.Moved += moved
		g.metrics.moved.WithLabelValues(r.From).Add(float64(moved))
		lane.rouse()
		if moved == 0 { // each left or ended meanwhile
			return done, nil
		}
	}
}

func (g *Gateway) given(waiting []sms.Message, r Reassignment) (moves []Move) {
	for i := range waiting {
		m := &waiting[i]
		if fiction(m.To) && !g.lanes[r.To].facts.Simulated {
			continue
		}
		price := g.priceAt(r.To, m)
		moves = append(moves, Move{Message: *m, To: r.To, Price: price, Event: sms.Event{
			At: g.now(), Status: sms.Queued, Actor: r.Actor, Code: "reassigned", Attempt: m.Attempt,
			Detail: fmt.Sprintf("A person gave it from %s to %s; nobody had taken it.", m.Connector, r.To) + g.repriced(m.Price, price),
		}})
	}
	return moves
}

func fiction(n sms.Number) bool {
	parsed, err := number.Every.Parse(string(n), "")
	return err == nil && parsed.Kind == number.Fiction
}

// MissingConnectors are those that messages waited for when they were last counted,
// and that the configuration does not have.
func (g *Gateway) MissingConnectors() []string {
	if names := g.missed.Load(); names != nil {
		return *names
	}
	return nil
}

// noteMissing keeps what MissingConnectors returns, and shows it in the metrics.
func (g *Gateway) noteMissing(backlog []Backlog) {
	var names []string
	for _, s := range g.missing(backlog) {
		names = append(names, s.Name)
		g.metrics.setState(s.Name, Missing, true)
	}
	for _, name := range g.MissingConnectors() {
		if !slices.Contains(names, name) {
			g.metrics.state.DeleteLabelValues(name, string(Missing))
		}
	}
	g.missed.Store(&names)
}

// HasConnector reports whether the configuration has a connector.
func (g *Gateway) HasConnector(name string) bool { return g.lanes[name] != nil }
