package gateway

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"relais/lane"
	"relais/number"
	"relais/reason"
	"relais/sender"
	"relais/sms"
)

// Rule sends a part of the traffic through some connectors. An empty list of
// conditions holds for everything; of rules, the first that holds is used.
type Rule struct {
	Name      string
	Families  []string // number.FRMetro, number.FROverseas, else a country in lower case
	Countries []string // ISO 3166-1, in capitals
	Classes   []sms.Class
	Senders   []sms.Sender
	Accounts  []string
	// Connectors are instances, most wanted first; those behind the chosen one
	// are its fallbacks, in turn.
	Connectors []string
	Weights    []int // share of numbers that each is chosen for; empty: the first for all
	// SecondChance is how long the receipt of a code may take before the text is
	// sent once more through the next connector; 0: it is not.
	SecondChance time.Duration
}

// needsNumber tells whether recipients of one submission may go different ways.
func (r *Rule) needsNumber() bool {
	return len(r.Families)+len(r.Countries)+len(r.Weights) > 0
}

func (r *Rule) holds(s *Submission, n number.Parsed) bool {
	return oneOf(r.Accounts, s.Account) && oneOf(r.Classes, s.Class) && oneOf(r.Senders, s.Sender) &&
		oneOf(r.Countries, n.Country) && oneOf(r.Families, n.Family)
}

func oneOf[T comparable](list []T, value T) bool {
	return len(list) == 0 || slices.Contains(list, value)
}

// order puts the rule's connectors in the order in which a number tries them.
func (r *Rule) order(n sms.Number) []string {
	if len(r.Weights) == 0 {
		return r.Connectors
	}
	first := pick(r.Weights, dice(n))
	return append(append([]string{}, r.Connectors[first:]...), r.Connectors[:first]...)
}

// dice is always the same for a number, so that a preview tells what will be
// and one person's messages come by one operator.
func dice(n sms.Number) uint32 {
	sum := fnv.New32a()
	sum.Write([]byte(n))
	return sum.Sum32()
}

// pick chooses an index in proportion to its weight.
func pick(weights []int, dice uint32) int {
	total := 0
	for _, w := range weights {
		total += w
	}
	left := int(dice % uint32(max(1, total)))
	for i, w := range weights {
		if left -= w; left < 0 {
			return i
		}
	}
	return 0
}

// way is how a message goes: what is asked of the configuration, before the
// health of the connectors is looked at.
type way struct {
	connectors []string // in the order in which they are tried
	why        said
	chance     time.Duration
}

// route chooses the way of a recipient: the connector asked for, else the first
// rule that holds, else the account's connector, else the gateway's.
func route(s *Submission, account Account, rules []Rule, n number.Parsed, standard, first string) way {
	if s.Connector != "" {
		return way{connectors: []string{s.Connector}, why: said{"as asked", "comme demandé"}}
	}
	for i := range rules {
		if rules[i].holds(s, n) {
			w := way{connectors: rules[i].order(n.Number), why: said{"by the rule " + rules[i].Name, "selon la règle " + rules[i].Name}}
			if s.Class == sms.OTP && len(w.connectors) > 1 {
				w.chance = rules[i].SecondChance
			}
			return w
		}
	}
	switch {
	case account.Connector != "":
		return way{connectors: []string{account.Connector}, why: said{"the account's default", "celui du compte"}}
	case standard != "":
		return way{connectors: []string{standard}, why: said{"the gateway's default", "celui de la passerelle"}}
	default:
		return way{connectors: []string{first}, why: said{"the first one configured", "le premier configuré"}}
	}
}

// laneOf chooses the lane of a way: the first that is fit, else the first whose operator
// takes the sender. A lane that was left gets a probe now and then, when probe says that
// the message may be one.
func (g *Gateway) laneOf(w way, from sender.Sender, use lane.Use) (*lane.Lane, reason.Reason, error) {
	known := g.lanes.Known(w.connectors)
	if len(known) == 0 {
		return nil, reason.Reason{}, invalid("connector_unknown", "/connector", say("No connector has that name. The configured ones are: %s.",
			"Aucun connecteur n'a ce nom. Les connecteurs configurés sont : %s.", strings.Join(g.lanes.Names(), ", ")))
	}
	first := g.standby(known, from)
	if len(known) == 1 {
		return first, decision("route", by(first, w).then(stop)), nil
	}
	var left said
	for i, name := range known {
		fit, why := g.lanes.Get(name).FitFor(from, use)
		if fit {
			return g.lanes.Get(name), decision("route", chosen(g.lanes.Get(name), w, left, known[i+1:])), nil
		}
		left = left.then(said{"; " + name + " is left: " + why.In(reason.English), " ; " + name + " est délaissé : " + why.In("fr")})
	}
	all := by(first, w).then(stop).with(said{"Every alternative is left as well", "Toutes les autres voies sont délaissées aussi"})
	return first, decision("route", all.then(left).then(stop)), nil
}

var stop = said{".", "."}

func by(l *lane.Lane, w way) said {
	return said{"Connector " + l.Name + ", " + w.why.english, "Connecteur " + l.Name + ", " + w.why.french}
}

// chosen tells which lane takes the message, which were passed over and why, and which
// would come next.
func chosen(l *lane.Lane, w way, left said, next []string) said {
	s := by(l, w).then(left).then(stop)
	if len(next) == 0 {
		return s
	}
	list := strings.Join(next, ", ")
	return s.with(said{"Alternatives: " + list + ".", "Voies de secours : " + list + "."})
}

// standby is the lane that stands in where none is fit.
func (g *Gateway) standby(known []string, from sender.Sender) *lane.Lane {
	for _, name := range known {
		if g.lanes.Get(name).Senders.Declared.Refuses(from).IsZero() {
			return g.lanes.Get(name)
		}
	}
	return g.lanes.Get(known[0])
}
