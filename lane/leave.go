package lane

import (
	"slices"
	"time"

	"relais/reason"
	"relais/sms"
	"relais/terms"
)

// leaving is a claimed batch, split by the terms of its messages at this moment.
type leaving struct {
	batch []sms.Message    // that may go
	sent  []sms.Message    // the same as the connector gets it
	terms []terms.Terms    // of each
	put   []sms.Message    // waited past its hours, and goes back
	back  []sms.Transition // of each of put
}

// leave splits a claimed batch, and gives its messages the STOP clause that this connector
// needs. The messages of batch stay as they are.
func (l *Lane) leave(claimed []sms.Message, now time.Time) leaving {
	b := leaving{batch: make([]sms.Message, 0, len(claimed)), terms: make([]terms.Terms, 0, len(claimed))}
	by := sms.LaneActor(l.Name)
	for i := range claimed {
		t := l.TermsOf(&claimed[i], now)
		if back, closed := t.PutBack(&claimed[i], by); closed {
			b.put, b.back = append(b.put, claimed[i]), append(b.back, back)
			continue
		}
		b.batch, b.terms = append(b.batch, claimed[i]), append(b.terms, t)
	}
	b.sent = b.batch
	if slices.ContainsFunc(b.batch, func(m sms.Message) bool { return m.Class == sms.Marketing }) {
		b.sent = slices.Clone(b.batch)
	}
	for i := range b.sent {
		b.terms[i].Dress(&b.sent[i])
	}
	return b
}

// noteClauses tells in the timeline which STOP clause a message left with: the connector,
// and so the clause, may differ from that of its decisions.
func (b *leaving) noteClauses(transitions []sms.Transition) {
	for i := range transitions {
		t := &transitions[i]
		var note reason.Reason
		switch {
		case t.To != sms.Submitted:
			continue
		case b.sent[i].Text != b.batch[i].Text:
			note = reason.Of(clauseAdded, reason.Args{"count": reason.Count(b.sent[i].Segments)})
		case b.terms[i].LacksClause():
			note = reason.Of(clauseLacking, nil)
		default:
			continue
		}
		t.Event.Detail = t.Event.Detail.With(note)
	}
}
