package terms

import (
	"strconv"
	"unicode/utf8"

	"relais/gsm"
	"relais/policy"
	"relais/reason"
	"relais/sms"
)

// Text is what becomes of a text on its way through one connector.
type Text struct {
	Sent     string        // as it is handed to the connector
	Counted  string        // the same as it arrives, without Suffix
	Suffix   string        // what the operator, or the clause that was added, makes of the end
	Decision reason.Reason // about the STOP clause; zero: there is none to tell
	Warning  reason.Reason // zero: none
	Lacking  bool          // the rules want a STOP clause, and nobody adds one
	Binary   bool          // Sent is that of sms.Octets, which has no alphabet
}

// Codes of the STOP clause.
const (
	CodeClauseMissing reason.Code = "stop_clause_missing"
	CodeClauseTwice   reason.Code = "stop_clause_twice"
	CodeClauseCut     reason.Code = "stop_clause_cut"

	codeTakesReplies reason.Code = "stop_clause/takes_replies"
	codeHasClause    reason.Code = "stop_clause/in_text"
	codeNoClause     reason.Code = "stop_clause/none"
	codeOperators    reason.Code = "stop_clause/of_operator"
	codeClauseCut    reason.Code = "stop_clause/cut"
	codeAdded        reason.Code = "stop_clause/added"
)

// Count counts the text as it arrives, and as the operator bills it.
func (t *Text) Count() gsm.Info { return gsm.CountWith(t.Counted, t.Suffix) }

// withClause decides about the STOP clause. It depends on nothing but the class, the
// sender, the text, the account and the connector, so that a message that goes on through
// another connector gets the clause of that one.
func (t *Terms) withClause() Text {
	m, facts := &t.message, &t.at.Facts
	plain := Text{Sent: m.Text, Counted: m.Text, Binary: m.Kind == sms.Binary}
	if m.Class != sms.Marketing {
		return plain
	}
	needed := t.account.NeedsStop(m.Class) || t.at.Overlay.NeedsStop(m.Class)
	switch {
	case t.takesReplies():
		if needed || facts.StopClause != "" {
			plain.Decision = reason.Of(codeTakesReplies, nil)
		}
		return plain
	case plain.Binary:
		if needed { // octets take none
			plain.lack()
		}
		return plain
	case facts.StopClause != "":
		return operatorsClause(m.Text, facts.StopClause, needed)
	case !needed:
		return plain
	case policy.HasStop(m.Text):
		plain.Decision = reason.Of(codeHasClause, nil)
		return plain
	}
	for _, pack := range []*policy.Pack{t.at.Overlay, t.account} {
		if c := pack.Clause(); c.Text != "" {
			return addedClause(m.Text, c, pack)
		}
	}
	plain.lack()
	return plain
}

// lack notes that the rules want a clause and nobody adds one.
func (t *Text) lack() {
	t.Lacking = true
	t.Decision, t.Warning = reason.Of(codeNoClause, nil), reason.Of(CodeClauseMissing, nil)
}

// takesReplies reports whether the message leaves from a number that takes STOP itself:
// a short code, or a number of its own. OVH adds no clause to these either
// (documented).
func (t *Terms) takesReplies() bool {
	kind := t.message.Sender.Kind()
	if kind == sms.NoSender || t.at.Facts.FixedSender {
		kind = t.at.Facts.DefaultSender
	}
	return kind == sms.ShortCode || kind == sms.LongNumber
}

// operatorsClause is that of an operator which adds one whatever the text holds. With
// a policy, the text's own one is left out where it ends it, so that there are not two.
func operatorsClause(text, suffix string, needed bool) Text {
	size := reason.Args{"characters": reason.Count(utf8.RuneCountInString(suffix))}
	done := Text{Sent: text, Counted: text, Suffix: suffix, Decision: reason.Of(codeOperators, size)}
	if !needed || !policy.HasStop(text) {
		return done
	}
	cut, found := policy.WithoutStop(text)
	if !found {
		done.Warning = reason.Of(CodeClauseTwice, nil)
		return done
	}
	done.Sent, done.Counted = cut, cut
	done.Decision = reason.Of(codeClauseCut, size)
	done.Warning = done.Decision.As(CodeClauseCut)
	return done
}

// addedClause puts the clause of a pack behind the text.
func addedClause(text string, c policy.Clause, pack *policy.Pack) Text {
	why := reason.Of(codeAdded, reason.Args{
		"clause": reason.Name(strconv.Quote(c.Text)), "rules": reason.Name(pack.Label()),
		"characters": reason.Count(utf8.RuneCountInString(c.CountsAs)),
	})
	return Text{Sent: text + c.Text, Counted: text, Suffix: c.CountsAs, Decision: why}
}
