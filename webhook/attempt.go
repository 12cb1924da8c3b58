package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"relais/internal/retry"
	"relais/internal/trial"
)

// envelope is the body of a request.
type envelope struct {
	ID        string          `json:"id"`
	Type      Type            `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// Body is what an endpoint is sent of an event: the same bytes each time.
func Body(e *Event) ([]byte, error) {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	err := out.Encode(envelope{ID: IDOf(e.Seq), Type: e.Type, Timestamp: e.At.UTC(), Data: e.Data})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// attempt makes one request.
func (d *Deliverer) attempt(e Endpoint, signers []signer, delivery *Delivery) Attempt {
	begun := time.Now()
	now := d.Now()
	a := Attempt{Account: e.Account, Endpoint: e.ID, Seq: delivery.Event.Seq, At: now, State: Pending}
	var asked time.Duration
	var err error
	if a.Status, asked, err = d.post(e, signers, delivery, now); err == nil {
		trial.Reached(trial.Noticed)
		a.State = Delivered
		if a.Status > 0 {
			d.Metrics.took(time.Since(begun))
		}
		return a
	}
	a.Error = err.Error()
	a.NextAt = now.Add(max(pause(delivery.Attempts+1, a.Seq), asked))
	if !a.NextAt.Before(delivery.Until) {
		a.State = Failed
	}
	return a
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

// post sends an event. An error says why it was not taken, and repeats neither
// address nor body. Without one, status 0 means that there was nothing to send.
func (d *Deliverer) post(
	e Endpoint, signers []signer, delivery *Delivery, now time.Time,
) (status int, asked time.Duration, err error) {
	event := &delivery.Event
	r, err := d.request(context.WithoutCancel(d.running), e, signers, event, now)
	if err != nil || r == nil {
		return 0, 0, err
	}
	if event.Type.ofMessage() {
		span := d.Traces.Webhook(r, string(event.Type), event.Account, event.Subject, delivery.Attempts+1)
		defer func() { span.Taken(status, err) }()
	}
	answer, err := d.client.Do(r)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		if errors.Is(err, errTarget) {
			err = errTarget
		}
		if refused, ok := errors.AsType[*proxyError](err); ok {
			return 0, 0, refused
		}
		return 0, 0, fmt.Errorf("no answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 200 && answer.StatusCode < 300 {
		return answer.StatusCode, 0, d.taken(e, event, answer.Body, now)
	}
	io.CopyN(io.Discard, answer.Body, maxAnswer) //nolint:errcheck // only the status counts
	switch {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		return answer.StatusCode, 0, fmt.Errorf("status %d: redirects are not followed", answer.StatusCode)
	}
	return answer.StatusCode, retry.After(answer.Header, now, longestAsked),
		fmt.Errorf("status %d", answer.StatusCode)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
