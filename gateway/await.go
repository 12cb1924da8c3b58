package gateway

import (
	"context"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/sms"
)

// ReceiptTimes say how long a receipt may take, by class.
type ReceiptTimes map[sms.Class]time.Duration

// within is how long a receipt of the class may take. The operators hold a text
// for 48 to 72 hours (OVH, "OVHcloud SMS FAQ").
func (t ReceiptTimes) within(c sms.Class) time.Duration {
	if d := t[c]; d > 0 {
		return d
	}
	if c == sms.OTP {
		return time.Hour
	}
	return 72 * time.Hour
}

const (
	awaitEvery = 2 * time.Second
	lookEvery  = time.Minute     // between two looks at one operator
	lookAgain  = 5 * time.Minute // when the operator could not be asked
	lookAtMost = 24 * time.Hour  // then a message expires without the last look
)

// await ends messages whose receipt is missed, until ctx ends: a code may get a
// second chance, any other is looked up at the operator a last time.
func (g *Gateway) await(ctx context.Context, l *lane) {
	var looked time.Time
	for duty.Sleep(ctx, awaitEvery) == nil {
		missed, err := g.store.Awaiting(ctx, l.name, g.now(), max(1, l.facts.StatusBatch))
		if err != nil {
			g.log.Error("cannot read which receipts are missed", "connector", l.name, "error", err)
			continue
		}
		missed = g.chances(ctx, missed)
		canLook := l.caps.StatusReader != nil
		if len(missed) == 0 || canLook && g.now().Sub(looked) < lookEvery {
			continue
		}
		looked = g.now()
		g.lastLook(ctx, l, missed)
	}
}

// lastLook asks the operator, stores what it says, and ends what it says
// nothing of.
func (g *Gateway) lastLook(ctx context.Context, l *lane, missed []sms.Message) {
	if l.caps.StatusReader != nil {
		receipts, err := l.connector.ReadStatus(l.paced(ctx), missed)
		if err == nil {
			err = g.take(ctx, l, connector.News{Receipts: receipts}, false)
		}
		if err != nil {
			g.log.Warn("the operator could not be asked for receipts that are missed", "connector", l.name, "error", err)
			missed = g.putOff(ctx, missed)
		}
	}
	transitions := make([]sms.Transition, len(missed))
	for i := range missed {
		transitions[i] = g.noReceipt(&missed[i])
	}
	if len(transitions) == 0 {
		return
	}
	settled, err := g.store.Settle(ctx, transitions) // leaves out those that a receipt has just moved
	if err != nil {
		g.log.Error("cannot end messages without a receipt", "connector", l.name, "error", err)
		return
	}
	if settled.Applied > 0 {
		g.metrics.noReceipt.WithLabelValues(l.name).Add(float64(settled.Applied))
		g.told()
	}
}

// putOff waits with those that may still be looked up later, and returns the
// others.
func (g *Gateway) putOff(ctx context.Context, missed []sms.Message) (end []sms.Message) {
	var later []sms.Message
	for _, m := range missed {
		if g.now().Sub(m.SubmittedAt) > g.receiptTimes.within(m.Class)+lookAtMost {
			end = append(end, m)
			continue
		}
		later = append(later, m)
	}
	if len(later) > 0 {
		if err := g.store.Await(ctx, later, g.now().Add(lookAgain)); err != nil {
			g.log.Error("cannot put off a look at the operator", "error", err)
		}
	}
	return end
}

func (g *Gateway) noReceipt(m *sms.Message) sms.Transition {
	return sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Submitted, Attempt: m.Attempt, To: sms.Expired,
		Event: sms.Event{
			At: g.now(), Status: sms.Expired, Actor: "gateway", Code: sms.NoReceipt, Attempt: m.Attempt,
			Detail: "No final receipt came in " + plain(g.receiptTimes.within(m.Class)) + "; whether it arrived is not known.",
		},
	}
}

// chances gives codes whose receipt is late their second chance, and returns
// the messages that have none.
func (g *Gateway) chances(ctx context.Context, missed []sms.Message) (others []sms.Message) {
	for _, m := range missed {
		to := ""
		if m.Chance > 0 && m.ExpiresAt.After(g.now()) && m.Text != "" { // a retention may have removed the text of one sent long after it came
			to = g.alternative(&m)
		}
		switch {
		case to != "":
			g.secondChance(ctx, m, to)
		case m.Chance > 0: // nobody can take it: wait as others do
			g.secondChance(ctx, m, "")
		default:
			others = append(others, m)
		}
	}
	return others
}

// secondChance sends the text once more through another connector, as a
// message of its own: the first one may still arrive, and keeps its own life.
func (g *Gateway) secondChance(ctx context.Context, m sms.Message, to string) {
	now := g.now()
	note := sms.Event{
		At: now, Status: sms.Submitted, Actor: "gateway", Code: "second_chance", Attempt: m.Attempt,
		Detail: "No receipt in " + plain(m.Chance) + "; no other connector could take it, or it is no longer worth sending.",
	}
	var again *Draft
	if to != "" {
		again = &Draft{Message: m}
		again.ID, again.Connector, again.Routes, again.Chance = sms.NewID(now), to, nil, 0
		again.Status, again.Reason, again.Attempt, again.ProviderID = sms.Queued, "accepted", 0, ""
		again.DueAt, again.SubmittedAt, again.ReceiptBy, again.UpdatedAt = now, time.Time{}, time.Time{}, now
		again.Decisions = []Decision{decision("second_chance", say("Sent because message %s had no receipt from %s in %s.",
			"Envoyé parce que le message %s n'avait pas d'accusé de %s au bout de %s.", m.ID, m.Connector, plain(m.Chance)))}
		g.priceAgain(again)
		note.Detail = "No receipt in " + plain(m.Chance) + ": sent once more through " + to + " as message " + again.ID.String() + "."
	}
	made, err := g.store.SecondChance(ctx, m, again, note, m.SubmittedAt.Add(g.receiptTimes.within(m.Class)))
	if err != nil {
		g.log.Error("cannot give a message its second chance", "error", err)
		return
	}
	if made && again != nil {
		g.waiting.Add(1)
		g.metrics.secondChances.WithLabelValues(m.Connector).Inc()
		g.lanes[to].rouse()
	}
}
