package gateway

import (
	"reflect"
	"time"

	"relais/lane"
	"relais/number"
	"relais/policy"
	"relais/reason"
	"relais/sender"
	"relais/sms"
	"relais/terms"
)

// planned is one way that recipients of a submission go, worked out once for all who share
// it.
type planned struct {
	lane      *lane.Lane
	routes    []string
	chance    time.Duration
	text      terms.Size
	warnings  []Warning
	decisions []reason.Reason
	refusal   reason.Reason // of the sender
	err       error         // why the submission cannot go this way
}

// planner works out the ways of one submission.
type planner struct {
	r         *router
	s         *Submission
	account   Account
	now       time.Time
	use       lane.Use
	sender    sender.Sender
	asker     sender.Account
	whole     *planned
	perNumber map[wayKey]*planned
}

// newPlanner works out the way at once where it does not depend on the number: what is wrong
// with it then is wrong with the whole submission.
func (r *router) newPlanner(
	s *Submission, account Account, from sender.Sender, now time.Time, use lane.Use,
) (*planner, error) {
	if len(r.lanes.Names()) == 0 {
		return nil, &Error{Kind: Invalid, Reason: reason.Of(codeNoConnector, nil), Field: "/connector"}
	}
	if use == lane.ToSend && s.Class != sms.OTP {
		use = lane.ToTry
	}
	if why := s.Within.RefusesConnector(s.Connector); !why.IsZero() {
		return nil, refusedFor("/connector", why)
	}
	p := &planner{r: r, s: s, account: account, sender: from, asker: account.asker(), now: now, use: use}
	if s.Connector == "" && r.needNumber {
		p.perNumber = map[wayKey]*planned{}
		return p, nil
	}
	w := p.way(number.Parsed{})
	p.whole = p.plan(w, account.Policy)
	if p.whole.err == nil && p.clauseByPlace(p.whole.lane) {
		p.perNumber = map[wayKey]*planned{p.key(w, account.Policy): p.whole}
		p.whole = nil
		return p, nil
	}
	return p, p.whole.err
}

// choose decides about the sender, and works out the ways that messages from it go. The
// account's default may stand for one that the operator does not take. Where the route
// depends on the number the others keep their sender, so that none is replaced.
func (r *router) choose(
	s *Submission, account Account, now time.Time, use lane.Use,
) (*planner, sender.Choice, error) {
	asker := account.asker()
	choice, refusal := asker.Choose(s.Sender, now)
	if !refusal.IsZero() {
		return nil, choice, refusedFor("/sender", refusal)
	}
	if refusal := s.Within.RefusesSender(s.Sender, choice.Sender.Name); !refusal.IsZero() {
		return nil, choice, refusedFor("/sender", refusal)
	}
	s.Sender = choice.Sender.Name
	planner, err := r.newPlanner(s, account, choice.Sender, now, use)
	if planner == nil || planner.whole == nil || !asker.Replaceable(s.Sender, planner.whole.refusal.Code) ||
		!s.Within.RefusesSender("", account.Sender).IsZero() {
		return planner, choice, err
	}
	choice = asker.Instead(planner.whole.refusal)
	s.Sender = choice.Sender.Name
	planner, err = r.newPlanner(s, account, choice.Sender, now, use)
	return planner, choice, err
}

// asker is the part of the account on which the answer about a sender depends.
func (a *Account) asker() sender.Account {
	return sender.Account{Rules: a.Senders, Default: a.Sender, Policy: a.Policy}
}

// common are the decisions that hold for every recipient.
func (p *planner) common() []reason.Reason {
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
	return p.whole.warnings
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

// wayKey tells apart ways, and numbers that the account's rules cover from others.
type wayKey struct {
	why       reason.Code
	rule      reason.Arg // the name of a routing rule; nil: none
	connector string
	free      bool
}

func (p *planner) key(w way, pack *policy.Pack) wayKey {
	return wayKey{w.why.Code, w.why.Args["rule"], w.connectors[0], pack == nil}
}

// clauseByPlace reports whether the STOP clause depends on whether the account's rules cover
// the number.
func (p *planner) clauseByPlace(l *lane.Lane) bool {
	if !p.account.Policy.IsDefault() || p.s.Class != sms.Marketing {
		return false
	}
	under, free := p.text(p.account.Policy, l), p.text(nil, l)
	return !reflect.DeepEqual(under, free)
}

// text is what becomes of the text on its way through a lane, under some rules.
func (p *planner) text(pack *policy.Pack, l *lane.Lane) *terms.Text {
	t := l.Terms.Terms(wording(p.s), pack, p.now)
	return t.Text()
}

func (p *planner) way(n number.Parsed) way {
	return wayOf(p.s, p.account, p.r.rules, n, p.r.standard, p.r.lanes.Names()[0])
}

// plan works a way out, under the rules of the account as they hold for the number.
func (p *planner) plan(w way, pack *policy.Pack) *planned {
	done := &planned{chance: w.chance}
	var routed reason.Reason
	if done.lane, routed, done.err = p.r.laneOf(w, p.s.Kind, p.sender, p.use); done.err != nil {
		return done
	}
	if len(w.connectors) > 1 {
		done.routes = w.connectors
	}
	if why := done.lane.RefusesKind(p.s.Kind); !why.IsZero() {
		done.err = refusedFor("/kind", why)
		return done
	}
	if done.refusal = p.refuses(done.lane); !done.refusal.IsZero() {
		done.err = refusedFor("/sender", done.refusal)
		return done
	}
	text := p.text(pack, done.lane)
	done.text, done.err = p.r.measure(text)
	done.decisions = decided(routed, text.Decision, done.text.Decision)
	done.warnings = warned(append([]reason.Reason{text.Warning}, done.text.Warnings...)...)
	return done
}

// refuses says why the sender may not be used at a lane. When the operator does not declare
// it, the list is read again: it may be declared by now.
func (p *planner) refuses(l *lane.Lane) reason.Reason {
	why := p.asker.RefusesAt(l.Senders, p.sender, p.now)
	if p.use != lane.ToLook && why.Is(sender.CodeNotDeclared) {
		l.Senders.Declared.ReadAgain()
	}
	return why
}
