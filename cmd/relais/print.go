package main

import (
	"encoding/json"
	"io"
	"time"
)

func printJSON(w io.Writer, v any) error {
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

// printItems writes a list that is whole as JSON.
func printItems[T any](w io.Writer, items []T) error {
	if items == nil {
		items = []T{}
	}
	return printJSON(w, listShown[T]{Items: items})
}

// printLine writes a value as JSON on one line.
func printLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// shown is a time for people: theirs, with its zone.
func (t *terminal) shown(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(t.localZone()).Format("2006-01-02 15:04:05 MST")
}

// shownFine is shown with milliseconds, for timelines.
func (t *terminal) shownFine(at time.Time) string {
	return at.In(t.localZone()).Format("2006-01-02 15:04:05.000 MST")
}

// localZone is the zone of the person, unless a test has another.
func (t *terminal) localZone() *time.Location {
	if t.zone == nil {
		return time.Local
	}
	return t.zone
}
