package lane

import (
	"context"

	"relais/number"
	"relais/reason"
	"relais/sms"
)

// Reassignment gives what waits for one connector to another.
type Reassignment struct {
	Account string
	From    string // need not be configured any more
	To      string
	Actor   sms.Actor
}

// Reassigned is what became of it.
type Reassigned struct {
	Moved int // messages that were queued
	Left  int // that the other connector may not have: numbers of fiction, and kinds that it does not send
}

// Reassign moves the queued messages of an account from one connector to another, which has a
// lane. What is in doubt stays: the operator behind the old name may have it.
func (s *Set) Reassign(ctx context.Context, r Reassignment) (done Reassigned, err error) {
	for {
		limit := handOnSize + 2*done.Left // so that few readings get behind many that stay
		waiting, err := s.o.Store.Queued(ctx, r.Account, r.From, limit)
		if err != nil {
			return done, err
		}
		moves := s.given(waiting, r)
		done.Left = len(waiting) - len(moves)
		if len(moves) == 0 {
			if len(waiting) < limit {
				return done, nil
			}
			continue
		}
		moved, err := s.Move(ctx, r.From, moves)
		if err != nil {
			return done, err
		}
		done.Moved += moved
		if moved == 0 { // each left or ended meanwhile
			return done, nil
		}
	}
}

func (s *Set) given(waiting []sms.Message, r Reassignment) (moves []Move) {
	for i := range waiting {
		m := &waiting[i]
		if facts := &s.lanes[r.To].Facts; fiction(m.To) && !facts.Simulated || !facts.Sends(m.Kind) {
			continue
		}
		price := s.PriceAt(r.To, m)
		moves = append(moves, Move{Message: *m, To: r.To, Price: price, Event: sms.Event{
			At: s.now(), Status: sms.Queued, Actor: r.Actor, Code: codeReassigned, Attempt: m.Attempt,
			Detail: reason.Of(givenByPerson, reason.Args{
				"from": reason.Name(m.Connector), "to": reason.Name(r.To),
			}).With(s.Repriced(m.Price, price)),
		}})
	}
	return moves
}

func fiction(n sms.Number) bool {
	parsed, known := number.Stored(n)
	return known && parsed.Kind == number.Fiction
}
