package gateway

import (
	"strings"
	"unicode/utf8"

	"relais/gsm"
	"relais/number"
	"relais/policy"
	"relais/sms"
)

// clause is what becomes of a text on its way through one connector.
type clause struct {
	text     string     // as it is handed to the connector
	counted  string     // the same as it arrives, without suffix
	suffix   string     // what the operator, or the clause that was added, makes of the end
	decision []Decision // at most one
	warning  []Warning  // at most one
	missing  bool       // the rules want a clause, and nobody adds one
}

// clauseOf decides about the STOP clause of a text. It depends on nothing but the
// class, the sender, the text, the account and the lane, so that a message that goes
// on through another connector gets the clause of that one.
func clauseOf(class sms.Class, sender sms.Sender, text string, account *policy.Pack, l *lane) clause {
	plain := clause{text: text, counted: text}
	if class != sms.Marketing {
		return plain
	}
	needed := account.NeedsStop(class) || l.overlay.NeedsStop(class)
	switch {
	case takesReplies(sender, l):
		if needed || l.facts.StopClause != "" {
			plain.decide(said{
				"No STOP clause is added: the message leaves from a number that takes the answer itself.",
				"Aucune mention STOP n'est ajoutée : le message part d'un numéro qui reçoit lui-même la réponse.",
			})
		}
		return plain
	case l.facts.StopClause != "":
		return operatorsClause(text, l.facts.StopClause, needed)
	case !needed:
		return plain
	case policy.HasStop(text):
		plain.decide(said{"The text has a STOP clause already; none is added.", "Le texte a déjà une mention STOP ; rien n'est ajouté."})
		return plain
	}
	for _, pack := range []*policy.Pack{l.overlay, account} {
		if c := pack.Clause(); c.Text != "" {
			return addedClause(text, c, pack)
		}
	}
	plain.missing = true
	plain.decide(said{"No STOP clause is added: neither the operator nor a rule has one.", "Aucune mention STOP n'est ajoutée : ni l'opérateur ni une règle n'en a."})
	plain.warning = []Warning{warn("stop_clause_missing", said{
		"Advertising needs a STOP clause, and neither the operator nor a rule adds one: put it at the end of the text, or give the connector a policy_overlay that has it.",
		"La publicité demande une mention STOP, et ni l'opérateur ni une règle n'en ajoute : mettez-la à la fin du texte, ou donnez au connecteur un policy_overlay qui en a une.",
	})}
	return plain
}

// takesReplies tells whether the message leaves from a number that takes STOP itself:
// a short code, or a number of its own. OVH adds no clause to these either
// (documented).
func takesReplies(sender sms.Sender, l *lane) bool {
	kind := sender.Kind()
	if kind == sms.NoSender || l.facts.FixedSender {
		kind = l.facts.DefaultSender
	}
	return kind == sms.ShortCode || kind == sms.LongNumber
}

// operatorsClause is that of an operator which adds one whatever the text holds. With
// a policy, the text's own one is left out where it ends it, so that there are not two.
func operatorsClause(text, suffix string, needed bool) clause {
	size := utf8.RuneCountInString(suffix)
	c := clause{text: text, counted: text, suffix: suffix}
	c.decide(say("The operator adds its STOP clause of %d characters; it counts in the segments.",
		"L'opérateur ajoute sa mention STOP de %d caractères ; elle compte dans les segments.", size))
	if !needed || !policy.HasStop(text) {
		return c
	}
	cut, found := policy.WithoutStop(text)
	if !found {
		c.warning = []Warning{warn("stop_clause_twice", said{
			"The text has a STOP clause of its own and the operator adds another: take yours out.",
			"Le texte a sa propre mention STOP et l'opérateur en ajoute une autre : ôtez la vôtre.",
		})}
		return c
	}
	c.text, c.counted = cut, cut
	why := say("The STOP clause of the text is left out, for the operator adds its own of %d characters, which counts in the segments.",
		"La mention STOP du texte est ôtée, car l'opérateur ajoute la sienne, de %d caractères, qui compte dans les segments.", size)
	c.decide(why)
	c.warning = []Warning{warn("stop_clause_cut", why)}
	return c
}

// addedClause puts the clause of a pack behind the text.
func addedClause(text string, c policy.Clause, pack *policy.Pack) clause {
	size := utf8.RuneCountInString(c.CountsAs)
	done := clause{text: text + c.Text, counted: text, suffix: c.CountsAs}
	done.decide(say("The STOP clause %q of %s is added; %d characters count in the segments.",
		"La mention STOP %q de %s est ajoutée ; %d caractères comptent dans les segments.", c.Text, pack.Label(), size))
	return done
}

// count counts the text as it arrives, and as the operator bills it.
func (c *clause) count() gsm.Info { return gsm.CountWith(c.counted, c.suffix) }

func (c *clause) decide(why said) { c.decision = []Decision{decision("stop_clause", why)} }

// dressed is a batch as the connector gets it: with the STOP clause that this
// connector needs, and counted with it. The messages themselves stay as they are.
func (g *Gateway) dressed(l *lane, batch []sms.Message) []sms.Message {
	var copied []sms.Message
	for i := range batch {
		m := &batch[i]
		if m.Class != sms.Marketing {
			continue
		}
		c := clauseOf(m.Class, m.Sender, m.Text, g.packOf(m), l)
		if c.text == m.Text {
			continue
		}
		if copied == nil {
			copied = append([]sms.Message{}, batch...)
		}
		info := c.count()
		copied[i].Text, copied[i].Segments, copied[i].Encoding = c.text, info.Segments, sms.Encoding(info.Alphabet.String())
	}
	if copied == nil {
		return batch
	}
	return copied
}

// noteClauses tells in the timeline what a message left with: it may be another
// connector, with another clause or none, than the one of its decisions.
func (g *Gateway) noteClauses(l *lane, batch, sent []sms.Message, transitions []sms.Transition) {
	for i := range transitions {
		t := &transitions[i]
		var note string
		switch {
		case t.To != sms.Submitted:
			continue
		case sent[i].Text != batch[i].Text:
			note = "Sent with the STOP clause that this connector needs, in " + quantity(sent[i].Segments, "segment").english + "."
		case g.lacksClause(l, &batch[i]):
			note = "Sent without a STOP clause: this connector adds none."
		default:
			continue
		}
		t.Event.Detail = strings.TrimPrefix(t.Event.Detail+" "+note, " ")
	}
}

// lacksClause tells whether a message leaves without the clause that the rules want.
func (g *Gateway) lacksClause(l *lane, m *sms.Message) bool {
	if m.Class != sms.Marketing {
		return false
	}
	return clauseOf(m.Class, m.Sender, m.Text, g.packOf(m), l).missing
}

// packOf are the rules of the account of a message, as they hold for its number.
func (g *Gateway) packOf(m *sms.Message) *policy.Pack {
	pack := g.account(m.Account).Policy
	if !pack.IsDefault() {
		return pack
	}
	n, err := number.Every.Parse(string(m.To), "")
	if err != nil { // what stands for a number that was hidden has no country
		return nil
	}
	return pack.For(n.Country)
}
