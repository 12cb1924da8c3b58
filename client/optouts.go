package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"
)

// OptOut is a number that gets no marketing.
type OptOut struct {
	Number string    `json:"number"`
	Sender string    `json:"sender,omitempty"` // the only one that is stopped; empty: all
	Source string    `json:"source"`
	Since  time.Time `json:"since"`

	Provisional bool `json:"provisional,omitempty"` // a reply may be a STOP, and nobody has decided yet
}

// OptOutProof is one change of the list, and why.
type OptOutProof struct {
	Change  string `json:"change"` // added or removed
	Sender  string `json:"sender,omitempty"`
	Source  string `json:"source"`
	Actor   string `json:"actor"`
	Message string `json:"message,omitempty"` // that was answered
	Inbound string `json:"inbound,omitempty"` // the reply

	Provisional bool `json:"provisional,omitempty"` // until a person decided

	Note string    `json:"note,omitempty"`
	At   time.Time `json:"at"`
}

// OptOutState is where a number stands, with every change.
type OptOutState struct {
	Number   string        `json:"number"`
	OptedOut bool          `json:"opted_out"`
	Entries  []OptOut      `json:"entries"`
	Proofs   []OptOutProof `json:"proofs"` // oldest first
}

// OptOutList is a page of the list, by number.
type OptOutList struct {
	Items []OptOut `json:"items"`
	Next  string   `json:"next,omitempty"`
}

// ImportAnswer is what became of an import.
type ImportAnswer struct {
	Added   int             `json:"added"`
	Known   int             `json:"known"`
	Refused []RefusedNumber `json:"refused"`
}

// RefusedNumber is a line of an import that names no number.
type RefusedNumber struct {
	Line   int    `json:"line"`
	Number string `json:"number"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// optOuts are the calls about the suppression list.
type optOuts struct{ *Connection }

// OptOuts returns one page of the suppression list.
func (c optOuts) OptOuts(ctx context.Context, limit int, cursor string) (*OptOutList, error) {
	return ask[OptOutList](ctx, c.Connection, call{
		method: http.MethodGet, path: "/v1/opt-outs" + query("cursor", cursor, "limit", number(int64(limit))),
	})
}

// OptOut returns whether a number gets marketing, and why.
func (c optOuts) OptOut(ctx context.Context, number string) (*OptOutState, error) {
	return ask[OptOutState](ctx, c.Connection, call{
		method: http.MethodGet, path: "/v1/opt-outs/" + url.PathEscape(number),
	})
}

// AddOptOut puts a number on the list, for one sender when that is not empty.
func (c optOuts) AddOptOut(ctx context.Context, number, sender, reason string) (*OptOutState, error) {
	body := map[string]string{}
	if sender != "" {
		body["sender"] = sender
	}
	if reason != "" {
		body["reason"] = reason
	}
	return ask[OptOutState](ctx, c.Connection, call{
		method: http.MethodPut, path: "/v1/opt-outs/" + url.PathEscape(number), body: body,
	})
}

// RemoveOptOut takes a number off the list, for one sender when that is not empty.
func (c optOuts) RemoveOptOut(ctx context.Context, number, sender, reason string) (*OptOutState, error) {
	return ask[OptOutState](ctx, c.Connection, call{
		method: http.MethodDelete,
		path:   "/v1/opt-outs/" + url.PathEscape(number) + query("sender", sender, "reason", reason),
	})
}

// ImportOptOuts adds the numbers of a CSV file.
func (c optOuts) ImportOptOuts(ctx context.Context, file io.Reader) (*ImportAnswer, error) {
	return c.importOptOuts(ctx, file, "/v1/opt-outs.csv")
}

// TryOptOuts tells what ImportOptOuts would do, and adds nothing.
func (c optOuts) TryOptOuts(ctx context.Context, file io.Reader) (*ImportAnswer, error) {
	return c.importOptOuts(ctx, file, "/v1/opt-outs.csv?dry_run=true")
}

func (c optOuts) importOptOuts(ctx context.Context, file io.Reader, path string) (*ImportAnswer, error) {
	raw, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return ask[ImportAnswer](ctx, c.Connection, call{method: http.MethodPost, path: path, raw: raw})
}

// ExportOptOuts returns the whole list as CSV.
func (c optOuts) ExportOptOuts(ctx context.Context) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodGet, path: "/v1/opt-outs.csv"})
}
