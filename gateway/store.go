package gateway

import (
	"context"
	"time"

	"relais/sms"
)

// Store is the durable state that the line needs. Each method is one use case,
// atomic inside and synced to disk when it returns nil.
type Store interface {
	// Accept stores the messages of one submission as queued, with their
	// accepted event and the idempotency key. When the key is known with the
	// same request it stores nothing and returns the first answer; with another
	// request it returns ErrKeyReused.
	Accept(ctx context.Context, a *Acceptance) (replay []byte, err error)
	// Answer returns the first answer to a key, nil when the key is new, and
	// ErrKeyReused when it came with another request.
	Answer(ctx context.Context, account string, key IdempotencyKey) ([]byte, error)
	// Claim moves due messages of one connector to submitting, most urgent
	// first, counts the attempt, and returns them packed in calls. Messages
	// whose validity is over expire instead. With an error nothing was claimed.
	Claim(ctx context.Context, c Claim) (Claimed, error)
	// Settle applies transitions and their events. One that does not fit the
	// message as it stands is left out; applied counts the others.
	Settle(ctx context.Context, transitions []sms.Transition) (applied int, err error)
	// Expire ends queued messages whose validity is over, a bounded number a
	// call, and returns how many.
	Expire(ctx context.Context, now time.Time) (int, error)
	// Recover moves every message that was left in submitting by a process that
	// died to uncertain, and returns how many there were.
	Recover(ctx context.Context, now time.Time) (int, error)
	// Forget drops idempotency keys that came before a time, a bounded number a
	// call.
	Forget(ctx context.Context, before time.Time) error
	// Backlog counts the messages that wait: queued, submitting or uncertain.
	Backlog(ctx context.Context) ([]Backlog, error)
}

// Acceptance is what Accept makes durable.
type Acceptance struct {
	Drafts    []Draft // at least one; all of one submission
	Actor     string
	Decisions []Decision // those common to all drafts
	Key       *IdempotencyKey
	Answer    []byte // what to answer when the same key comes again
	At        time.Time
}

// Draft is a message on its way to being accepted, with the decisions that are
// its own.
type Draft struct {
	sms.Message
	Decisions []Decision
}

// Decision is one thing that the gateway decided about a message, and why. The
// preview and the timeline show the same ones. Detail holds no number.
type Decision struct {
	Code   string `json:"code" doc:"stable word for programs" example:"encoding"`
	Detail string `json:"detail" doc:"sentence for people"`
}

// IdempotencyKey is the caller's promise that equal keys mean one request.
type IdempotencyKey struct {
	Key     string
	Request [32]byte // hash of the request that it came with
}

// Claim asks for work.
type Claim struct {
	Connector string
	Calls     int  // most calls to fill
	Batch     int  // most messages in one call
	SameText  bool // messages of one call must come from one submission
	Now       time.Time
}

// Claimed is the work given.
type Claimed struct {
	Calls   [][]sms.Message
	Expired int
	// Next is when the next message of the connector falls due; zero when none
	// waits. It may be past when more work is due than was asked for.
	Next time.Time
}

// Backlog counts what waits in one status at one connector.
type Backlog struct {
	Connector string
	Status    sms.Status
	Messages  int
	Oldest    time.Time // due time of the one that has waited longest
}
