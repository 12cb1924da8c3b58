package client

import (
	"context"
	"time"
)

// The pauses between two questions of Wait.
const (
	firstPoll   = 20 * time.Millisecond
	longestPoll = time.Second
)

// Wait asks until the message is past queued and submitting: the operator took
// it, refused it, gave no clear answer, or it has ended in another way. When
// ctx ends first, Wait returns the message as last seen, nil where none was,
// and the error of ctx. A gateway that does not answer for a moment is asked
// again.
func (c *Client) Wait(ctx context.Context, id string) (*MessageWithTimeline, error) {
	var seen *MessageWithTimeline
	poll, failures := firstPoll, 0
	for {
		m, err := c.Message(ctx, id)
		wait, again := poll, true
		switch {
		case err == nil && !m.Status.Waiting():
			return m, nil
		case err == nil:
			seen, failures = m, 0
		default:
			failures++
			wait, again = pause(err, failures)
		}
		if ctx.Err() != nil {
			return seen, ctx.Err()
		}
		if !again {
			return seen, err
		}
		if !sleep(ctx, wait) {
			return seen, ctx.Err()
		}
		poll = min(poll*3/2, longestPoll)
	}
}
