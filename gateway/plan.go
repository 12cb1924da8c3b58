package gateway

import (
	"slices"
	"time"

	"relais/number"
	"relais/policy"
	"relais/sms"
	"relais/terms"
)

// planned is one way that recipients of a submission go, worked out once for
// all that go it.
type planned struct {
	lane      *lane
	routes    []string
	chance    time.Duration
	text      measured
	decisions []Decision
	err       error // why the submission cannot go this way
}

// planner works out the ways of one submission.
type planner struct {
	g         *Gateway
	s         *Submission
	account   Account
	now       time.Time
	use       use
	whole     *planned
	perNumber map[string]*planned
}

// newPlanner works out the way at once where it does not depend on the number:
// what is wrong with it is wrong with the whole submission.
func (g *Gateway) newPlanner(s *Submission, account Account, now time.Time, use use) (*planner, error) {
	if len(g.order) == 0 {
		return nil, &Error{
			Kind: Invalid, Code: "no_connector", Field: "/connector",
			Detail: "No connector is configured: add a [connector.NAME] section to the configuration.",
			French: "Aucun connecteur n'est configuré : ajoutez une section [connector.NOM] à la configuration.",
		}
	}
	if use == toSend && s.Class != sms.OTP {
		use = toTry
	}
	p := &planner{g: g, s: s, account: account, now: now, use: use}
	if s.Connector == "" && g.rulesNeedNumber {
		p.perNumber = map[string]*planned{}
		return p, nil
	}
	w := p.way(number.Parsed{})
	p.whole = p.plan(w, account.Policy)
	if p.whole.err == nil && p.clauseByPlace(p.whole.lane) {
		p.perNumber = map[string]*planned{p.key(w, account.Policy): p.whole}
		p.whole = nil
		return p, nil
	}
	return p, p.whole.err
}

// choose decides about the sender, and works out the ways that messages from it go. The
// account's default may stand for one that the operator does not take.
func (g *Gateway) choose(s *Submission, account Account, now time.Time, use use) (*planner, Decision, []Warning, error) {
	sender, warnings, refusal := decideSender(s, account, now)
	if refusal != nil {
		return nil, Decision{}, nil, refusal
	}
	planner, err := g.newPlanner(s, account, now, use)
	if replaced := account.replaces(s, err); replaced != nil {
		sender, warnings = *replaced, []Warning{{Code: replaced.Code, Detail: replaced.Detail, French: replaced.French}}
		planner, err = g.newPlanner(s, account, now, use)
	}
	return planner, sender, warnings, err
}

// common are the decisions that hold for every recipient.
func (p *planner) common() []Decision {
	if p.whole == nil {
		return nil
	}
	return p.whole.decisions
}

// warnings are those that hold for every recipient.
func (p *planner) warnings() []Warning {
	if p.whole == nil {
		return nil
	}
	return p.whole.text.warnings
}

// of returns the way of one recipient.
func (p *planner) of(n number.Parsed) *planned {
	if p.whole != nil {
		return p.whole
	}
	w, pack := p.way(n), p.account.Policy.For(n.Country)
	key := p.key(w, pack)
	known := p.perNumber[key]
	if known == nil {
		known = p.plan(w, pack)
		p.perNumber[key] = known
	}
	return known
}

// key tells ways apart, and numbers for which the account's rules hold from others.
func (p *planner) key(w way, pack *policy.Pack) string {
	key := w.why.english + "\x00" + w.connectors[0]
	if pack == nil {
		key += "\x00free"
	}
	return key
}

// clauseByPlace reports whether the STOP clause differs between numbers for which the
// account's rules hold and others.
func (p *planner) clauseByPlace(l *lane) bool {
	if !p.account.Policy.IsDefault() || p.s.Class != sms.Marketing {
		return false
	}
	under, free := p.text(p.account.Policy, l), p.text(nil, l)
	return under.Sent != free.Sent || !slices.Equal(under.Decision, free.Decision) || !slices.Equal(under.Warning, free.Warning)
}

// text is what becomes of the text on its way through a lane, under some rules.
func (p *planner) text(pack *policy.Pack, l *lane) *terms.Text {
	t := l.terms.Terms(wording(p.s), pack, p.now)
	return t.Text()
}

func (p *planner) way(n number.Parsed) way {
	return route(p.s, p.account, p.g.rules, n, p.g.defaultConnector, p.g.order[0])
}

// plan works a way out, under the rules of the account as they hold for the number.
func (p *planner) plan(w way, pack *policy.Pack) *planned {
	done := &planned{chance: w.chance}
	var routed Decision
	if done.lane, routed, done.err = p.g.lane(w, p.s.Sender, p.use); done.err != nil {
		return done
	}
	if len(w.connectors) > 1 {
		done.routes = w.connectors
	}
	if done.err = checkSenderKind(p.s.Sender, done.lane); done.err != nil {
		return done
	}
	if done.err = done.lane.checkDeclared(p.s.Sender, p.account.Sender, p.use); done.err != nil {
		return done
	}
	if done.err = p.checkRules(done.lane); done.err != nil {
		return done
	}
	var encoded []Decision
	done.text, encoded, done.err = p.g.measure(p.s, p.text(pack, done.lane))
	done.decisions = append([]Decision{routed}, encoded...)
	return done
}

// checkRules refuses a sender that the rules of the account or of the operator do not
// allow.
func (p *planner) checkRules(l *lane) error {
	if refusal := p.account.refusesWord(p.s.Sender, l.terms.Overlay, p.now); refusal != nil {
		return refusal
	}
	for _, pack := range []*policy.Pack{p.account.Policy, l.terms.Overlay} {
		if english, french := pack.RefusesSender(p.s.Sender); english != "" {
			return invalid("sender_not_allowed", "/sender", said{
				pack.Label() + " does not allow the sender: " + english + ".", pack.Label() + " n'admet pas cet expéditeur : " + french + ".",
			})
		}
	}
	return nil
}
