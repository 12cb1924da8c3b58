package lane

import (
	"context"
	"time"

	"relais/reason"
	"relais/sms"
)

// CodeSecondChance tells of a code that was sent once more.
const CodeSecondChance reason.Code = "second_chance"

// ChanceStore keeps a message that was made of another.
type ChanceStore interface {
	// SecondChance stores a further message for the text of the first, notes it in the
	// timeline of the first, and waits for the first one's receipt until a time. It does
	// nothing when the receipt came meanwhile, and then reports false.
	SecondChance(ctx context.Context, c *Chance) (made bool, err error)
}

// Chance is the second chance of a code whose receipt is late.
type Chance struct {
	First     sms.Message
	Again     *sms.Message    // goes by another connector; nil: there is none
	Decisions []reason.Reason // of the message that goes again
	Note      sms.Event       // for the timeline of the first
	Until     time.Time       // when the receipt of the first is missed for good
}

// giveChances sends codes whose receipt is late once more, and returns the messages that
// have no second chance.
func (l *awaiting) giveChances(ctx context.Context, missed []sms.Message) (others []sms.Message) {
	for i := range missed {
		if missed[i].Chance <= 0 {
			others = append(others, missed[i])
			continue
		}
		l.giveChance(ctx, &missed[i]) // where nobody can take it, it waits as others do
	}
	return others
}

// giveChance sends a text once more through another connector, as a message of its own:
// the first one may still arrive, and keeps its own life.
func (l *awaiting) giveChance(ctx context.Context, first *sms.Message) {
	c := l.chanceOf(first)
	made, err := l.o.Store.SecondChance(ctx, c)
	if err != nil {
		l.o.Log.Error("cannot give a message its second chance", "error", err)
		return
	}
	if made && c.Again != nil {
		l.o.Waiting(1)
		l.o.Metrics.secondChances.WithLabelValues(first.Connector).Inc()
		l.set.lanes[c.Again.Connector].Rouse()
	}
}

// chanceOf is the second chance of a message, or the note that it has none: nobody else
// can take it, its time is over, a retention has removed its text, or receipts of its parts
// may have been lost here.
func (l *awaiting) chanceOf(first *sms.Message) *Chance {
	now := l.o.Now()
	c := &Chance{
		First: *first, Until: first.SubmittedAt.Add(l.o.ReceiptTimes.Within(first.Class)),
		Note: sms.Event{
			At: now, Status: sms.Submitted, Actor: sms.ActorGateway,
			Code: string(CodeSecondChance), Attempt: first.Attempt,
			Detail: reason.Of(noChance, reason.Args{"time": reason.Duration(first.Chance)}),
		},
	}
	if l.Facts.PartReceipts && first.Segments > 1 { // it may have arrived, and its receipts be lost here
		c.Note.Detail = reason.Of(noChanceInParts, reason.Args{"time": reason.Duration(first.Chance)})
		return c
	}
	to := ""
	if first.ExpiresAt.After(now) && first.Text != "" {
		to = l.set.Alternative(first)
	}
	if to == "" {
		return c
	}
	c.Again = l.set.anew(first, to, now)
	c.Decisions = []reason.Reason{reason.Of(CodeSecondChance, reason.Args{
		"message": reason.Name(first.ID.String()), "connector": reason.Name(first.Connector),
		"time": reason.Duration(first.Chance),
	})}
	if d := l.set.price(c.Again); !d.IsZero() {
		c.Decisions = append(c.Decisions, d)
	}
	c.Note.Detail = reason.Of(sentAgain, reason.Args{
		"time": reason.Duration(first.Chance), "connector": reason.Name(to),
		"message": reason.Name(c.Again.ID.String()),
	})
	return c
}

// anew makes a message of the text of another, for another connector. It has no routes and
// no chance left.
func (s *Set) anew(first *sms.Message, to string, now time.Time) *sms.Message {
	m := *first
	m.ID, m.Connector, m.Routes, m.Chance = sms.BucketOf(first.Account).NewID(now), to, nil, 0
	m.Status, m.Reason, m.Attempt, m.ProviderID = sms.Queued, sms.CodeAccepted, 0, ""
	m.DueAt, m.SubmittedAt, m.ReceiptBy, m.UpdatedAt = now, time.Time{}, time.Time{}, now
	return &m
}

// price gives a message that was made of another, and goes by another connector, the
// price there.
func (s *Set) price(m *sms.Message) (decision reason.Reason) {
	t := s.lanes[m.Connector].TermsOf(m, m.AcceptedAt)
	m.Price = t.Price().Of(m.Segments)
	return t.Price().Decision
}
