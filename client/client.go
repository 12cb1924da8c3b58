package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Client calls one gateway with one API key. It may be used from any goroutine.
type Client struct {
	*Connection
	replies
	optOuts
	webhooks
	people
	templates
	campaigns
	lists
	contacts
}

// New returns a client of the gateway at url, such as
// "http://127.0.0.1:8080". The key is one that `relais keys create` printed.
func New(url, key string) *Client {
	c := &Connection{
		HTTP: &http.Client{Timeout: 30 * time.Second},
		url:  strings.TrimRight(url, "/"), key: key,
	}
	return &Client{c, replies{c}, optOuts{c}, webhooks{c}, people{c}, templates{c}, campaigns{c}, lists{c}, contacts{c}}
}

// Submit sends one text to one or many recipients. Once it returns without an
// error, the messages are on the gateway's disk. Recipients that get no message
// are in Rejected; when there is no other, the error is a *Problem.
func (c *Client) Submit(ctx context.Context, r SubmitRequest) (*SubmitAnswer, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if r.IdempotencyKey == "" {
		r.IdempotencyKey = rand.Text()
	}
	return ask[SubmitAnswer](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/messages", body: r, idempotencyKey: r.IdempotencyKey,
	})
}

// Preview tells what Submit would do, and stores nothing.
func (c *Client) Preview(ctx context.Context, r PreviewRequest) (*PreviewAnswer, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	return ask[PreviewAnswer](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/messages/preview", body: r,
	})
}

// Message returns a message with its timeline.
func (c *Client) Message(ctx context.Context, id string) (*MessageWithTimeline, error) {
	return ask[MessageWithTimeline](ctx, c.Connection, call{
		method: http.MethodGet, path: "/v1/messages/" + url.PathEscape(id),
	})
}

// Cancel ends a message that is still queued.
func (c *Client) Cancel(ctx context.Context, id string) (*MessageWithTimeline, error) {
	return ask[MessageWithTimeline](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/messages/" + url.PathEscape(id) + "/cancel",
	})
}

// Resolve decides what became of a message in doubt: taken, not_taken (it is
// sent again) or given_up.
func (c *Client) Resolve(ctx context.Context, id, outcome string) (*MessageWithTimeline, error) {
	return ask[MessageWithTimeline](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/messages/" + url.PathEscape(id) + "/resolve",
		body: map[string]string{"outcome": outcome},
	})
}

// Query chooses messages. Zero fields choose all.
type Query struct {
	To        string // a number, written as in a submission
	Status    Status
	Class     string
	Connector string
	Reference string
	Metadata  string    // "key:value"
	Since     time.Time // accepted at this time or later
	Until     time.Time // accepted before
	Limit     int       // of the page: 1 to 1000; 0 means 100
	Cursor    string    // Next of the page before
}

func (q Query) encode() string {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("to", q.To)
	set("status", string(q.Status))
	set("class", q.Class)
	set("connector", q.Connector)
	set("reference", q.Reference)
	set("metadata", q.Metadata)
	set("cursor", q.Cursor)
	if !q.Since.IsZero() {
		set("since", q.Since.Format(time.RFC3339Nano))
	}
	if !q.Until.IsZero() {
		set("until", q.Until.Format(time.RFC3339Nano))
	}
	if q.Limit != 0 {
		set("limit", strconv.Itoa(q.Limit))
	}
	return values.Encode()
}

// Messages returns one page of messages, newest first.
func (c *Client) Messages(ctx context.Context, q Query) (*MessageList, error) {
	path := "/v1/messages"
	if query := q.encode(); query != "" {
		path += "?" + query
	}
	return ask[MessageList](ctx, c.Connection, call{method: http.MethodGet, path: path})
}

// Reassign gives the account's queued messages of a connector to another.
func (c *Client) Reassign(ctx context.Context, from, to string) (*Reassigned, error) {
	return ask[Reassigned](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/connectors/" + url.PathEscape(from) + "/reassign",
		body: map[string]string{"to": to},
	})
}

// Pause pauses a connector, for every account; with r.Preview it only tells what that
// would do.
func (c *Client) Pause(ctx context.Context, connector string, r PauseRequest) (*PauseAnswer, error) {
	return ask[PauseAnswer](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/connectors/" + url.PathEscape(connector) + "/pause", body: r,
	})
}

// Resume resumes a connector that is paused.
func (c *Client) Resume(ctx context.Context, connector string) (*ResumeAnswer, error) {
	return ask[ResumeAnswer](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/connectors/" + url.PathEscape(connector) + "/resume",
	})
}

// Trace returns what the live sessions of a connector said since an earlier answer, of which after is
// Next; empty: from the oldest that is kept. While nobody asks, nothing is kept.
func (c *Client) Trace(ctx context.Context, connector, after string) (*Trace, error) {
	path := "/v1/connectors/" + url.PathEscape(connector) + "/trace"
	if after != "" {
		path += "?after=" + url.QueryEscape(after)
	}
	return ask[Trace](ctx, c.Connection, call{method: http.MethodGet, path: path})
}

// Connectors returns the configured connectors and their state.
func (c *Client) Connectors(ctx context.Context) (*ConnectorList, error) {
	return ask[ConnectorList](ctx, c.Connection, call{method: http.MethodGet, path: "/v1/connectors"})
}

// Configuration returns which configuration each node of the gateway has in effect.
func (c *Client) Configuration(ctx context.Context) (*Configuration, error) {
	return ask[Configuration](ctx, c.Connection, call{method: http.MethodGet, path: "/v1/configuration"})
}

// Ready returns nil when the gateway can store a submission.
func (c *Client) Ready(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/readyz", http.NoBody)
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	got, err := c.exchange(r, c.HTTP.Timeout)
	if err != nil {
		return err
	}
	if got.status != http.StatusOK {
		const enough = 200 // of a page that something else answered
		return fmt.Errorf(
			"not ready (HTTP status %d): %s", got.status,
			bytes.TrimSpace(got.body[:min(len(got.body), enough)]),
		)
	}
	return nil
}
