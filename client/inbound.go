package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// The calls of this file are about what follows a submission.

// Inbound is a text from a handset (MO).
type Inbound struct {
	ID         string    `json:"id"`
	From       string    `json:"from"`
	To         string    `json:"to,omitempty"`
	Text       string    `json:"text"`
	Intent     string    `json:"intent"`              // reply, stop, start or unsure
	Message    string    `json:"message,omitempty"`   // that it answers
	LinkedBy   string    `json:"linked_by,omitempty"` // operator_id, reference or number
	Connector  string    `json:"connector"`
	At         time.Time `json:"at"` // by the operator's clock
	ReceivedAt time.Time `json:"received_at"`

	// What a person made of unsure: stop or reply. Empty: it waits, and its number gets
	// no marketing.
	Decision  string     `json:"decision,omitempty"`
	DecidedBy string     `json:"decided_by,omitempty"`
	DecidedAt *time.Time `json:"decided_at,omitempty"`
}

// InboundList is a page of replies, newest first.
type InboundList struct {
	Items []Inbound `json:"items"`
	Next  string    `json:"next,omitempty"`
}

// InboundQuery chooses replies. Zero fields choose all.
type InboundQuery struct {
	From    string // a number, written as in a submission
	Message string // that they answer
	Intent  string
	// Undecided chooses those that may be a STOP and wait for a person.
	Undecided bool
	Limit     int
	Cursor    string // Next of the page before
}

// replies are the calls about texts from handsets.
type replies struct{ *Connection }

// Inbounds returns one page of replies, newest first.
func (c replies) Inbounds(ctx context.Context, q InboundQuery) (*InboundList, error) {
	return ask[InboundList](ctx, c.Connection, call{method: http.MethodGet, path: "/v1/inbound" + query(
		"from", q.From, "message", q.Message, "intent", q.Intent,
		"undecided", truth(q.Undecided), "cursor", q.Cursor,
		"limit", number(int64(q.Limit)))})
}

func truth(on bool) string {
	if on {
		return "true"
	}
	return ""
}

// DecideReply takes a person's word on a reply with the intent unsure: stop or reply. The
// reason, which may be empty, is kept with the proof.
func (c replies) DecideReply(ctx context.Context, id, decision, reason string) (*Inbound, error) {
	body := map[string]string{"decision": decision}
	if reason != "" {
		body["reason"] = reason
	}
	return ask[Inbound](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/inbound/" + url.PathEscape(id) + "/decision", body: body,
	})
}
