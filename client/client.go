package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxAnswer bounds what is read of an answer: a page of 1000 long messages is
// far below.
const maxAnswer = 64 << 20

// Client calls one gateway with one API key. It may be used from any goroutine.
type Client struct {
	// HTTP makes the calls. New sets one that gives up after 30 seconds.
	HTTP *http.Client
	// Language is asked for in sentences for people, as Accept-Language (RFC 9110,
	// 12.5.4): "fr". Empty leaves it to the gateway, which speaks English.
	Language string

	url, key string
}

// New returns a client of the gateway at url, such as
// "http://127.0.0.1:8080". The key is one that `relais keys create` printed.
func New(url, key string) *Client {
	return &Client{
		HTTP: &http.Client{Timeout: 30 * time.Second},
		url:  strings.TrimRight(url, "/"), key: key,
	}
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
	return ask[SubmitAnswer](ctx, c, call{
		method: http.MethodPost, path: "/v1/messages", body: r, idempotencyKey: r.IdempotencyKey,
	})
}

// Preview tells what Submit would do, and stores nothing.
func (c *Client) Preview(ctx context.Context, r PreviewRequest) (*PreviewAnswer, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	return ask[PreviewAnswer](ctx, c, call{method: http.MethodPost, path: "/v1/messages/preview", body: r})
}

// Message returns a message with its timeline.
func (c *Client) Message(ctx context.Context, id string) (*MessageWithTimeline, error) {
	return ask[MessageWithTimeline](ctx, c, call{method: http.MethodGet, path: "/v1/messages/" + url.PathEscape(id)})
}

// Cancel ends a message that is still queued.
func (c *Client) Cancel(ctx context.Context, id string) (*MessageWithTimeline, error) {
	return ask[MessageWithTimeline](ctx, c, call{method: http.MethodPost, path: "/v1/messages/" + url.PathEscape(id) + "/cancel"})
}

// Resolve decides what became of a message in doubt: taken, not_taken (it is
// sent again) or given_up.
func (c *Client) Resolve(ctx context.Context, id, outcome string) (*MessageWithTimeline, error) {
	return ask[MessageWithTimeline](ctx, c, call{
		method: http.MethodPost, path: "/v1/messages/" + url.PathEscape(id) + "/resolve", body: map[string]string{"outcome": outcome},
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
	return ask[MessageList](ctx, c, call{method: http.MethodGet, path: path})
}

// Reassign gives the account's queued messages of a connector to another.
func (c *Client) Reassign(ctx context.Context, from, to string) (*Reassigned, error) {
	return ask[Reassigned](ctx, c, call{
		method: http.MethodPost, path: "/v1/connectors/" + url.PathEscape(from) + "/reassign", body: map[string]string{"to": to},
	})
}

// Connectors returns the configured connectors and their state.
func (c *Client) Connectors(ctx context.Context) (*ConnectorList, error) {
	return ask[ConnectorList](ctx, c, call{method: http.MethodGet, path: "/v1/connectors"})
}

// Ready returns nil when the gateway can store a submission.
func (c *Client) Ready(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/readyz", http.NoBody)
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	resp, body, err := c.exchange(r)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		const enough = 200 // of a page that something else answered
		return fmt.Errorf("not ready (HTTP status %d): %s", resp.StatusCode, bytes.TrimSpace(body[:min(len(body), enough)]))
	}
	return nil
}

// call is one request of the API.
type call struct {
	method, path   string
	body           any
	raw            []byte // a body that is not JSON
	idempotencyKey string
}

// ask makes a call and decodes its answer.
func ask[T any](ctx context.Context, c *Client, what call) (*T, error) {
	answer, err := c.do(ctx, what)
	if err != nil {
		return nil, err
	}
	into := new(T)
	if err := json.Unmarshal(answer, into); err != nil {
		return nil, fmt.Errorf("read the answer to %s: %w; is this the address of a gateway?", what.method, err)
	}
	return into, nil
}

// do makes a call, and makes it again where that is safe.
func (c *Client) do(ctx context.Context, what call) (answer []byte, err error) {
	body := what.raw
	if what.body != nil {
		if body, err = marshal(what.body); err != nil {
			return nil, fmt.Errorf("write the request: %w", err)
		}
	}
	for attempt := 1; ; attempt++ {
		answer, err := c.once(ctx, what, body)
		if err == nil || what.idempotencyKey == "" {
			return answer, err
		}
		wait, again := pause(err, attempt)
		if !again || !sleep(ctx, wait) {
			return nil, err
		}
	}
}

func (c *Client) once(ctx context.Context, what call, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, what.method, c.url+what.path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	r.Header.Set("Accept", "application/json, application/problem+json")
	if c.Language != "" {
		r.Header.Set("Accept-Language", c.Language)
	}
	switch {
	case what.raw != nil:
		r.Header.Set("Content-Type", "text/csv")
	case body != nil:
		r.Header.Set("Content-Type", "application/json")
	}
	if what.idempotencyKey != "" {
		r.Header.Set("Idempotency-Key", what.idempotencyKey)
	}
	resp, answer, err := c.exchange(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, problemOf(resp, answer, time.Now())
	}
	return answer, nil
}

// ConnectionError is a call that got no whole answer. What was asked may have
// been done.
type ConnectionError struct {
	URL string // of the gateway
	Err error
}

// Error does not repeat the path, which may hold a number.
func (e *ConnectionError) Error() string { return fmt.Sprintf("no answer from %s: %v", e.URL, e.Err) }

// Unwrap returns the cause.
func (e *ConnectionError) Unwrap() error { return e.Err }

func (c *Client) exchange(r *http.Request) (*http.Response, []byte, error) {
	// A redirect would turn a POST into a GET, and a submission into a search.
	direct := *c.HTTP
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := direct.Do(r)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return nil, nil, &ConnectionError{c.url, err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, nil, &ConnectionError{c.url, err}
	}
	if len(body) > maxAnswer {
		return nil, nil, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return resp, body, nil
}
