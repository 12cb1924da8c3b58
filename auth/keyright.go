package auth

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/reason"
	"relais/sms"
)

// KeyRight is something that a key may do. Each route of the API and of a door names one.
type KeyRight string

// The rights of keys.
const (
	KeySend   KeyRight = "send"   // hand over texts, preview them, cancel what waits
	KeyRead   KeyRight = "read"   // messages, replies, opt-outs, events, usage
	KeyManage KeyRight = "manage" // opt-outs, webhooks, doubts, connectors, what is kept of people
	// KeyOperate is what touches every account: it is given by its name alone, on the
	// gateway's own machine.
	KeyOperate KeyRight = "operate" // pause and resume connectors
	// KeyApprove is what takes a second person: it is given by its name alone, on the gateway's
	// own machine, so that nobody makes themselves a second one in the console.
	KeyApprove KeyRight = "approve" // agree to campaigns
)

// KeyRights returns every right of keys, in the order in which people read of them.
func KeyRights() []KeyRight { return append(accountRights(), KeyOperate, KeyApprove) }

// OnMachine reports whether the right is given on the gateway's own machine alone.
func (r KeyRight) OnMachine() bool { return r == KeyOperate || r == KeyApprove }

// accountRights are those of a key without a list.
func accountRights() []KeyRight { return []KeyRight{KeySend, KeyRead, KeyManage} }

// Valid reports whether there is such a right.
func (r KeyRight) Valid() bool { return slices.Contains(KeyRights(), r) }

// Codes of what a key is refused for, and the pieces of their sentences.
const (
	CodeKeyExpired reason.Code = "key_expired"
	CodeKeyAddress reason.Code = "key_address"
	CodeKeyRight   reason.Code = "key_right"

	keyMay     reason.Code = "words/key_may_" // with a right behind it
	keyWrong   reason.Code = "words/key_limit_"
	keyRightIs reason.Code = "words/key_right_"
)

// Title is how people call the right.
func (r KeyRight) Title() reason.Reason { return reason.Of(keyRightIs+reason.Code(r), nil) }

// KeyLimits bound what a key may do; the zero ones bound nothing, as with keys that were
// made before there were limits.
type KeyLimits struct {
	Rights     []KeyRight     `json:"rights,omitempty"`     // empty: all but those of OnMachine
	Networks   []netip.Prefix `json:"networks,omitempty"`   // that it may come from; empty: all
	Connectors []string       `json:"connectors,omitempty"` // that its messages may take; empty: all
	Senders    []sms.Sender   `json:"senders,omitempty"`    // that it may use; empty: those of the account
	Until      time.Time      `json:"until,omitzero"`       // from then on it is refused; zero: never
}

// Bound reports whether there are limits at all.
func (l *KeyLimits) Bound() bool { return !l.Same(&KeyLimits{}) }

// Same reports whether two keys have the same limits.
func (l *KeyLimits) Same(other *KeyLimits) bool {
	return slices.Equal(l.Rights, other.Rights) && slices.Equal(l.Networks, other.Networks) &&
		slices.Equal(l.Connectors, other.Connectors) && slices.Equal(l.Senders, other.Senders) &&
		l.Until.Equal(other.Until)
}

// May reports whether the key has a right, which "" needs none of. Without a list it has
// all that concern its account, and no other.
func (l *KeyLimits) May(r KeyRight) bool {
	rights := l.Rights
	if len(rights) == 0 {
		rights = accountRights()
	}
	return r == "" || slices.Contains(rights, r)
}

// Over reports whether the key has ended.
func (l *KeyLimits) Over(now time.Time) bool { return !l.Until.IsZero() && !now.Before(l.Until) }

// Admits reports whether the key may come from an address. What is no address is in no
// network.
func (l *KeyLimits) Admits(address string) bool {
	if len(l.Networks) == 0 {
		return true
	}
	at, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	at = at.Unmap().WithZone("")
	return slices.ContainsFunc(l.Networks, func(n netip.Prefix) bool { return n.Contains(at) })
}

// Refuses says why somebody who comes from an address may not do with the key what needs
// a right; zero: they may.
func (l *KeyLimits) Refuses(r KeyRight, address string, now time.Time) reason.Reason {
	switch {
	case l.Over(now):
		return reason.Of(CodeKeyExpired, reason.Args{"day": l.LastDay()})
	case !l.Admits(address):
		return reason.Of(CodeKeyAddress, reason.Args{"address": reason.Name(shownAddress(address))})
	case !l.May(r):
		return l.RefusesRight(r)
	}
	return reason.Reason{}
}

// Check is Refuses as an *Error.
func (l *KeyLimits) Check(r KeyRight, address string, now time.Time) error {
	if why := l.Refuses(r, address, now); !why.IsZero() {
		return &Error{Reason: why}
	}
	return nil
}

// RefusesRight says that the key has not a right, and which it has.
func (l *KeyLimits) RefusesRight(r KeyRight) reason.Reason {
	return reason.Of(CodeKeyRight, reason.Args{
		"not": r.may(), "may": l.may(),
	})
}

// may is the right as a verb.
func (r KeyRight) may() reason.Arg { return reason.Of(keyMay+reason.Code(r), nil) }

// may is what the key may do, in words.
func (l *KeyLimits) may() reason.List {
	var all reason.List
	for _, r := range KeyRights() {
		if l.May(r) {
			all = append(all, r.may())
		}
	}
	return all
}

// LastDay is the last day on which the key works.
func (l *KeyLimits) LastDay() reason.Day {
	return reason.Day(l.Until.Add(-time.Microsecond).Local().Format(time.DateOnly))
}

// shownAddress keeps what is no address out of sentences: clients write it.
func shownAddress(text string) string {
	at, err := netip.ParseAddr(text)
	if err != nil {
		return "?"
	}
	return at.Unmap().String()
}

// KeyTerms are limits as people write them, in a form or at a command line.
type KeyTerms struct {
	Rights     []string
	Networks   []string
	Connectors []string
	Senders    []string
	Until      string // the last day, "2027-12-31", or a moment (RFC 3339); empty: for ever
}

// Limits reads the terms. now refuses an end that is past. The error is a *TermError.
func (t *KeyTerms) Limits(now time.Time) (KeyLimits, error) {
	var l KeyLimits
	for _, read := range []struct {
		field string
		texts []string
		read  func(text string) bool
	}{
		{"rights", t.Rights, l.readRight},
		{"networks", t.Networks, l.readNetwork},
		{"connectors", t.Connectors, l.readConnector},
		{"senders", t.Senders, l.readSender},
		{"until", words(t.Until), func(text string) bool { return l.readUntil(text, now) }},
	} {
		for _, text := range read.texts {
			if text = strings.TrimSpace(text); text != "" && !read.read(text) {
				return KeyLimits{}, &TermError{read.field, text}
			}
		}
	}
	if len(l.Rights) == len(accountRights()) && !slices.ContainsFunc(l.Rights, KeyRight.OnMachine) {
		l.Rights = nil // what a key has without a list
	}
	return l, nil
}

func words(text string) []string { return []string{text} }

func (l *KeyLimits) readRight(text string) bool {
	l.Rights = with(l.Rights, KeyRight(text))
	return KeyRight(text).Valid()
}

// readNetwork reads a network, or an address alone. Bits beyond the mask are a mistake of
// which nobody knows what was meant: 10.1.2.3/8.
func (l *KeyLimits) readNetwork(text string) bool {
	if at, err := netip.ParseAddr(text); err == nil {
		at = at.Unmap()
		l.Networks = with(l.Networks, netip.PrefixFrom(at, at.BitLen()))
		return at.Zone() == ""
	}
	n, err := netip.ParsePrefix(text)
	l.Networks = with(l.Networks, n)
	return err == nil && n.Masked() == n && !n.Addr().Is4In6()
}

func (l *KeyLimits) readConnector(text string) bool {
	l.Connectors = with(l.Connectors, text)
	return CheckName("connector", text) == nil
}

func (l *KeyLimits) readSender(text string) bool {
	const longest = 20 // a number of 15 digits and its plus sign are shorter
	l.Senders = with(l.Senders, sms.Sender(text))
	return len(text) <= longest && strconv.Quote(text) == `"`+text+`"`
}

func (l *KeyLimits) readUntil(text string, now time.Time) bool {
	at, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err == nil {
		at = at.AddDate(0, 0, 1)
	} else if at, err = time.Parse(time.RFC3339, text); err != nil {
		return false
	}
	l.Until = at.UTC()
	return at.After(now)
}

func with[T comparable](all []T, one T) []T {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

// TermError is a term that cannot be read, or makes no sense.
type TermError struct {
	Field string // rights, networks, connectors, senders or until
	Text  string // as it was written
}

// Error implements error.
func (e *TermError) Error() string { return e.Reason().In(reason.English) }

// Reason says what is wrong, and what would be right.
func (e *TermError) Reason() reason.Reason {
	return reason.Of(keyWrong+reason.Code(e.Field), reason.Args{"given": reason.Name(strconv.Quote(e.Text))})
}
