package terms

import (
	"unicode/utf8"

	"relais/gsm"
	"relais/policy"
	"relais/sms"
)

// Text is what becomes of a text on its way through one connector.
type Text struct {
	Sent     string   // as it is handed to the connector
	Counted  string   // the same as it arrives, without Suffix
	Suffix   string   // what the operator, or the clause that was added, makes of the end
	Decision []Reason // at most one
	Warning  []Reason // at most one
	Lacking  bool     // the rules want a STOP clause, and nobody adds one
}

// Count counts the text as it arrives, and as the operator bills it.
func (t *Text) Count() gsm.Info { return gsm.CountWith(t.Counted, t.Suffix) }

// withClause decides about the STOP clause. It depends on nothing but the class, the
// sender, the text, the account and the connector, so that a message that goes on through
// another connector gets the clause of that one.
func (t *Terms) withClause() Text {
	m, facts := &t.message, &t.at.Facts
	plain := Text{Sent: m.Text, Counted: m.Text}
	if m.Class != sms.Marketing {
		return plain
	}
	needed := t.account.NeedsStop(m.Class) || t.at.Overlay.NeedsStop(m.Class)
	switch {
	case t.takesReplies():
		if needed || facts.StopClause != "" {
			plain.decide(Reason{
				English: "No STOP clause is added: the message leaves from a number that takes the answer itself.",
				French:  "Aucune mention STOP n'est ajoutée : le message part d'un numéro qui reçoit lui-même la réponse.",
			})
		}
		return plain
	case facts.StopClause != "":
		return operatorsClause(m.Text, facts.StopClause, needed)
	case !needed:
		return plain
	case policy.HasStop(m.Text):
		plain.decide(Reason{
			English: "The text has a STOP clause already; none is added.",
			French:  "Le texte a déjà une mention STOP ; rien n'est ajouté.",
		})
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

// lack tells that the rules want a clause that nobody has.
func (t *Text) lack() {
	t.Lacking = true
	t.decide(Reason{
		English: "No STOP clause is added: neither the operator nor a rule has one.",
		French:  "Aucune mention STOP n'est ajoutée : ni l'opérateur ni une règle n'en a.",
	})
	t.Warning = []Reason{{
		Code: "stop_clause_missing",
		English: "Advertising needs a STOP clause, and neither the operator nor a rule adds one: " +
			"put it at the end of the text, or give the connector a policy_overlay that has it.",
		French: "La publicité demande une mention STOP, et ni l'opérateur ni une règle n'en ajoute : " +
			"mettez-la à la fin du texte, ou donnez au connecteur un policy_overlay qui en a une.",
	}}
}

// operatorsClause is that of an operator which adds one whatever the text holds. With
// a policy, the text's own one is left out where it ends it, so that there are not two.
func operatorsClause(text, suffix string, needed bool) Text {
	size := utf8.RuneCountInString(suffix)
	done := Text{Sent: text, Counted: text, Suffix: suffix}
	done.decide(say("The operator adds its STOP clause of %d characters; it counts in the segments.",
		"L'opérateur ajoute sa mention STOP de %d caractères ; elle compte dans les segments.", size))
	if !needed || !policy.HasStop(text) {
		return done
	}
	cut, found := policy.WithoutStop(text)
	if !found {
		done.Warning = []Reason{{
			Code:    "stop_clause_twice",
			English: "The text has a STOP clause of its own and the operator adds another: take yours out.",
			French:  "Le texte a sa propre mention STOP et l'opérateur en ajoute une autre : ôtez la vôtre.",
		}}
		return done
	}
	done.Sent, done.Counted = cut, cut
	why := say("The STOP clause of the text is left out, for the operator adds its own of %d characters, which counts in the segments.",
		"La mention STOP du texte est ôtée, car l'opérateur ajoute la sienne, de %d caractères, qui compte dans les segments.", size)
	done.decide(why)
	why.Code = "stop_clause_cut"
	done.Warning = []Reason{why}
	return done
}

// addedClause puts the clause of a pack behind the text.
func addedClause(text string, c policy.Clause, pack *policy.Pack) Text {
	size := utf8.RuneCountInString(c.CountsAs)
	done := Text{Sent: text + c.Text, Counted: text, Suffix: c.CountsAs}
	done.decide(say("The STOP clause %q of %s is added; %d characters count in the segments.",
		"La mention STOP %q de %s est ajoutée ; %d caractères comptent dans les segments.", c.Text, pack.Label(), size))
	return done
}

func (t *Text) decide(why Reason) {
	why.Code = "stop_clause"
	t.Decision = []Reason{why}
}
