package gateway

import (
	"context"
	"time"

	"relais/reason"
	"relais/sms"
)

// CodeSecondChance tells of a code that was sent once more.
const (
	CodeSecondChance reason.Code = "second_chance"

	phraseChance   reason.Code = "words/second_chance"
	phraseNoChance reason.Code = "words/second_chance_none"
)

// secondChance sends the text once more through another connector, as a
// message of its own: the first one may still arrive, and keeps its own life.
func (g *Gateway) secondChance(ctx context.Context, m sms.Message, to string) {
	now := g.now()
	note := sms.Event{
		At: now, Status: sms.Submitted, Actor: "gateway", Code: "second_chance", Attempt: m.Attempt,
		Detail: reason.Of(phraseNoChance, reason.Args{"time": reason.Duration(m.Chance)}),
	}
	var again *Draft
	if to != "" {
		again = &Draft{Message: m}
		again.ID, again.Connector, again.Routes, again.Chance = sms.NewID(now), to, nil, 0
		again.Status, again.Reason, again.Attempt, again.ProviderID = sms.Queued, "accepted", 0, ""
		again.DueAt, again.SubmittedAt, again.ReceiptBy, again.UpdatedAt = now, time.Time{}, time.Time{}, now
		again.Decisions = []reason.Reason{reason.Of(CodeSecondChance, reason.Args{
			"message": reason.Name(m.ID.String()), "connector": reason.Name(m.Connector), "time": reason.Duration(m.Chance),
		})}
		g.priceAgain(again)
		note.Detail = reason.Of(phraseChance, reason.Args{
			"time": reason.Duration(m.Chance), "connector": reason.Name(to), "message": reason.Name(again.ID.String()),
		})
	}
	made, err := g.store.SecondChance(ctx, m, again, note, m.SubmittedAt.Add(g.receiptTimes.Within(m.Class)))
	if err != nil {
		g.log.Error("cannot give a message its second chance", "error", err)
		return
	}
	if made && again != nil {
		g.waiting.Add(1)
		g.metrics.secondChances.WithLabelValues(m.Connector).Inc()
		g.lanes.Get(to).Rouse()
	}
}
