package terminal

import (
	"encoding/json"
	"io"
	"time"

	"relais/reason"
)

// PrintJSON writes a value as JSON, indented.
func PrintJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// listShown is every list in JSON, as the API has them.
type listShown[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// PrintItems writes a list that is whole as JSON.
func PrintItems[T any](w io.Writer, items []T) error {
	if items == nil {
		items = []T{}
	}
	return PrintJSON(w, listShown[T]{Items: items})
}

// PrintLine writes a value as JSON on one line.
func PrintLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// Shown is a time for people: theirs, with its zone.
func (t *Terminal) Shown(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(t.LocalZone()).Format("2006-01-02 15:04:05 MST")
}

// ShownFine is shown with milliseconds, for timelines.
func (t *Terminal) ShownFine(at time.Time) string {
	return at.In(t.LocalZone()).Format("2006-01-02 15:04:05.000 MST")
}

// LocalZone is the zone of the person, unless a test has another.
func (t *Terminal) LocalZone() *time.Location {
	if t.Zone == nil {
		return time.Local
	}
	return t.Zone
}

// Amount writes a sum of money as the person's language does.
func (t *Terminal) Amount(sum, currency string) string {
	return t.Text("amount", "sum", reason.Money{Amount: sum, Currency: currency})
}
