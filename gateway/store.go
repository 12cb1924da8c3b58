package gateway

import (
	"bytes"
	"context"
	"time"

	"relais/campaign/ledger"
	"relais/inbox"
	"relais/lane"
	"relais/person"
	"relais/quota"
	"relais/reason"
	"relais/search"
	"relais/sms"
	"relais/terms"
)

// Store is the durable state of the gateway and of its rooms: what each of them uses, in
// small interfaces beside their users. One database does all of it. Each method is one use
// case, atomic inside and synced to disk when it returns nil.
type Store interface {
	LineStore
	BacklogStore
	SweepStore
	lane.Store
	inbox.Store
	person.Keeping
}

// LineStore takes what the line accepts.
type LineStore interface {
	// Accept stores the messages of one submission as queued, with their
	// accepted event and the idempotency key. When the key is known with the
	// same request it stores nothing and returns the first answer; with another
	// request it returns ErrKeyReused. What quotas count is counted with it;
	// where one does not allow it, it stores nothing and returns quota.ErrExceeded.
	Accept(ctx context.Context, a *Acceptance) (replay []byte, err error)
	// AcceptBatch does the same for several submissions of one account in one
	// transaction: all of them are stored, or none. Each is counted with those
	// before it. The key and its answer are those of the first.
	AcceptBatch(ctx context.Context, all []*Acceptance) (replay []byte, err error)
	// Answer returns the first answer to a key, nil when the key is new, and
	// ErrKeyReused when it came with another request.
	Answer(ctx context.Context, account string, key IdempotencyKey) ([]byte, error)
	// OptedOut returns those of numbers that get no marketing from a sender.
	OptedOut(
		ctx context.Context, account string, sender sms.Sender, numbers []sms.Number,
	) (map[sms.Number]inbox.OptOut, error)
	// Search returns messages, newest first; more tells that older ones match too.
	Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error)
	// Settle ends messages that were canceled, as it does for lanes.
	Settle(ctx context.Context, transitions []sms.Transition) (lane.Settled, error)
}

// Acceptance is what Accept makes durable.
type Acceptance struct {
	Drafts    []Draft // at least one; all of one submission
	Actor     sms.Actor
	Decisions []reason.Reason // those common to all drafts
	Key       *IdempotencyKey
	Answer    []byte // what to answer when the same key comes again
	At        time.Time
	Endpoint  sms.ID // of the webhook that the request named; zero: none
	Template  sms.ID // that the text was made with, whose uses are counted; zero: none
	Trace     string // as the messages will have it; empty: none
	// Taking are the rows of a campaign that the messages are of, which are taken with them:
	// else nothing is stored, and ledger.ErrTaken or ledger.ErrStopped returned. nil: none.
	Taking *ledger.Taking
	// What quotas count of it. Where one does not allow it nothing is stored.
	Charges []quota.Charge
	Repeats []quota.Repeat
}

// Draft is a message on its way to being accepted, with the decisions that are
// its own.
type Draft struct {
	sms.Message
	Decisions []reason.Reason

	index  int // position in Submission.To
	terms  *terms.Terms
	window *terms.Window
}

// IdempotencyKey is the caller's promise that requests with the same key are one request.
type IdempotencyKey struct {
	Key     string
	Request [32]byte // hash of the request that it came with
}

// Replay returns the first answer to a key, or ErrKeyReused when it came with
// another request than the first.
func (k *IdempotencyKey) Replay(request, answer []byte) ([]byte, error) {
	if !bytes.Equal(request, k.Request[:]) {
		return nil, ErrKeyReused
	}
	return answer, nil
}
