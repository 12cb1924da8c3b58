package gateway

import (
	"hash/fnv"
	"slices"
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

// Codes of routes, and the pieces of their sentences.
const (
	CodeRoute        reason.Code = "route"
	codeAllLeft      reason.Code = "route/all_left"
	codeAlternatives reason.Code = "route/alternatives"

	phraseAsked     reason.Code = "words/route_asked"
	phraseByRule    reason.Code = "words/route_by_rule"
	phraseFirst     reason.Code = "words/route_first"
	phraseLeft      reason.Code = "words/route_left"
	phraseOfAccount reason.Code = "words/route_of_account"
	phraseOfGateway reason.Code = "words/route_of_gateway"
)

// way is how a message goes: what is asked of the configuration, before the
// health of the connectors is looked at.
type way struct {
	connectors []string      // in the order in which they are tried
	why        reason.Reason // a piece of a sentence
	chance     time.Duration
}

// route chooses the way of a recipient: the connector asked for, else the first
// rule that holds, else the account's connector, else the gateway's.
func route(s *Submission, account Account, rules []Rule, n number.Parsed, standard, first string) way {
	if s.Connector != "" {
		return way{connectors: []string{s.Connector}, why: reason.Of(phraseAsked, nil)}
	}
	for i := range rules {
		if rules[i].holds(s, n) {
			w := way{connectors: rules[i].order(n.Number), why: reason.Of(phraseByRule, reason.Args{"rule": reason.Name(rules[i].Name)})}
			if s.Class == sms.OTP && len(w.connectors) > 1 {
				w.chance = rules[i].SecondChance
			}
			return w
		}
	}
	switch {
	case account.Connector != "":
		return way{connectors: []string{account.Connector}, why: reason.Of(phraseOfAccount, nil)}
	case standard != "":
		return way{connectors: []string{standard}, why: reason.Of(phraseOfGateway, nil)}
	default:
		return way{connectors: []string{first}, why: reason.Of(phraseFirst, nil)}
	}
}

// laneOf chooses the lane of a way: the first that is fit, else the first whose operator
// takes the sender. A lane that was left gets a probe now and then, when probe says that
// the message may be one.
func (g *Gateway) laneOf(w way, from sender.Sender, use lane.Use) (*lane.Lane, reason.Reason, error) {
	known := g.lanes.Known(w.connectors)
	if len(known) == 0 {
		return nil, reason.Reason{}, refusedFor("/connector",
			reason.Of(CodeConnectorUnknown, reason.Args{"connectors": reason.Names(g.lanes.Names())}))
	}
	first := g.standby(known, from)
	if len(known) == 1 {
		return first, routed(first, w, reason.Reason{}), nil
	}
	var left reason.Reason
	for i, name := range known {
		fit, why := g.lanes.Get(name).FitFor(from, use)
		if fit {
			return g.lanes.Get(name), chosen(g.lanes.Get(name), w, left, known[i+1:]), nil
		}
		left = reason.Of(phraseLeft, reason.Args{"before": left, "connector": reason.Name(name), "why": why})
	}
	all := routed(first, w, reason.Reason{}).With(reason.Of(codeAllLeft, reason.Args{"left": left}))
	return first, all, nil
}

// routed tells which lane takes the message, and which were passed over.
func routed(l *lane.Lane, w way, left reason.Reason) reason.Reason {
	return reason.Of(CodeRoute, reason.Args{"connector": reason.Name(l.Name), "why": w.why, "left": left})
}

// chosen tells also which would come next.
func chosen(l *lane.Lane, w way, left reason.Reason, next []string) reason.Reason {
	if len(next) == 0 {
		return routed(l, w, left)
	}
	return routed(l, w, left).With(reason.Of(codeAlternatives, reason.Args{"connectors": reason.Names(next)}))
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
