package sender

import (
	"slices"
	"time"

	"relais/connector"
	"relais/policy"
	"relais/reason"
	"relais/sms"
)

// Connector is what the answer depends on of a connector.
type Connector struct {
	Name     string
	Kinds    []sms.SenderKind // that its operator takes; empty: any
	Overlay  *policy.Pack     // the operator's own rules; nil: none
	Declared *Declared        // what its operator declares
}

// Codes of connectors.
const (
	CodeKindUnsupported reason.Code = "sender_kind_unsupported"
	CodeNotDeclared     reason.Code = connector.CodeSenderUndeclared
	CodeNotAllowed      reason.Code = "sender_not_allowed"

	codeDefaultNotDeclared reason.Code = CodeNotDeclared + "/default"
)

// RefusesAt says why the account may not use a sender at a connector: zero where it may.
func (a *Account) RefusesAt(c *Connector, s Sender, now time.Time) reason.Reason {
	if why := c.refusesKind(s); !why.IsZero() {
		return why
	}
	if why := c.Declared.Refuses(s); !why.IsZero() {
		code := CodeNotDeclared
		if s.Name == a.Default { // who asked for none must hear that it is the account's
			code = codeDefaultNotDeclared
		}
		return reason.Of(code, reason.Args{"connector": reason.Name(c.Name), "why": why})
	}
	if why := a.refusesWord(s, c.Overlay, now); !why.IsZero() {
		return why
	}
	for _, pack := range []*policy.Pack{a.Policy, c.Overlay} {
		if why := pack.RefusesSender(s.Name, s.Kind); !why.IsZero() {
			return reason.Of(CodeNotAllowed, reason.Args{"rules": reason.Name(pack.Label()), "why": why})
		}
	}
	return reason.Reason{}
}

// refusesKind refuses a sender that the operator never takes.
func (c *Connector) refusesKind(s Sender) reason.Reason {
	if s.Name == "" || len(c.Kinds) == 0 || slices.Contains(c.Kinds, s.Kind) {
		return reason.Reason{}
	}
	return reason.Of(CodeKindUnsupported, reason.Args{
		"connector": reason.Name(c.Name), "why": policy.OtherKind(s.Kind, c.Kinds),
	})
}

// Replaceable reports whether the account's default may stand for a sender that a
// connector refuses: where the account wants that, and its operator does not declare the
// one that was asked for.
func (a *Account) Replaceable(s sms.Sender, refusal reason.Code) bool {
	return a.Rules.Replace && refusal.Wire() == string(CodeNotDeclared) && !connector.SameSender(s, a.Default)
}
