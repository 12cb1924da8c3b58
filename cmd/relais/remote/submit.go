package remote

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"relais/client"
	"relais/cmd/relais/terminal"
)

// mostRecipients is what one request takes. Keys are counted from it: what a second
// run sends again must be cut at the same places.
const mostRecipients = 10_000

// submission is one text on its way to any number of recipients, in as many requests
// as that takes.
type submission struct {
	t       *terminal.Terminal
	gateway *client.Client
	request client.SubmitRequest
	parts   [][]string // of the recipients, one for each request
	key     string     // idempotency key of the first request; the others derive theirs
	pause   time.Duration
}

func newSubmission(
	t *terminal.Terminal, gateway *client.Client, r client.SubmitRequest, most int,
) *submission {
	s := &submission{t: t, gateway: gateway, request: r, key: r.IdempotencyKey, pause: time.Second}
	if s.key == "" {
		s.key = rand.Text()
	}
	for part := range slices.Chunk(r.To, most) {
		s.parts = append(s.parts, part)
	}
	return s
}

// send makes every request and joins the answers. With an error, the answer has what
// was taken before it.
func (s *submission) send() (*client.SubmitAnswer, error) {
	whole := &client.SubmitAnswer{
		Messages: []client.Message{}, Rejected: []client.Refused{},
		Warnings: []client.Warning{},
	}
	if len(s.parts) > 1 {
		s.t.Say("send_parts", "recipients", len(s.request.To), "requests", len(s.parts), "key", s.key)
	}
	shown := s.t.Progress("send_progress", len(s.request.To), 0)
	defer shown.Clear()
	done := 0
	var refused *client.Problem
	for i, part := range s.parts {
		answer, err := s.one(i, part, shown)
		p, judged := errors.AsType[*client.Problem](err)
		if judged && p.Code == client.CodeNoRecipient && len(s.parts) > 1 {
			answer, err, refused = &client.SubmitAnswer{Rejected: p.Rejected}, nil, p
		}
		if err != nil {
			return whole, err
		}
		for j := range answer.Rejected {
			answer.Rejected[j].Index += done
		}
		whole.Messages = append(whole.Messages, answer.Messages...)
		whole.Rejected = append(whole.Rejected, answer.Rejected...)
		for _, w := range answer.Warnings {
			if !slices.Contains(whole.Warnings, w) {
				whole.Warnings = append(whole.Warnings, w)
			}
		}
		if done += len(part); len(s.parts) > 1 {
			shown.At(done)
		}
	}
	if len(whole.Messages) == 0 && refused != nil {
		refused.Rejected, whole.Rejected = whole.Rejected, nil
		return whole, refused
	}
	return whole, nil
}

// attempts are made of one request of several. Its key makes them one.
const attempts = 6

func (s *submission) one(i int, part []string, shown *terminal.Progress) (*client.SubmitAnswer, error) {
	r := s.request
	r.To, r.IdempotencyKey = part, s.key
	if i > 0 {
		r.IdempotencyKey = s.key + "-" + strconv.Itoa(i+1)
	}
	for attempt := 1; ; attempt++ {
		answer, err := s.gateway.Submit(s.t.Ctx, r)
		wait, passes := passing(err)
		if err == nil || !passes || len(s.parts) == 1 || attempt == attempts {
			return answer, err
		}
		wait = max(wait, s.pause<<(attempt-1))
		shown.Clear()
		s.t.Say("send_again", "time", wait, "error", silence(err))
		if !pauseFor(s.t.Ctx, wait) {
			return nil, err
		}
	}
}

// passing reports whether a failure may pass, and how long the gateway wants one to
// wait.
func passing(err error) (wait time.Duration, passes bool) {
	if _, lost := errors.AsType[*client.ConnectionError](err); lost {
		return 0, true
	}
	p, refused := errors.AsType[*client.Problem](err)
	if !refused {
		return 0, false
	}
	return p.RetryAfter, p.Status == http.StatusTooManyRequests || p.Status >= http.StatusInternalServerError
}

// pauseFor reports whether the pause was not cut short.
func pauseFor(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
