package terms

import (
	"slices"
	"time"

	"relais/policy"
	"relais/reason"
)

// Codes of hours.
const (
	CodeNever         reason.Code = "window_never"
	CodeAfterValidity reason.Code = "window_after_validity"
	CodeDeferred      reason.Code = "deferred"

	codeAskLonger    reason.Code = "window_after_validity/longer"
	codeOutlasts     reason.Code = "window/outlasts"
	codeSomeDeferred reason.Code = "deferred/some"
)

// Window is when a message of a submission may go, and until when it is tried.
type Window struct {
	Due      time.Time
	Expires  time.Time
	Decision reason.Reason // zero: no rule has hours for it
	Refusal  reason.Reason // zero: it may go
	Deferred bool          // later than it was asked for
}

// Book has the terms of the messages of one submission, each worked out once.
type Book struct {
	message Message // of no number
	account *policy.Pack
	due     time.Time // as asked
	valid   time.Duration
	// firm: the caller said how long the message may wait. That counts from the date
	// that was asked for, and the default from the date at which it may go.
	firm bool

	terms   map[place]*Terms
	windows map[opening]*Window
	order   []*Window
}

// place is where some messages go, and by which connector: they have the same terms.
type place struct{ connector, country, family string }

// opening is what hours depend on.
type opening struct{ connector, country string }

// NewBook begins the book of a submission that would go at a moment, under the rules
// of an account. valid is how long its messages are tried, and firm that the caller said
// so.
func NewBook(m Message, account *policy.Pack, due time.Time, valid time.Duration, firm bool) *Book {
	return &Book{message: m, account: account, due: due, valid: valid, firm: firm}
}

// At returns the terms of a message to a number of a country and a family.
func (b *Book) At(c *Connector, country, family string) *Terms {
	key := place{c.Name, country, family}
	found := b.terms[key]
	if found == nil {
		if b.terms == nil {
			b.terms = map[place]*Terms{}
		}
		m := b.message
		m.Country, m.Family = country, family
		fresh := c.Terms(m, b.account.For(country), b.due)
		found = &fresh
		b.terms[key] = found
	}
	return found
}

// Window returns when a message of such terms may go.
func (b *Book) Window(t *Terms) *Window {
	key := opening{t.at.Name, t.message.Country}
	if !t.haveHours() {
		key.country = "" // no rule: one answer for all
	}
	found := b.windows[key]
	if found == nil {
		if b.windows == nil {
			b.windows = map[opening]*Window{}
		}
		found = b.open(t)
		b.windows[key] = found
		b.order = append(b.order, found)
	}
	return found
}

// Firm reports whether the caller said how long the messages may wait.
func (b *Book) Firm() bool { return b.firm }

// HasHours reports whether hours hold for some message.
func (b *Book) HasHours() bool {
	return slices.ContainsFunc(b.order, func(w *Window) bool { return !w.Decision.IsZero() })
}

func (b *Book) open(t *Terms) *Window {
	v := t.Hours()
	w := &Window{Due: v.Due.UTC(), Expires: v.Due.UTC().Add(b.valid)}
	if len(v.Reasons) == 0 {
		return w
	}
	why := v.Reason()
	w.Decision = why
	if !b.firm && !v.Never {
		b.outlast(w, t)
	}
	if !v.Moved() {
		return w
	}
	w.Deferred = true
	if b.firm {
		w.Expires = b.due.Add(b.valid)
	}
	switch {
	case v.Never:
		w.Refusal = why.As(CodeNever)
	case !w.Due.Before(w.Expires):
		longer := reason.Of(codeAskLonger, reason.Args{"valid": reason.Duration(b.valid)})
		w.Refusal = why.As(CodeAfterValidity).With(longer)
	}
	return w
}

// outlast makes the default validity longer where the next hours would come too late:
// a message that its connector did not send by the evening before a long weekend would not
// live to see them. A validity that the caller chose stays.
func (b *Book) outlast(w *Window, t *Terms) {
	v := t.Hours()
	y, m, d := v.Due.In(v.Place.Zone).Date()
	nextDay := *t
	nextDay.hours, nextDay.moment = nil, time.Date(y, m, d+1, 0, 0, 0, 0, v.Place.Zone)
	next := nextDay.Hours()
	if next.Never || next.Due.Before(w.Expires) {
		return
	}
	w.Expires = next.Due.UTC().Add(b.valid)
	until := reason.Name(w.Expires.Format(time.RFC3339))
	w.Decision = w.Decision.With(reason.Of(codeOutlasts, reason.Args{"until": until}))
}

// Deferred tells the caller what was put off, once for each date and reason. counts are
// the messages of each window that were accepted, of so many.
func (b *Book) Deferred(counts map[*Window]int, of int) []reason.Reason {
	var all []reason.Reason
	for _, w := range b.order {
		if !w.Deferred || counts[w] == 0 {
			continue
		}
		why := w.Decision.As(CodeDeferred)
		if counts[w] < of {
			why = reason.Of(codeSomeDeferred, reason.Args{
				"some": reason.Count(counts[w]), "of": reason.Count(of), "why": w.Decision,
			})
		}
		all = append(all, why)
	}
	return all
}
