package gateway

import (
	"time"

	"relais/lane"
	"relais/number"
	"relais/reason"
	"relais/route"
	"relais/sender"
	"relais/sms"
)

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

// wayOf chooses the way of a recipient: the connector asked for, else the first
// rule that holds, else the account's connector, else the gateway's. A rule none of whose
// connectors the key of the submission may use does not hold, and its list stands for the
// rest of the gateway's.
func wayOf(s *Submission, account Account, rules []route.Rule, n number.Parsed, standard, first string) way {
	if s.Connector != "" {
		return way{connectors: []string{s.Connector}, why: reason.Of(phraseAsked, nil)}
	}
	asked := route.Message{
		Account: s.Account, Class: s.Class, Sender: s.Sender, Country: n.Country, Family: n.Family,
	}
	for i := range rules {
		if rules[i].Holds(&asked) {
			connectors := s.Within.of(rules[i].Order(n.Number))
			if len(connectors) == 0 {
				continue
			}
			w := way{connectors: connectors, why: reason.Of(
				phraseByRule, reason.Args{"rule": reason.Name(rules[i].Name)},
			)}
			if s.Class == sms.OTP && len(w.connectors) > 1 {
				w.chance = rules[i].SecondChance
			}
			return w
		}
	}
	switch {
	case account.Connector != "" && s.Within.has(account.Connector):
		return way{connectors: []string{account.Connector}, why: reason.Of(phraseOfAccount, nil)}
	case standard != "" && s.Within.has(standard):
		return way{connectors: []string{standard}, why: reason.Of(phraseOfGateway, nil)}
	case s.Within.has(first):
		return way{connectors: []string{first}, why: reason.Of(phraseFirst, nil)}
	default:
		return way{connectors: s.Within.Connectors, why: reason.Of(phraseOfKey, nil)}
	}
}

// router finds the way of each recipient.
type router struct {
	lanes      *lane.Set
	rules      []route.Rule
	needNumber bool   // recipients of one submission may go different ways
	standard   string // the gateway's default connector; empty: none
	segments   int    // most of one message
}

// laneOf chooses the lane of a way: the first that is fit, else the first that sends the kind and
// whose operator takes the sender. A lane that was left gets a probe now and then, when probe says that
// the message may be one.
func (r *router) laneOf(
	w way, kind sms.Kind, from sender.Sender, use lane.Use,
) (*lane.Lane, reason.Reason, error) {
	known := r.lanes.Known(w.connectors)
	if len(known) == 0 && w.why.Code == phraseOfKey {
		return nil, reason.Reason{}, refusedFor("/connector",
			reason.Of(codeConnectorsGone, reason.Args{"connectors": reason.Names(w.connectors)}))
	}
	if len(known) == 0 {
		return nil, reason.Reason{}, refusedFor("/connector",
			reason.Of(CodeConnectorUnknown, reason.Args{"connectors": reason.Names(r.lanes.Names())}))
	}
	first := r.standby(known, kind, from)
	if len(known) == 1 {
		return first, routed(first, w, reason.Reason{}), nil
	}
	var left reason.Reason
	for i, name := range known {
		fit, why := r.lanes.Get(name).FitFor(kind, from, use)
		if fit {
			return r.lanes.Get(name), chosen(r.lanes.Get(name), w, left, known[i+1:]), nil
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

// chosen is routed, with the connectors that would come next.
func chosen(l *lane.Lane, w way, left reason.Reason, next []string) reason.Reason {
	if len(next) == 0 {
		return routed(l, w, left)
	}
	return routed(l, w, left).With(reason.Of(codeAlternatives, reason.Args{"connectors": reason.Names(next)}))
}

// standby is the lane that takes messages when none is fit.
func (r *router) standby(known []string, kind sms.Kind, from sender.Sender) *lane.Lane {
	for _, name := range known {
		l := r.lanes.Get(name)
		if l.Facts.Sends(kind) && l.Senders.Declared.Refuses(from).IsZero() {
			return l
		}
	}
	return r.lanes.Get(known[0])
}
