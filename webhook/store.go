package webhook

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"relais/sms"
)

// EndpointStore keeps endpoints and their secrets. Each method is one use
// case, atomic inside and synced to disk when it returns nil. What does not exist, or
// belongs to another account, is ErrUnknown.
type EndpointStore interface {
	// AddEndpoint stores e, unless the account has an endpoint with the same Key.
	// Then it changes nothing and returns that one.
	AddEndpoint(ctx context.Context, e Endpoint) (known *Endpoint, err error)
	Endpoint(ctx context.Context, account string, id sms.ID) (Endpoint, error)
	Endpoints(ctx context.Context, account string) ([]Endpoint, error)
	// RemoveEndpoint drops the endpoint and what waits for it.
	RemoveEndpoint(ctx context.Context, account string, id sms.ID) error
	// ChangeEndpoint stores URL, Events, State, Reason, Failures, FailingAt and ProbeAt of
	// after, where URL, Events and State are still those of before. Otherwise it changes
	// nothing and returns ErrOutdated.
	ChangeEndpoint(ctx context.Context, before, after Endpoint) error
	// RequestEndpoint returns the account's endpoint of origin request for a URL,
	// made with the account's signing secret when there is none. The same URL with
	// another format is another endpoint. fresh is the sealed secret to keep when
	// the account has none yet. Where the account has as many such endpoints with a format as
	// most says, a new one is ErrFull; 0: there is no bound.
	RequestEndpoint(
		ctx context.Context, account, url, format string, fresh []byte, now time.Time, most int,
	) (Endpoint, error)
	// SigningSecret returns the sealed secret of the account's endpoints of origin
	// request, and keeps fresh when there is none; without fresh it keeps nothing and
	// returns nil. replace keeps fresh anyway, for these endpoints too.
	SigningSecret(
		ctx context.Context, account string, fresh []byte, replace bool, now time.Time,
	) ([]byte, error)
	// Rotate puts a secret in the place of the one before, which signs beside it until
	// then. The request that made the last rotation changes nothing, and gets the same
	// answer.
	Rotate(ctx context.Context, r Rotation) (Rotated, error)
	// Replay makes deliveries due again from the start: one by its seq, or those
	// of a state since a time. It returns how many.
	Replay(ctx context.Context, r Replay) (int, error)
	// CountReplay returns how many Replay would make due.
	CountReplay(ctx context.Context, r Replay) (int, error)
}

// DeliveryStore keeps the outbox and its deliveries, as EndpointStore does.
type DeliveryStore interface {
	Endpoint(ctx context.Context, account string, id sms.ID) (Endpoint, error)
	// JudgeEndpoint stores State, Reason, Failures, FailingAt and ProbeAt of after, unless
	// the endpoint is gone, or somebody gave it another state than that of before.
	JudgeEndpoint(ctx context.Context, before, after Endpoint) error
	// Former returns secrets that sign for an endpoint beside its own, the latest
	// first.
	Former(ctx context.Context, e *Endpoint, now time.Time, limit int) ([]Former, error)
	// DropFormer drops secrets that sign no more.
	DropFormer(ctx context.Context, now time.Time) error
	// Busy lists the endpoints of every account that have a delivery due, or a
	// probe while quarantined, and when the next one of all will be due; zero when
	// none waits.
	Busy(ctx context.Context, now time.Time) (busy []Endpoint, next time.Time, err error)
	// Standing says how the endpoints of every account stand.
	Standing(ctx context.Context) (Standing, error)
	// Due returns deliveries of one endpoint that are due, the oldest event first,
	// with their events. It leaves out what stands in skip, and what has an
	// earlier delivery about the same subject still pending.
	Due(ctx context.Context, e Endpoint, now time.Time, skip map[int64]bool, limit int) ([]Delivery, error)
	// SettleDeliveries stores the outcome of attempts.
	SettleDeliveries(ctx context.Context, attempts []Attempt) error
	// Prune drops events that came before a time and wait for nobody, and their
	// finished deliveries, a bounded number a call, and returns how many.
	Prune(ctx context.Context, before time.Time) (int, error)
}

// Log shows what became of deliveries.
type Log interface {
	// Deliveries lists the log of an endpoint, newest first, before a seq when
	// that is not 0. state filters when not empty.
	Deliveries(
		ctx context.Context, account string, id sms.ID, state DeliveryState, before int64, limit int,
	) ([]Delivery, error)
	// Feed lists events of the account, and of the whole gateway, after a seq.
	Feed(ctx context.Context, account string, after int64, types []Type, limit int) ([]Event, error)
}

// OneDelivery finds an event in the log of an endpoint, by its name or its place in the
// feed. What is not there is ErrUnknown.
func OneDelivery(ctx context.Context, log Log, account string, id sms.ID, event string) (Delivery, error) {
	seq, err := strconv.ParseInt(strings.TrimPrefix(event, eventPrefix), 10, 64)
	if err != nil || seq < 1 || seq == math.MaxInt64 {
		return Delivery{}, ErrUnknown
	}
	found, err := log.Deliveries(ctx, account, id, "", seq+1, 1)
	if err != nil {
		return Delivery{}, err
	}
	if len(found) == 0 || found[0].Event.Seq != seq {
		return Delivery{}, ErrUnknown
	}
	return found[0], nil
}

// Standing is how the endpoints of every account stand, for who looks after the
// gateway.
type Standing struct {
	Endpoints map[State]int
	// Oldest is when the delivery to an active endpoint that has waited longest
	// was due, behind an earlier one of its subject too; zero when none waits.
	Oldest time.Time
}

// Add counts an endpoint and the delivery of it that was due first; zero when
// none waits.
func (s *Standing) Add(state State, due time.Time) {
	s.Endpoints[state]++
	if state == Active && !due.IsZero() && (s.Oldest.IsZero() || due.Before(s.Oldest)) {
		s.Oldest = due
	}
}

// DeliveryState says where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	Pending   DeliveryState = "pending"
	Delivered DeliveryState = "delivered"
	Failed    DeliveryState = "failed" // given up
)

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	Event    Event
	Endpoint sms.ID
	Account  string // of the endpoint
	State    DeliveryState
	Attempts int       // made so far
	NextAt   time.Time // while pending
	Until    time.Time // given up after
	Last     Try       // the last attempt; its moment is zero when there was none
	Earlier  []Try     // those before it that are remembered, the oldest first
}

// Attempt is one request with what it does to its delivery.
type Attempt struct {
	Try

	Account  string // of the endpoint
	Endpoint sms.ID
	Seq      int64
	State    DeliveryState // after it
	NextAt   time.Time     // when State is Pending
	Earlier  []Try         // of the delivery, behind it
}

// Replay chooses deliveries to make again.
type Replay struct {
	Account  string
	Endpoint sms.ID
	Seq      int64         // one; 0: those of the two fields below
	State    DeliveryState // empty: failed ones
	Since    time.Time
	Limit    int // at most so many, the oldest events first
	Now      time.Time
}
