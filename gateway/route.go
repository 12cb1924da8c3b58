package gateway

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"relais/number"
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
	why        string
	chance     time.Duration
}

// route chooses the way of a recipient: the connector asked for, else the first
// rule that holds, else the account's connector, else the gateway's.
func route(s *Submission, account Account, rules []Rule, n number.Parsed, standard, first string) way {
	if s.Connector != "" {
		return way{connectors: []string{s.Connector}, why: "as asked"}
	}
	for i := range rules {
		if rules[i].holds(s, n) {
			w := way{connectors: rules[i].order(n.Number), why: "by the rule " + rules[i].Name}
			if s.Class == sms.OTP && len(w.connectors) > 1 {
				w.chance = rules[i].SecondChance
			}
			return w
		}
	}
	switch {
	case account.Connector != "":
		return way{connectors: []string{account.Connector}, why: "the account's default"}
	case standard != "":
		return way{connectors: []string{standard}, why: "the gateway's default"}
	default:
		return way{connectors: []string{first}, why: "the first one configured"}
	}
}

// lane chooses the lane of a way: the first that is fit, else the first whose operator
// takes the sender. A lane
// that was left gets a probe now and then, when probe says that the message may
// be one.
func (g *Gateway) lane(w way, sender sms.Sender, probe bool) (*lane, Decision, error) {
	known := slices.DeleteFunc(slices.Clone(w.connectors), func(name string) bool { return g.lanes[name] == nil })
	if len(known) == 0 {
		return nil, Decision{}, invalid("connector_unknown", "/connector",
			"No connector has that name. The configured ones are: %s.", strings.Join(g.order, ", "))
	}
	detail := fmt.Sprintf("Connector %s, %s.", known[0], w.why)
	chosen := g.standby(known, sender)
	if len(known) == 1 {
		return chosen, Decision{Code: "route", Detail: detail}, nil
	}
	var left []string
	for _, name := range known {
		fit, why := g.lanes[name].fitFor(sender, probe)
		if fit {
			chosen = g.lanes[name]
			break
		}
		left = append(left, name+" is left: "+why)
	}
	switch {
	case len(left) == len(known):
		detail += " Every alternative is left as well: " + strings.Join(left, "; ") + "."
	case len(left) > 0:
		detail = fmt.Sprintf("Connector %s, %s; %s.", chosen.name, w.why, strings.Join(left, "; "))
	default:
		detail += " Alternatives: " + strings.Join(known[1:], ", ") + "."
	}
	return chosen, Decision{Code: "route", Detail: detail}, nil
}

// standby is the lane that stands in where none is fit.
func (g *Gateway) standby(known []string, sender sms.Sender) *lane {
	for _, name := range known {
		if _, refused := g.lanes[name].refuses(sender); !refused {
			return g.lanes[name]
		}
	}
	return g.lanes[known[0]]
}

// alternative is the next connector of a message that its own certainly did
// not take, "" when there is none that is fit.
func (g *Gateway) alternative(m *sms.Message) string {
	for _, name := range m.Routes {
		if name == m.Connector || g.lanes[name] == nil {
			continue
		}
		if fit, _ := g.lanes[name].fitFor(m.Sender, false); fit {
			return name
		}
	}
	return ""
}
