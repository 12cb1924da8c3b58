package gateway

import (
	"slices"
	"time"

	"relais/reason"
	"relais/terms"
)

// wording is what the terms of all messages of a submission depend on.
func wording(s *Submission) terms.Message {
	return terms.Message{Class: s.Class, Sender: s.Sender, Kind: s.Kind, Text: s.Text}
}

// newBook gives a submission the validity that its caller did not choose, and begins
// the book of its terms.
func newBook(s *Submission, account Account, now time.Time) *terms.Book {
	due, firm := now, s.ValidFor > 0
	if s.SendAt.After(now) {
		due = s.SendAt
	}
	if !firm {
		s.ValidFor = s.Class.Validity()
	}
	return terms.NewBook(wording(s), account.Policy, due, s.ValidFor, firm)
}

// deferred tells the caller what was put off.
func deferred(book *terms.Book, accepted []Draft) []Warning {
	counts := map[*terms.Window]int{}
	for i := range accepted {
		counts[accepted[i].window]++
	}
	return warned(book.Deferred(counts, len(accepted))...)
}

// decided are the decisions that say something.
func decided(reasons ...reason.Reason) []reason.Reason {
	var all []reason.Reason
	for _, r := range reasons {
		if !r.IsZero() {
			all = append(all, r)
		}
	}
	return all
}

// warned are the warnings that say something.
func warned(reasons ...reason.Reason) []Warning {
	var all []Warning
	for _, d := range decided(reasons...) {
		all = append(all, Warning{Reason: d})
	}
	return all
}

// refusedFor is the error of a field.
func refusedFor(field string, r reason.Reason) *Error {
	return &Error{Kind: Invalid, Reason: r, Field: field}
}

// Currency is the one of all amounts, in ISO 4217.
func (g *Gateway) Currency() string { return g.currency }

// price puts the price on every message, and tells by which tariff: once where they
// all go to one place.
func price(r *Result) {
	places := map[*terms.Terms]bool{}
	for i := range r.Messages {
		m := &r.Messages[i]
		m.Price = m.terms.Price().Of(m.Segments)
		places[m.terms] = true
	}
	if len(places) == 1 {
		r.Common = append(r.Common, decided(r.Messages[0].terms.Price().Decision)...)
		return
	}
	told := map[*terms.Terms][]reason.Reason{}
	for at := range places {
		told[at] = decided(at.Price().Decision)
	}
	for i := range r.Messages {
		m := &r.Messages[i]
		m.Decisions = slices.Concat(m.Decisions, told[m.terms])
	}
}
