package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Connection is how a Client reaches its gateway.
type Connection struct {
	// HTTP makes the calls. New sets one that gives up after 30 seconds.
	HTTP *http.Client
	// Language is asked for in sentences for people, as Accept-Language (RFC 9110,
	// 12.5.4): "fr". Empty leaves it to the gateway, which speaks English.
	Language string

	url, key string
}

// maxAnswer bounds what is read of an answer: a page of 1000 long messages is
// far below.
const maxAnswer = 64 << 20

// call is one request of the API.
type call struct {
	method, path   string
	body           any
	raw            []byte    // a body that is not JSON
	stream         io.Reader // a body of any length, which is sent once
	idempotencyKey string
	ifMatch        string
}

// ask makes a call and decodes its answer.
func ask[T any](ctx context.Context, c *Connection, what call) (*T, error) {
	answer, err := c.do(ctx, what)
	if err != nil {
		return nil, err
	}
	into := new(T)
	if err := json.Unmarshal(answer, into); err != nil {
		return nil, fmt.Errorf("read the answer to %s: %w; is this the address of a gateway?",
			what.method, err)
	}
	return into, nil
}

// do makes a call, and makes it again where that is safe.
func (c *Connection) do(ctx context.Context, what call) (answer []byte, err error) {
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

func (c *Connection) once(ctx context.Context, what call, body []byte) ([]byte, error) {
	from, patience := io.Reader(bytes.NewReader(body)), c.HTTP.Timeout
	if what.stream != nil {
		from, patience = what.stream, 0 // as long as ctx leaves
	}
	r, err := c.request(ctx, what, from, body != nil)
	if err != nil {
		return nil, err
	}
	got, err := c.exchange(r, patience)
	if err != nil {
		return nil, err
	}
	if got.status < 200 || got.status > 299 {
		return nil, problemOf(got, time.Now())
	}
	return got.body, nil
}

func (c *Connection) request(ctx context.Context, what call, body io.Reader, full bool) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, what.method, c.url+what.path, body)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	r.Header.Set("Accept", "application/json, application/problem+json")
	if c.Language != "" {
		r.Header.Set("Accept-Language", c.Language)
	}
	switch {
	case what.stream != nil:
		r.Header.Set("Content-Type", "application/octet-stream")
	case what.raw != nil:
		r.Header.Set("Content-Type", "text/csv")
	case full:
		r.Header.Set("Content-Type", "application/json")
	}
	if what.idempotencyKey != "" {
		r.Header.Set("Idempotency-Key", what.idempotencyKey)
	}
	if what.ifMatch != "" {
		r.Header.Set("If-Match", what.ifMatch)
	}
	return r, nil
}

// copy writes the answer to a GET, of whatever length, as long as ctx leaves.
func (c *Connection) copy(ctx context.Context, path string, into io.Writer) error {
	r, err := c.request(ctx, call{method: http.MethodGet, path: path}, http.NoBody, false)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "*/*")
	resp, err := c.open(r, 0)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		if err != nil {
			return &ConnectionError{c.url, err}
		}
		return problemOf(answer{resp.StatusCode, resp.Header, body}, time.Now())
	}
	from := &remembering{Reader: resp.Body}
	if _, err := io.Copy(into, from); err != nil {
		if from.failed != nil {
			return &ConnectionError{c.url, from.failed}
		}
		return err
	}
	return nil
}

// remembering tells an error of what is read from one of what is written to.
type remembering struct {
	io.Reader

	failed error
}

// Read implements io.Reader.
func (r *remembering) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed = err
	}
	return n, err
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

// answer is a response that was read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// open sends a request, and gives up after a time; 0: never.
func (c *Connection) open(r *http.Request, patience time.Duration) (*http.Response, error) {
	// A redirect would turn a POST into a GET, and a submission into a search.
	direct := *c.HTTP
	direct.Timeout = patience
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := direct.Do(r)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return nil, &ConnectionError{c.url, err}
	}
	return resp, nil
}

func (c *Connection) exchange(r *http.Request, patience time.Duration) (answer, error) {
	resp, err := c.open(r, patience)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return answer{}, &ConnectionError{c.url, err}
	}
	if len(body) > maxAnswer {
		return answer{}, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return answer{resp.StatusCode, resp.Header, body}, nil
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
