package ledger

import (
	"slices"
	"time"

	"relais/sms"
)

// Guards are the shares, in percent, from which a campaign pauses by itself. 0: as the engine
// has it; below 0: never.
type Guards struct {
	Errors  int `json:"errors,omitempty" required:"false" minimum:"-1" maximum:"100" doc:"percent of the messages that were rejected or undelivered, but for handsets that were off; absent: 10, -1: never"`
	OptOuts int `json:"opt_outs,omitempty" required:"false" minimum:"-1" maximum:"100" doc:"percent of the people who answered STOP; absent: 2, -1: never"`
	Doubt   int `json:"doubt,omitempty" required:"false" minimum:"-1" maximum:"100" doc:"percent of the messages of which nobody knows whether they left; absent: 1, or 20 of them, -1: never"`
}

// Watch is what guards count: the rows that settled last, since a person let the campaign go
// on. It changes in the transaction that ends rows.
type Watch struct {
	Since time.Time `json:"since,omitzero"` // what was before does not count
	Spans []Span    `json:"spans,omitempty"`
}

// Span is some rows that settled one after the other.
type Span struct {
	From   time.Time `json:"from"` // when the first one settled
	Rows   int       `json:"rows"`
	Failed int       `json:"failed,omitempty"`
}

const (
	// watched is how many rows are looked at.
	watched = 1000
	// together is how many of them go at once when there are more.
	together = 50
)

// Add counts rows that ended, and forgets the oldest where there are too many.
func (w *Watch) Add(rows []Row) {
	for i := range rows {
		if row := &rows[i]; settled(row) {
			w.add(row)
		}
	}
	all, _ := w.Count()
	for all-w.first().Rows >= watched {
		all -= w.first().Rows
		w.Spans = slices.Delete(w.Spans, 0, 1)
	}
}

func (w *Watch) first() Span {
	if len(w.Spans) == 0 {
		return Span{}
	}
	return w.Spans[0]
}

func (w *Watch) add(row *Row) {
	if len(w.Spans) == 0 || w.Spans[len(w.Spans)-1].Rows == together {
		w.Spans = append(w.Spans, Span{From: row.At})
	}
	last := &w.Spans[len(w.Spans)-1]
	last.Rows++
	if failed(row) {
		last.Failed++
	}
	if row.At.Before(last.From) {
		last.From = row.At
	}
}

// Count returns how many rows settled, and how many of them failed.
func (w *Watch) Count() (rows, failed int) {
	for _, s := range w.Spans {
		rows += s.Rows
		failed += s.Failed
	}
	return rows, failed
}

// From is when the first of the rows settled; zero: none did.
func (w *Watch) From() (from time.Time) {
	for i, s := range w.Spans {
		if i == 0 || s.From.Before(from) {
			from = s.From
		}
	}
	return from
}

// settled reports whether an operator had its word on the message of a row, or kept silent for
// good. What was canceled tells nothing.
func settled(row *Row) bool {
	return row.State == Ended && row.Status != sms.Canceled
}

// failed reports whether something may be wrong with the campaign. A handset that is off is
// nothing that a pause mends, and a receipt that is missing no error.
func failed(row *Row) bool {
	return (row.Status == sms.Rejected || row.Status == sms.Undelivered) && row.Code != string(sms.ReasonAbsent)
}
