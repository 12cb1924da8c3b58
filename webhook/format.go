package webhook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Format is a shape in which events leave for endpoints of origin request, other than our
// signed JSON: one that a caller expects that was built for another gateway.
type Format interface {
	// Request makes the request that tells e of an event. nil means that there is
	// nothing to tell: the event counts as delivered. An error must repeat neither
	// address nor number.
	Request(ctx context.Context, e Endpoint, event *Event) (*http.Request, error)
}

// Judge is a Format whose endpoints may refuse an event with a 2xx.
type Judge interface {
	// Taken reads such an answer, its first 64 KiB at most. An error says why the
	// event was not taken after all: it is told again.
	Taken(event *Event, answer []byte, now time.Time) error
}

// taken reads a 2xx answer where the format knows more of it than its status. It returns
// what is kept of the answer.
func (c *caller) taken(
	e Endpoint, event *Event, answer *http.Response, now time.Time,
) (kept string, err error) {
	judge, reads := c.Formats[e.Format].(Judge)
	if !reads {
		return excerptOf(answer), nil
	}
	words, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return "", errors.New("the answer was cut")
	}
	return excerpt(words), judge.Taken(event, words, now)
}

// request makes the request that tells an endpoint of an event.
func (c *caller) request(
	ctx context.Context, e Endpoint, signers []signer, event *Event, now time.Time,
) (*http.Request, error) {
	if e.Format == "" {
		return c.signed(ctx, e.URL, signers, event, now)
	}
	format, known := c.Formats[e.Format]
	if !known {
		return nil, errors.New("this version of the gateway does not know the format of the endpoint")
	}
	r, err := format.Request(ctx, e, event)
	if err != nil || r == nil {
		return nil, err
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", c.UserAgent)
	}
	return r, nil
}

// signed is our own format: signed JSON.
func (c *caller) signed(
	ctx context.Context, address string, signers []signer, event *Event, now time.Time,
) (*http.Request, error) {
	body, err := Body(event)
	if err != nil {
		return nil, errors.New("the event cannot be written as JSON")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address cannot be called")
	}
	id := event.ID()
	r.Header["Content-Type"] = []string{"application/json"}
	r.Header["User-Agent"] = []string{c.UserAgent}
	r.Header["Webhook-Id"] = []string{id}
	r.Header["Webhook-Timestamp"] = []string{strconv.FormatInt(now.Unix(), 10)}
	r.Header["Webhook-Signature"] = []string{signAll(signers, id, now, body)}
	return r, nil
}
