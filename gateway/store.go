package gateway

import (
	"bytes"
	"context"
	"time"

	"relais/duty"
	"relais/inbox"
	"relais/person"
	"relais/quota"
	"relais/sms"
	"relais/terms"
)

// Store is the durable state that the line needs. Each method is one use case,
// atomic inside and synced to disk when it returns nil.
type Store interface {
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
	// Claim moves due messages of one connector to submitting, most urgent
	// first and in turns (DueInTurns), counts the attempt, and returns them packed
	// in calls. Messages
	// whose validity is over expire instead. With an error nothing was claimed;
	// duty.ErrFenced means that the lease is not held any more.
	Claim(ctx context.Context, c Claim) (Claimed, error)
	// Settle applies transitions and their events. One that does not fit the
	// message as it stands is left out.
	Settle(ctx context.Context, transitions []sms.Transition) (Settled, error)
	// Expire ends queued messages whose validity is over, a bounded number a
	// call, and returns how many.
	Expire(ctx context.Context, now time.Time) (int, error)
	// Recover moves messages that were left in submitting by a process that died,
	// of one connector or, when it is empty, of all, to uncertain. It returns how
	// many there were.
	Recover(ctx context.Context, connector string, now time.Time) (int, error)
	// Forget drops idempotency keys that came before a time, a bounded number a
	// call.
	Forget(ctx context.Context, before time.Time) error
	// Backlog counts the messages that wait: queued, submitting or uncertain.
	Backlog(ctx context.Context) ([]Backlog, error)

	// Receive stores what an operator told: receipts move their messages or wait
	// for them, replies are linked to what they answer, STOPs fill the lists.
	// What was told before changes nothing.
	Receive(ctx context.Context, r *inbox.Reception) (inbox.Received, error)
	// Awaiting returns submitted messages of a connector whose receipt is missed,
	// the longest missed first.
	Awaiting(ctx context.Context, connector string, now time.Time, limit int) ([]sms.Message, error)
	// Await puts off when the receipt of submitted messages is missed.
	Await(ctx context.Context, messages []sms.Message, until time.Time) error
	// Doubtful returns uncertain messages of a connector whose operator is to be
	// asked by now, the longest due first: those of one account, the first by name
	// behind after that has any.
	Doubtful(ctx context.Context, connector, after string, now time.Time, limit int) ([]sms.Message, error)
	// AskAgain keeps how often the operator was asked about an uncertain message
	// and when it is asked next; zero: never. note, if any, goes to the timeline.
	AskAgain(ctx context.Context, m sms.Message, asks int, next time.Time, note *sms.Event) error
	// SecondChance stores a further message for the text of first, notes it in the
	// timeline of first, and waits for its receipt until a time. It does nothing
	// when the receipt came meanwhile, and tells so.
	SecondChance(ctx context.Context, first sms.Message, again *Draft, note sms.Event, until time.Time) (made bool, err error)
	// MovableAccounts returns, by name, the accounts that have queued messages of a
	// connector that others may send.
	MovableAccounts(ctx context.Context, connector string) ([]string, error)
	// Movable returns those of an account, by id, from the one behind after on.
	Movable(ctx context.Context, connector, account string, after sms.ID, limit int) ([]sms.Message, error)
	// Queued lists messages of an account that are queued for a connector, in no
	// order, with a route or without.
	Queued(ctx context.Context, account, connector string, limit int) ([]sms.Message, error)
	// Move gives queued messages to another connector, and returns how many were
	// still there to be moved.
	Move(ctx context.Context, moves []Move) (int, error)
	// Ahead returns queued messages of a connector that were last changed after
	// now, by a clock that ran ahead, and that wait for no date of their caller.
	Ahead(ctx context.Context, connector string, now time.Time, limit int) ([]sms.Message, error)
	// Hasten makes due what a clock that ran ahead put off: questions about messages
	// in doubt, and webhooks.
	Hasten(ctx context.Context, now time.Time) error
	inbox.OptOutStore
	person.Keeping
	// Unhandled returns replies that no rule has seen.
	Unhandled(ctx context.Context, limit int) ([]inbox.Inbound, error)
	// Handled marks a reply as seen, and gives its event to further endpoints.
	Handled(ctx context.Context, in inbox.Inbound, endpoints []sms.ID) error
	// DecideReply keeps a person's word on a reply that may be a STOP, and changes the
	// suppression list by it: a STOP makes the opt-out stand; a mere reply ends a
	// provisional one unless another reply of the number still waits.
	DecideReply(ctx context.Context, d inbox.ReplyDecision) (inbox.Inbound, error)
	// Undecided counts replies that may be a STOP and wait for a person.
	Undecided(ctx context.Context) (int, error)
	// Credit returns what is known of a connector's credit; zero when nothing is.
	Credit(ctx context.Context, connector string, since time.Time) (CreditRecord, error)
	// KeepCredit stores a reading and the state of its alert. alert, when not nil,
	// is told to every account in the same transaction.
	KeepCredit(ctx context.Context, r CreditRecord, alert []byte) error
	// TellAll tells every account of something that is about the whole gateway.
	TellAll(ctx context.Context, kind string, subject sms.ID, at time.Time, data []byte) error
	// Search returns messages, newest first; more tells that older ones match too.
	Search(ctx context.Context, q Query) (found []sms.Message, more bool, err error)
	// UnmatchedReceipts counts receipts that wait for a message, by connector.
	UnmatchedReceipts(ctx context.Context) (map[string]int, error)
}

// Move gives a queued message to another connector.
type Move struct {
	Message sms.Message
	To      string
	Price   sms.Money // what it costs there; 0: not known
	Event   sms.Event
}

// Leaves is when the message is due at its new connector, unless its row says
// something earlier: stores write the earlier of the two. A message that was tried is
// due at once, because the wait before its retry was for the operator that it leaves.
// One that was never tried keeps the date that its caller asked for.
func (m *Move) Leaves() time.Time {
	if m.Message.Attempt == 0 {
		return m.Message.DueAt
	}
	return m.Event.At
}

// Settled is what became of transitions.
type Settled struct {
	Applied int
	// Received are messages whose receipt had come before, and moved them on.
	Received []sms.ID
}

// Acceptance is what Accept makes durable.
type Acceptance struct {
	Drafts    []Draft // at least one; all of one submission
	Actor     string
	Decisions []Decision // those common to all drafts
	Key       *IdempotencyKey
	Answer    []byte // what to answer when the same key comes again
	At        time.Time
	Endpoint  sms.ID // of the webhook that the request named; zero: none
	Trace     string // as the messages will have it; empty: none
	// What quotas count of it. Where one does not allow it nothing is stored.
	Charges []quota.Charge
	Repeats []quota.Repeat
}

// Draft is a message on its way to being accepted, with the decisions that are
// its own.
type Draft struct {
	sms.Message
	Decisions []Decision

	index           int // position in Submission.To
	terms           *terms.Terms
	window          *terms.Window
	family, country string
}

// Decision is one thing that the gateway decided about a message, and why. The
// preview and the timeline show the same ones. Detail holds no number.
type Decision struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
	French string `json:"fr,omitempty"` // Detail in French, where there is one
}

// IdempotencyKey is the caller's promise that equal keys mean one request.
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

// Claim asks for work.
type Claim struct {
	Connector string
	Calls     int                      // most calls to fill
	Batch     int                      // most messages in one call
	SameText  bool                     // messages of one call must come from one submission
	Segments  int                      // most segments of all calls; 0: any number
	Rota      *Rota                    // whose turn it is; nil: anybody's
	Weight    func(account string) int // turns of an account in a row; nil: 1
	Now       time.Time
	Lease     string // that must be held, by Fence; empty: none
	Fence     int64
	Node      duty.Node
}

// Claimed is the work given.
type Claimed struct {
	Calls    [][]sms.Message
	Expired  int
	OptedOut int // marketing to people who said STOP since it was accepted
	// Short is how many segments the first call has, where that is more than was
	// allowed: nothing was claimed.
	Short int
	// Next is when the next message of the connector falls due; zero when none
	// waits. It is past when something was claimed, or more is due.
	Next time.Time
}

// Backlog counts what waits in one status at one connector.
type Backlog struct {
	Connector string
	Status    sms.Status
	Messages  int
	Oldest    time.Time // due time of the one that has waited longest
}
