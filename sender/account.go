package sender

import (
	"slices"
	"strings"
	"time"

	"relais/policy"
	"relais/reason"
	"relais/sms"
)

// Sender is a sender and its kind, which is learnt once.
type Sender struct {
	Name sms.Sender
	Kind sms.SenderKind
}

// Read learns the kind of a sender.
func Read(name sms.Sender) Sender { return Sender{name, name.Kind()} }

// Account is what the answer depends on of an account.
type Account struct {
	Rules   Rules
	Default sms.Sender   // empty: the connector's own
	Policy  *policy.Pack // the rules of its advertising; nil: none
}

// Choice is the sender of a submission.
type Choice struct {
	Sender   Sender
	Why      reason.Reason // the decision
	Replaced bool          // the account's default stands for the one that was asked for
}

// Codes of the decision.
const (
	CodeSender   reason.Code = "sender"
	CodeReplaced reason.Code = "sender_replaced"

	codeAsked      reason.Code = "sender/asked"
	codeAskedShort reason.Code = "sender/asked_short"
	codeAskedLong  reason.Code = "sender/asked_long"
	codeDefault    reason.Code = "sender/default"
	codeConnectors reason.Code = "sender/of_connector"
)

// Choose takes the sender that was asked for, or the account's default. A refusal that
// is not zero says why the account may not use it.
func (a *Account) Choose(asked sms.Sender, now time.Time) (choice Choice, refusal reason.Reason) {
	if asked == "" {
		return a.standard(), reason.Reason{}
	}
	s := Read(asked)
	refusal = a.refuses(s, now)
	switch {
	case refusal.IsZero():
		return Choice{Sender: s, Why: reason.Of(askedFor(s.Kind), nil)}, refusal
	case !a.Rules.Replace:
		return Choice{}, refusal
	}
	return a.Instead(refusal), reason.Reason{}
}

// Instead has the account's default stand for a sender that is refused.
func (a *Account) Instead(refusal reason.Reason) Choice {
	choice := a.standard()
	choice.Why, choice.Replaced = reason.Of(CodeReplaced, nil).With(refusal, choice.Why), true
	return choice
}

// standard is the sender of who asks for none.
func (a *Account) standard() Choice {
	if a.Default != "" {
		return Choice{Sender: Read(a.Default), Why: reason.Of(codeDefault, nil)}
	}
	return Choice{Why: reason.Of(codeConnectors, nil)}
}

// askedFor tells the type of a sender that is a number.
func askedFor(kind sms.SenderKind) reason.Code {
	switch kind {
	case sms.ShortCode:
		return codeAskedShort
	case sms.LongNumber:
		return codeAskedLong
	default:
		return codeAsked
	}
}

// refuses says why the account may not use a sender, whatever the connector.
func (a *Account) refuses(s Sender, now time.Time) reason.Reason {
	if why := a.Rules.refuses(s, now); !why.IsZero() {
		return why
	}
	return a.refusesWord(s, a.Policy, now)
}

// refusesWord refuses a sender by the words of a pack. A listed sender, whose proof
// somebody has seen, and the account's default one pass.
func (a *Account) refusesWord(s Sender, pack *policy.Pack, now time.Time) reason.Reason {
	standard := strings.EqualFold(string(s.Name), string(a.Default))
	if pack == nil || s.Kind != sms.Alphanumeric || standard || a.Rules.lists(s.Name, now) {
		return reason.Reason{}
	}
	refusal := wordRefusal(string(s.Name), pack.Words())
	if refusal.IsZero() {
		return refusal
	}
	return refusal.With(reason.Of(codeBySuchRules, reason.Args{"rules": reason.Name(pack.Label())}))
}

// Rules say which senders an account may use. The zero value takes every name that
// operators document: letters, digits, space and - . , & + _ '.
type Rules struct {
	// Plain leaves letters and digits alone in a name.
	Plain bool
	// Listed are the senders that the account may use; none: every one.
	Listed []Listed
	// Generic are names that tell nobody who writes; a listed one may be used.
	Generic []string
	// Forbidden are words of others, in no name that is not listed.
	Forbidden []string
	// Replace has the account's default stand for a sender that is refused.
	Replace bool
}

// Listed is a sender that somebody has proved to be theirs.
type Listed struct {
	Name        sms.Sender
	From, Until time.Time // zero: for ever
}

// Codes of the list.
const (
	CodeNotValid  reason.Code = "sender_not_valid"
	CodeNotListed reason.Code = "sender_not_listed"

	codeOver       reason.Code = "sender_not_valid/over"
	codeNoneIsNow  reason.Code = "sender_not_listed/none_now"
	codePunctuated reason.Code = "sender_invalid_character/punctuation"
)

// refuses says what is wrong with a sender.
func (r *Rules) refuses(s Sender, now time.Time) reason.Reason {
	if why := Impossible(s); !why.IsZero() {
		return why
	}
	at := r.find(s.Name)
	switch {
	case at >= 0:
		return r.Listed[at].refuses(now)
	case len(r.Listed) > 0:
		return r.notListed(now)
	case s.Kind == sms.Alphanumeric:
		return r.refusesName(string(s.Name))
	default:
		return reason.Reason{}
	}
}

// find is the place of a sender on the list; -1: it is not there.
func (r *Rules) find(s sms.Sender) int {
	same := func(l Listed) bool { return strings.EqualFold(string(l.Name), string(s)) }
	return slices.IndexFunc(r.Listed, same)
}

// lists reports whether the account may use a sender by its list.
func (r *Rules) lists(s sms.Sender, now time.Time) bool {
	at := r.find(s)
	return at >= 0 && r.Listed[at].refuses(now).IsZero()
}

func (l *Listed) refuses(now time.Time) reason.Reason {
	switch {
	case !l.From.IsZero() && now.Before(l.From):
		return reason.Of(CodeNotValid, reason.Args{"from": reason.Name(l.From.UTC().Format(time.RFC3339))})
	case !l.Until.IsZero() && !now.Before(l.Until):
		return reason.Of(codeOver, reason.Args{"until": reason.Name(l.Until.UTC().Format(time.RFC3339))})
	default:
		return reason.Reason{}
	}
}

// notListed names the senders that may be used instead, now.
func (r *Rules) notListed(now time.Time) reason.Reason {
	var names []sms.Sender
	for i := range r.Listed {
		if r.Listed[i].refuses(now).IsZero() {
			names = append(names, r.Listed[i].Name)
		}
	}
	if len(names) == 0 {
		return reason.Of(codeNoneIsNow, nil)
	}
	return reason.Of(CodeNotListed, reason.Args{"senders": reason.Names(names)})
}

func (r *Rules) refusesName(name string) reason.Reason {
	if at := strings.IndexFunc(name, punctuation); at >= 0 && r.Plain {
		return reason.Of(codePunctuated, positionIn(name, at))
	}
	return wordRefusal(name, &policy.Words{Generic: r.Generic, Forbidden: r.Forbidden})
}

func punctuation(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}
