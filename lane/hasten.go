package lane

import (
	"context"

	"relais/reason"
	"relais/sms"
)

const aheadSize = 500

// Hasten releases messages that a clock that ran ahead put off. A date that a caller asked
// for stays.
func (s *Set) Hasten(ctx context.Context) {
	for _, l := range s.All() {
		for ctx.Err() == nil {
			ahead, err := s.o.Store.Ahead(ctx, l.Name, s.now(), aheadSize)
			if err == nil && len(ahead) > 0 {
				_, err = s.o.Store.Move(ctx, s.atOnce(ahead))
				l.Rouse()
			}
			if err != nil && ctx.Err() == nil {
				s.o.Log.Error("cannot let go messages that a clock that ran ahead put off",
					"connector", l.Name, "error", err)
			}
			if err != nil || len(ahead) < aheadSize {
				break
			}
		}
	}
}

// atOnce moves messages to where they are, due now.
func (s *Set) atOnce(ahead []sms.Message) []Move {
	now := s.now()
	moves := make([]Move, len(ahead))
	for i, m := range ahead {
		m.DueAt = now
		moves[i] = Move{Message: m, To: m.Connector, Event: sms.Event{
			At: now, Status: sms.Queued, Actor: sms.ActorGateway, Code: codeClockSetBack, Attempt: m.Attempt,
			Detail: reason.Of(clockSetBack, nil),
		}}
	}
	return moves
}
