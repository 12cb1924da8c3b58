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

// taken reads a 2xx answer where the format knows more of it than its status.
func (d *Deliverer) taken(e Endpoint, event *Event, body io.Reader, now time.Time) error {
	judge, reads := d.Formats[e.Format].(Judge)
	if !reads {
		io.CopyN(io.Discard, body, maxAnswer) //nolint:errcheck // only the status counts
		return nil
	}
	answer, err := io.ReadAll(io.LimitReader(body, maxAnswer))
	if err != nil {
		return errors.New("the answer was cut")
	}
	return judge.Taken(event, answer, now)
}

// request makes the request that tells an endpoint of an event.
func (d *Deliverer) request(
	ctx context.Context, e Endpoint, signers []signer, event *Event, now time.Time,
) (*http.Request, error) {
	if e.Format == "" {
		return d.signed(ctx, e.URL, signers, event, now)
	}
	format, known := d.Formats[e.Format]
	if !known {
		return nil, errors.New("this version of the gateway does not know the format of the endpoint")
	}
	r, err := format.Request(ctx, e, event)
	if err != nil || r == nil {
		return nil, err
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", d.UserAgent)
	}
	return r, nil
}

// signed is our own format: signed JSON.
func (d *Deliverer) signed(
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
	id := IDOf(event.Seq)
	r.Header["Content-Type"] = []string{"application/json"}
	r.Header["User-Agent"] = []string{d.UserAgent}
	r.Header["Webhook-Id"] = []string{id}
	r.Header["Webhook-Timestamp"] = []string{strconv.FormatInt(now.Unix(), 10)}
	r.Header["Webhook-Signature"] = []string{signAll(signers, id, now, body)}
	return r, nil
}
