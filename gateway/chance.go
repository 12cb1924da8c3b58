package gateway

import (
	"context"
	"time"

	"relais/reason"
	"relais/sms"
)

// secondChance sends the text once more through another connector, as a
// message of its own: the first one may still arrive, and keeps its own life.
func (g *Gateway) secondChance(ctx context.Context, m sms.Message, to string) {
	now := g.now()
	note := sms.Event{
		At: now, Status: sms.Submitted, Actor: "gateway", Code: "second_chance", Attempt: m.Attempt,
		Detail: reason.Verbatim("No receipt in " + plain(m.Chance) + "; no other connector could take it, or it is no longer worth sending."),
	}
	var again *Draft
	if to != "" {
		again = &Draft{Message: m}
		again.ID, again.Connector, again.Routes, again.Chance = sms.NewID(now), to, nil, 0
		again.Status, again.Reason, again.Attempt, again.ProviderID = sms.Queued, "accepted", 0, ""
		again.DueAt, again.SubmittedAt, again.ReceiptBy, again.UpdatedAt = now, time.Time{}, time.Time{}, now
		again.Decisions = []reason.Reason{decision("second_chance", say("Sent because message %s had no receipt from %s in %s.",
			"Envoyé parce que le message %s n'avait pas d'accusé de %s au bout de %s.", m.ID, m.Connector, plain(m.Chance)))}
		g.priceAgain(again)
		note.Detail = reason.Verbatim("No receipt in " + plain(m.Chance) + ": sent once more through " + to + " as message " + again.ID.String() + ".")
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
