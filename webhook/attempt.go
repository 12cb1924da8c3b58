package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	err := out.Encode(envelope{ID: e.ID(), Type: e.Type, Timestamp: e.At.UTC(), Data: e.Data})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// attempt makes one request.
func (d *Deliverer) attempt(e Endpoint, signers []signer, delivery *Delivery, turn *Turn) Attempt {
	begun := time.Now()
	now := d.Now()
	a := Attempt{
		Account: e.Account, Endpoint: e.ID, Seq: delivery.Event.Seq, State: Pending, Try: Try{At: now},
		Earlier: delivery.tries(),
	}
	if by := d.carrier(e.Format); by != nil {
		d.carry(by, &a, &e, delivery, turn, now)
		return a
	}
	came := d.post(context.WithoutCancel(d.running), e, signers, delivery, now)
	a.Status, a.Answer = came.status, came.answer
	if came.nothing {
		a.State = Delivered
		return a
	}
	a.Took = time.Since(begun)
	if came.err == nil {
		trial.Reached(trial.Noticed)
		a.State = Delivered
		d.Metrics.took(a.Took)
		return a
	}
	a.Error = came.err.Error()
	a.NextAt = now.Add(max(pause(delivery.Attempts+1, a.Seq), came.asked))
	if !a.NextAt.Before(delivery.Until) {
		a.State = Failed
	}
	return a
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

// came is what came of a request.
type came struct {
	nothing bool // there was nothing to send
	status  int
	answer  string        // what is kept of it
	asked   time.Duration // how long the endpoint wants to be left alone
	err     error         // why the event was not taken; it repeats neither address nor body
}

// post sends an event.
func (c *caller) post(
	ctx context.Context, e Endpoint, signers []signer, delivery *Delivery, now time.Time,
) (came came) {
	event := &delivery.Event
	r, err := c.request(ctx, e, signers, event, now)
	if err != nil || r == nil {
		came.nothing, came.err = err == nil, err
		return came
	}
	if event.Type.ofMessage() {
		span := c.Traces.Webhook(r, string(event.Type), event.Account, event.Subject, delivery.Attempts+1)
		defer func() { span.Taken(came.status, came.err) }()
	}
	answer, err := c.client.Do(r)
	if err != nil {
		came.err = silence(err)
		return came
	}
	defer answer.Body.Close()
	came.status = answer.StatusCode
	switch {
	case came.status >= 200 && came.status < 300:
		came.answer, came.err = c.taken(e, event, answer, now)
		return came
	case came.status >= 300 && came.status < 400:
		came.err = fmt.Errorf("status %d: redirects are not followed", came.status)
	default:
		came.asked = retry.After(answer.Header, now, longestAsked)
		came.err = fmt.Errorf("status %d", came.status)
	}
	came.answer = excerptOf(answer)
	return came
}

// silence says why no answer came.
func silence(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if errors.Is(err, errTarget) {
		err = errTarget
	}
	if refused, ok := errors.AsType[*proxyError](err); ok {
		return refused
	}
	return fmt.Errorf("no answer: %w", err)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
