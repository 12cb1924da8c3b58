package client

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
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

// Inbounds returns one page of replies, newest first.
func (c *Client) Inbounds(ctx context.Context, q InboundQuery) (*InboundList, error) {
	return ask[InboundList](ctx, c, call{method: http.MethodGet, path: "/v1/inbound" + query(
		"from", q.From, "message", q.Message, "intent", q.Intent, "undecided", truth(q.Undecided), "cursor", q.Cursor, "limit", number(int64(q.Limit)))})
}

func truth(on bool) string {
	if on {
		return "true"
	}
	return ""
}

// DecideReply takes a person's word on a reply with the intent unsure: stop or reply. The
// reason, which may be empty, is kept with the proof.
func (c *Client) DecideReply(ctx context.Context, id, decision, reason string) (*Inbound, error) {
	body := map[string]string{"decision": decision}
	if reason != "" {
		body["reason"] = reason
	}
	return ask[Inbound](ctx, c, call{method: http.MethodPost, path: "/v1/inbound/" + url.PathEscape(id) + "/decision", body: body})
}

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

// OptOuts returns one page of the suppression list.
func (c *Client) OptOuts(ctx context.Context, limit int, cursor string) (*OptOutList, error) {
	return ask[OptOutList](ctx, c, call{method: http.MethodGet, path: "/v1/opt-outs" + query("cursor", cursor, "limit", number(int64(limit)))})
}

// OptOut tells whether a number gets marketing, and why.
func (c *Client) OptOut(ctx context.Context, number string) (*OptOutState, error) {
	return ask[OptOutState](ctx, c, call{method: http.MethodGet, path: "/v1/opt-outs/" + url.PathEscape(number)})
}

// AddOptOut puts a number on the list, for one sender when that is not empty.
func (c *Client) AddOptOut(ctx context.Context, number, sender, reason string) (*OptOutState, error) {
	body := map[string]string{}
	if sender != "" {
		body["sender"] = sender
	}
	if reason != "" {
		body["reason"] = reason
	}
	return ask[OptOutState](ctx, c, call{method: http.MethodPut, path: "/v1/opt-outs/" + url.PathEscape(number), body: body})
}

// RemoveOptOut takes a number off the list, for one sender when that is not empty.
func (c *Client) RemoveOptOut(ctx context.Context, number, sender, reason string) (*OptOutState, error) {
	return ask[OptOutState](ctx, c, call{
		method: http.MethodDelete, path: "/v1/opt-outs/" + url.PathEscape(number) + query("sender", sender, "reason", reason),
	})
}

// ImportOptOuts adds the numbers of a CSV file.
func (c *Client) ImportOptOuts(ctx context.Context, file io.Reader) (*ImportAnswer, error) {
	return c.importOptOuts(ctx, file, "/v1/opt-outs.csv")
}

// TryOptOuts tells what ImportOptOuts would do, and adds nothing.
func (c *Client) TryOptOuts(ctx context.Context, file io.Reader) (*ImportAnswer, error) {
	return c.importOptOuts(ctx, file, "/v1/opt-outs.csv?dry_run=true")
}

func (c *Client) importOptOuts(ctx context.Context, file io.Reader, path string) (*ImportAnswer, error) {
	raw, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return ask[ImportAnswer](ctx, c, call{method: http.MethodPost, path: path, raw: raw})
}

// ExportOptOuts returns the whole list as CSV.
func (c *Client) ExportOptOuts(ctx context.Context) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodGet, path: "/v1/opt-outs.csv"})
}

// Webhook is an endpoint that events go to.
type Webhook struct {
	ID        string     `json:"id"`
	URL       string     `json:"url"`
	Events    []string   `json:"events"` // empty: all
	Format    string     `json:"format"` // empty: signed JSON
	Origin    string     `json:"origin"` // api or request
	State     string     `json:"state"`  // active, quarantined or disabled
	Reason    string     `json:"reason,omitempty"`
	Failures  int        `json:"failures"` // in a row
	ProbeAt   *time.Time `json:"probe_at,omitempty"`
	Pending   int        `json:"pending"` // deliveries that wait
	CreatedAt time.Time  `json:"created_at"`
}

// NewWebhook is an endpoint that was just made, with its secret.
type NewWebhook struct {
	Webhook
	Secret string `json:"secret"`
}

// WebhookList is every endpoint of the account.
type WebhookList struct {
	Items []Webhook `json:"items"`
}

// FeedEvent is something that happened.
type FeedEvent struct {
	ID        string          `json:"id"` // the webhook-id
	Seq       int64           `json:"seq"`
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	Event    FeedEvent  `json:"event"`
	State    string     `json:"state"` // pending, delivered or failed
	Attempts int        `json:"attempts"`
	NextAt   *time.Time `json:"next_at,omitempty"`
	LastAt   *time.Time `json:"last_at,omitempty"`
	Status   int        `json:"status,omitempty"` // HTTP status of the last answer
	Error    string     `json:"error,omitempty"`
}

// DeliveryList is a page of the log, newest first.
type DeliveryList struct {
	Items []Delivery `json:"items"`
	Next  string     `json:"next,omitempty"`
}

// EventList is a piece of the feed, oldest first.
type EventList struct {
	Items []FeedEvent `json:"items"`
	Next  string      `json:"next"` // give it to Events to go on
}

// CreateWebhook registers an endpoint; no events mean all of them.
func (c *Client) CreateWebhook(ctx context.Context, address string, events []string) (*NewWebhook, error) {
	body := map[string]any{"url": address}
	if len(events) > 0 {
		body["events"] = events
	}
	return ask[NewWebhook](ctx, c, call{method: http.MethodPost, path: "/v1/webhooks", body: body, idempotencyKey: rand.Text()})
}

// Webhooks returns the account's endpoints.
func (c *Client) Webhooks(ctx context.Context) (*WebhookList, error) {
	return ask[WebhookList](ctx, c, call{method: http.MethodGet, path: "/v1/webhooks"})
}

// DeleteWebhook drops an endpoint and what waits for it.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	_, err := c.do(ctx, call{method: http.MethodDelete, path: "/v1/webhooks/" + url.PathEscape(id)})
	return err
}

// EnableWebhook makes a quarantined or disabled endpoint active.
func (c *Client) EnableWebhook(ctx context.Context, id string) (*Webhook, error) {
	return ask[Webhook](ctx, c, call{method: http.MethodPost, path: "/v1/webhooks/" + url.PathEscape(id) + "/enable"})
}

// Deliveries returns one page of an endpoint's log; state filters when not empty.
func (c *Client) Deliveries(ctx context.Context, id, state string, limit int, cursor string) (*DeliveryList, error) {
	return ask[DeliveryList](ctx, c, call{method: http.MethodGet, path: "/v1/webhooks/" + url.PathEscape(id) + "/deliveries" +
		query("state", state, "cursor", cursor, "limit", number(int64(limit)))})
}

// ReplayWebhook delivers again: one event by its seq, or, when that is 0, those
// of a state since a time. It returns how many.
func (c *Client) ReplayWebhook(ctx context.Context, id string, seq int64, state string, since time.Time) (int, error) {
	body := map[string]any{}
	if seq > 0 {
		body["seq"] = seq
	}
	if state != "" {
		body["state"] = state
	}
	if !since.IsZero() {
		body["since"] = since.Format(time.RFC3339Nano)
	}
	type answer struct {
		Replayed int `json:"replayed"`
	}
	a, err := ask[answer](ctx, c, call{method: http.MethodPost, path: "/v1/webhooks/" + url.PathEscape(id) + "/replay", body: body})
	if err != nil {
		return 0, err
	}
	return a.Replayed, nil
}

// WebhookSecret returns the secret that signs for addresses which WebhookURL and
// rules name.
func (c *Client) WebhookSecret(ctx context.Context) (string, error) {
	a, err := ask[RotatedSecret](ctx, c, call{method: http.MethodGet, path: "/v1/webhook-secret"})
	if err != nil {
		return "", err
	}
	return a.Secret, nil
}

// Events returns what happened after a place in the feed, oldest first: Next of
// the piece before, or "" for the oldest that is kept.
func (c *Client) Events(ctx context.Context, after string, types []string, limit int) (*EventList, error) {
	return ask[EventList](ctx, c, call{method: http.MethodGet, path: "/v1/events" +
		query("after", after, "types", strings.Join(types, ","), "limit", number(int64(limit)))})
}

// query joins names and values; those without a value are left out.
func query(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
