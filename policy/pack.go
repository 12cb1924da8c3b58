package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"relais/sms"
)

// Pack is a set of rules. Make it with Parse, or take one with Builtin; it does
// not change afterwards.
type Pack struct {
	Name    string
	Version int
	Since   time.Time // the day from which its source holds
	Source  string    // where the rules stand, for people
	// KeepDays is how long its source lets texts be kept; 0: it does not say.
	KeepDays int

	// byDefault: it holds because the account names none, and for numbers of the French
	// plan alone.
	byDefault bool

	base    string         // the name of what it was derived from; empty: nothing
	zone    *time.Location // of its hours; nil: the recipient's
	weeks   map[sms.Class]*week
	also    []string // further places whose holidays count
	stop    stopRule
	senders senderRule
}

// DefaultName is the pack that holds where an account names none.
const DefaultName = "fr-2026-03"

// None is what an account names that wants no rules.
const None = "none"

// Default is the pack of accounts that name none: the hours and the STOP clause of
// DefaultName, for numbers of the French plan alone. Its words are no bar to senders, for
// they hold for every class, and an account that never asked for rules sends codes from
// its sender.
func Default() *Pack {
	p, known := Builtin(DefaultName)
	if !known {
		panic("no pack " + DefaultName) // a test asks for it
	}
	d := *p
	d.byDefault, d.senders = true, senderRule{mobile: true}
	return &d
}

// IsDefault reports whether the pack holds because the account names none.
func (p *Pack) IsDefault() bool { return p != nil && p.byDefault }

// frenchPlan are the countries whose numbers are of the French plan, overseas with it.
var frenchPlan = []string{"FR", "RE", "YT", "GP", "BL", "MF", "GF", "MQ", "PM", "NC", "PF", "WF", "TF"}

// For is the pack as it holds for numbers of a country: nil where it does not.
func (p *Pack) For(country string) *Pack {
	if p.IsDefault() && !slices.Contains(frenchPlan, country) {
		return nil
	}
	return p
}

// Label names the pack and its version in a sentence, of either language.
func (p *Pack) Label() string {
	if p.base != "" {
		return fmt.Sprintf("%s (%s, version %d)", p.Name, p.base, p.Version)
	}
	return fmt.Sprintf("%s (version %d)", p.Name, p.Version)
}

// Rules reports whether the pack has hours for a class.
func (p *Pack) Rules(class sms.Class) bool { return p != nil && p.weeks[class] != nil }

// week is the hours of one class.
type week struct {
	days    [7]day // by time.Weekday
	holiday day
}

// day is the hours of one kind of day; none: closed.
type day struct {
	spans     []span
	tolerated bool // allowed and advised against: nothing is put off to it
}

// span is a part of a day, in minutes since midnight; to is not in it.
type span struct{ from, to int }

const minutesOfDay = 24 * 60

// on returns the hours of a date. A holiday on a day that is closed stays closed.
func (w *week) on(weekday time.Weekday, holiday bool) day {
	ordinary := w.days[weekday]
	if !holiday || len(ordinary.spans) == 0 {
		return ordinary
	}
	d := w.holiday
	d.tolerated = d.tolerated || ordinary.tolerated
	return d
}

type stopRule struct {
	classes  []sms.Class
	text     string // what is appended where nobody else does
	countsAs string // what the operator makes of it; empty: text
}

// Clause is what is appended to a text.
type Clause struct {
	Text     string // as it is handed to the operator
	CountsAs string // as it arrives, of which segments are counted
}

// NeedsStop reports whether the pack wants a STOP clause behind messages of a class.
func (p *Pack) NeedsStop(class sms.Class) bool {
	return p != nil && slices.Contains(p.stop.classes, class)
}

// Clause returns the pack's own clause, empty when it has none.
func (p *Pack) Clause() Clause {
	if p == nil {
		return Clause{}
	}
	if p.stop.countsAs == "" {
		return Clause{p.stop.text, p.stop.text}
	}
	return Clause{p.stop.text, p.stop.countsAs}
}

type senderRule struct {
	kinds  []sms.SenderKind // empty: any
	mobile bool             // numbers of mobile phones are allowed
	words  Words
}

// Derive is the pack under another name, with further places whose holidays count and
// with a clause of its own, where they are given.
func (p *Pack) Derive(name string, also []string, stopClause string) (*Pack, error) {
	if !packName.MatchString(name) {
		return nil, wrong("name", whyName, nil)
	}
	derived := *p
	derived.Name, derived.base = name, p.Name
	derived.also = append(slices.Clone(p.also), also...)
	if stopClause != "" {
		if !strings.ContainsAny(stopClause[:1], " \n") {
			stopClause = "\n" + stopClause // else it would stick to the last word
		}
		derived.stop.text, derived.stop.countsAs = stopClause, ""
	}
	return &derived, derived.tail()
}
