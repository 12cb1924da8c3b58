package remote

import (
	"context"
	"errors"
	"time"

	"relais/client"
	"relais/cmd/relais/terminal"
)

// waitFlags make a command that sends stay until the operator has answered.
type waitFlags struct {
	Wait    bool          `help:"Wait for the operator's answer; one that is not a yes fails the command."`
	Timeout time.Duration `help:"How long --wait waits." default:"1m" placeholder:"DURATION"`
}

// all waits for each message, and returns what is known of them when the time is over.
func (c *waitFlags) all(
	t *terminal.Terminal, gateway *client.Client, sent []client.Message,
) ([]*client.MessageWithTimeline, error) {
	ctx, cancel := context.WithTimeout(t.Ctx, c.Timeout)
	defer cancel()
	shown := t.Progress("wait_progress", len(sent), waitPause)
	defer shown.Clear()
	seen := make([]*client.MessageWithTimeline, len(sent))
	for i := range sent {
		m, err := gateway.Wait(ctx, sent[i].ID)
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		shown.At(i + 1)
		if m == nil { // the time was over before the first question
			m = &client.MessageWithTimeline{Message: sent[i]}
		}
		seen[i] = m
	}
	return seen, nil
}

// waitPause is how often --wait says how far it is where no terminal shows a bar.
const waitPause = 5 * time.Second

// judge reports whether the operator took the message, and says why when not.
func (c *waitFlags) judge(t *terminal.Terminal, m *client.MessageWithTimeline) bool {
	if m.Status == client.Submitted || m.Status == client.Delivered {
		return true
	}
	if m.Status.Waiting() {
		t.Say("message_waits", "number", m.To, "status", m.Status, "time", c.Timeout,
			"code", m.Reason, "message", m.ID)
		return false
	}
	if n := len(m.Timeline); n > 0 && m.Timeline[n-1].Detail != "" {
		t.Say("message_why", "number", m.To, "status", m.Status, "code", m.Reason,
			"detail", m.Timeline[n-1].Detail)
		return false
	}
	t.Say("message_failed", "number", m.To, "status", m.Status, "code", m.Reason)
	return false
}
