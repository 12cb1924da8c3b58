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
	put   []sms.Message    // that may not: it waited past its hours, or is of no kind that is sent here
	back  []sms.Transition // of each of put
}

// leave splits a claimed batch, and gives its messages the STOP clause that this connector
// needs. The messages of batch stay as they are.
func (l *Lane) leave(claimed []sms.Message, now time.Time) leaving {
	b := leaving{batch: make([]sms.Message, 0, len(claimed)), terms: make([]terms.Terms, 0, len(claimed))}
	by := sms.LaneActor(l.Name)
	for i := range claimed {
		if why := l.RefusesKind(claimed[i].Kind); !why.IsZero() {
			b.put, b.back = append(b.put, claimed[i]), append(b.back, unfit(&claimed[i], why, by, now))
			continue
		}
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

// unfit ends a message of a kind that the connector does not send: another one took it when
// it was accepted, or the configuration was another.
func unfit(m *sms.Message, why reason.Reason, by sms.Actor, now time.Time) sms.Transition {
	return sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Submitting, Attempt: m.Attempt, To: sms.Rejected,
		Event: sms.Event{
			At: now, Status: sms.Rejected, Actor: by, Code: string(CodeKindUnsupported), Detail: why,
			Attempt: m.Attempt,
		},
	}
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
