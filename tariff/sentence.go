package tariff

import (
	"fmt"
	"time"

	"relais/number"
	"relais/sms"
)

// sentence says what a segment to one destination costs.
type sentence struct{ english, french string }

// ready makes the sentences of all prices: every message that is accepted has one.
func (t *Table) ready() *Table {
	t.sentences = make(map[string]sentence, len(t.segment))
	for destination, price := range t.segment {
		t.sentences[destination] = t.sentence(destination, price)
	}
	return t
}

// Sentence says what a segment costs to a destination that Segment returned, and by
// which tariff. A nil table is an operator's that was not told yet.
func (t *Table) Sentence(destination string) (english, french string) {
	s := sentence{}
	known := false
	if t != nil {
		s, known = t.sentences[destination]
	}
	if !known {
		s = t.sentence(destination, 0)
	}
	return s.english, s.french
}

func (t *Table) sentence(destination string, price sms.Money) sentence {
	s := to(destination)
	switch {
	case t == nil:
		s.english += " has no known price yet: the operator has not told it."
		s.french += " n'a pas encore de prix connu : l'opérateur ne l'a pas indiqué."
	case price == 0:
		s.english += " has no price in " + t.Label() + "."
		s.french += " n'a pas de prix dans " + t.French() + "."
	default:
		s.english += " costs " + price.String() + " " + t.Currency + " by " + t.Label() + "."
		s.french += " coûte " + price.French() + " " + t.Currency + " d'après " + t.French() + "."
	}
	return s
}

// to begins a sentence.
func to(destination string) sentence {
	switch destination {
	case number.All:
		return sentence{"A segment to any other destination", "Un segment vers toute autre destination"}
	case "": // a country code that several share, in a block that nobody tells
		return sentence{"A segment to a place that the number does not tell", "Un segment vers un lieu que le numéro ne dit pas"}
	default:
		return sentence{"A segment to " + destination, "Un segment vers " + destination}
	}
}

// Label names the tariff in an English sentence.
func (t *Table) Label() string {
	if t.told {
		return "the operator's prices of " + t.Since.Format(time.DateOnly)
	}
	return fmt.Sprintf("%s (version %d)", t.Name, t.Version)
}

// French names the tariff in a French sentence.
func (t *Table) French() string {
	if t.told {
		return "les prix de l'opérateur du " + t.Since.Format(time.DateOnly)
	}
	return t.Label()
}
