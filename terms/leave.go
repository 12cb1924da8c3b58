package terms

import (
	"time"

	"relais/policy"
	"relais/reason"
	"relais/sms"
)

// codeValidityEnds is said of a message that would wait past its validity.
const codeValidityEnds reason.Code = "window/validity_ends"

// PutBack is the transition of a message that was claimed and may not go at the moment
// of its terms. The hours were looked at when it was accepted, but a connector that was
// down, a retry or another connector may take it past them.
func (t *Terms) PutBack(m *sms.Message, actor sms.Actor) (back sms.Transition, closed bool) {
	if !t.haveHours() {
		return back, false
	}
	v := t.Hours()
	if !v.Moved() {
		return sms.Transition{}, false
	}
	back = sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Submitting, Attempt: m.Attempt,
		To: sms.Queued, Refund: true, DueAt: v.Due,
		Event: sms.Event{
			At: t.moment, Actor: actor, Code: string(policy.CodeWindow),
			Detail: v.Reason(), Attempt: m.Attempt,
		},
	}
	if v.Never || !v.Due.Before(m.ExpiresAt) {
		back.To, back.DueAt, back.Event.Code = sms.Expired, time.Time{}, sms.ValidityOver
		back.Event.Detail = back.Event.Detail.With(reason.Of(codeValidityEnds, nil))
	}
	back.Event.Status = back.To
	return back, true
}

// LacksClause reports whether the message leaves without the STOP clause that the rules
// want.
func (t *Terms) LacksClause() bool {
	return t.message.Class == sms.Marketing && t.Text().Lacking
}

// Dress gives a message the text that the connector needs, with its STOP clause, and
// counts it. It reports whether that is another than the message has.
func (t *Terms) Dress(m *sms.Message) bool {
	if t.message.Class != sms.Marketing {
		return false
	}
	text := t.Text()
	if text.Sent == m.Text {
		return false
	}
	info := text.Count()
	m.Text, m.Segments, m.Encoding = text.Sent, info.Segments, sms.Encoding(info.Alphabet.String())
	return true
}
