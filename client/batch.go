package client

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
)

// The most that one batch may hold.
const (
	MaxBatch           = 1000     // messages
	MaxBatchRecipients = 10_000   // in all, unless the gateway is configured otherwise
	MaxBody            = 10 << 20 // bytes of any request
)

// BatchRequest is several messages, each with a text of its own.
type BatchRequest struct {
	Messages []SubmitRequest `json:"messages"` // their own idempotency keys are not used

	// IdempotencyKey makes two equal batches one. SubmitBatch makes a fresh one when it
	// is empty.
	IdempotencyKey string `json:"-"`
}

// BatchAnswer says what became of each message of a batch, in order.
type BatchAnswer struct {
	Items []BatchItem `json:"items"`
}

// BatchItem is what became of one message of a batch, as if it had come alone.
type BatchItem struct {
	Messages []Message     `json:"messages"` // accepted, in the order asked
	Rejected []Refused     `json:"rejected"`
	Warnings []Warning     `json:"warnings"`
	Problem  *BatchProblem `json:"problem,omitempty"` // nil: something of it was accepted
}

// BatchProblem is a refusal of one message of a batch.
type BatchProblem struct {
	Status     int          `json:"status"` // of HTTP, as if it had come alone
	Code       string       `json:"code"`
	Title      string       `json:"title"`
	Detail     string       `json:"detail"`
	RetryAfter int          `json:"retry_after,omitempty"` // seconds; 0: sending it again does not help
	Errors     []FieldError `json:"errors,omitempty"`
}

// SubmitBatch sends up to MaxBatch messages in one request. Each is judged for itself.
// Once it returns without an error, those that were accepted are on the gateway's disk,
// all at once; when none was, the error is a *Problem with their Items.
func (c *Client) SubmitBatch(ctx context.Context, r BatchRequest) (*BatchAnswer, error) {
	for i := range r.Messages {
		if err := r.Messages[i].check(); err != nil {
			return nil, err
		}
	}
	return c.submitBatch(ctx, r, r.IdempotencyKey)
}

// SubmitBatchJSON is SubmitBatch for messages that are JSON already.
func (c *Client) SubmitBatchJSON(
	ctx context.Context, messages []json.RawMessage, idempotencyKey string,
) (*BatchAnswer, error) {
	return c.submitBatch(ctx, map[string][]json.RawMessage{"messages": messages}, idempotencyKey)
}

func (c *Client) submitBatch(ctx context.Context, body any, key string) (*BatchAnswer, error) {
	if key == "" {
		key = rand.Text()
	}
	return ask[BatchAnswer](ctx, c.Connection, call{
		method: http.MethodPost, path: "/v1/batches", body: body, idempotencyKey: key,
	})
}
