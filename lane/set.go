package lane

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"time"

	"relais/connector"
	"relais/duty"
	"relais/inbox"
	"relais/policy"
	"relais/sender"
	"relais/sms"
	"relais/trace"
)

// Options are what all lanes of a gateway have in common.
type Options struct {
	Store        Store
	Inbox        Inbox
	Health       Health
	ReceiptTimes ReceiptTimes
	ResendCodes  bool   // one-time codes are sent again when the operator cannot tell whether it took them
	Currency     string // of all amounts, ISO 4217
	// Account says how an account's messages are treated.
	Account func(name string) Account
	// Waiting is told how many messages came to the queue, or left it.
	Waiting func(messages int)
	// Told is called after something was put in the outbox; it must not wait.
	Told      func()
	Fallbacks bool // messages may go on through other connectors
	// LookEvery is how long a lane sleeps at most before it looks for work that
	// other nodes accepted; 0: it is told of all.
	LookEvery time.Duration
	Roster    *duty.Roster
	Metrics   *Metrics
	Traces    *trace.Tracer // nil: off
	Log       *slog.Logger
	Now       func() time.Time
}

// Account is how the messages of an account are treated.
type Account struct {
	Weight int // turns in a row
	Policy *policy.Pack
}

// Store is the durable state that lanes need: what each of their parts does, in a few use
// cases, atomic inside.
type Store interface {
	ClaimStore
	SettleStore
	MoveStore
	AwaitStore
	ChanceStore
	DoubtStore
	CursorStore
	PauseStore
}

// Inbox takes what operators tell.
type Inbox interface {
	// Accept stores it. Nobody tells again what was pushed.
	Accept(ctx context.Context, from inbox.Teller, news connector.News, pushed bool) (inbox.Received, error)
}

// Set is the lanes of a gateway.
type Set struct {
	o      Options
	lanes  map[string]*Lane
	order  []string
	pauses *Pauses

	calling context.Context // ends when a stop has waited long enough
	cut     context.CancelFunc
	calls   sync.WaitGroup
}

// NewSet makes a set without lanes.
func NewSet(o Options) *Set {
	if o.LookEvery <= 0 {
		o.LookEvery = Idle
	}
	s := &Set{o: o, lanes: map[string]*Lane{}}
	s.pauses = newPauses(s)
	s.calling, s.cut = context.WithCancel(context.Background())
	return s
}

// Add makes the lane of an instance, whose name is new.
func (s *Set) Add(i Instance) *Lane {
	l := s.newLane(&i)
	s.lanes[i.Name] = l
	s.order = append(s.order, i.Name)
	s.o.Metrics.begin(l)
	s.o.Metrics.showState(i.Name, Running)
	return l
}

// Get returns a lane by its name; nil when there is none.
func (s *Set) Get(name string) *Lane { return s.lanes[name] }

// Names are those of the lanes, in the order in which they were added.
func (s *Set) Names() []string { return s.order }

// All are the lanes, in the order in which they were added.
func (s *Set) All() []*Lane {
	all := make([]*Lane, len(s.order))
	for i, name := range s.order {
		all[i] = s.lanes[name]
	}
	return all
}

// Pauses are the connectors that people paused.
func (s *Set) Pauses() *Pauses { return s.pauses }

// Known are those of names that are lanes.
func (s *Set) Known(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return s.lanes[name] == nil })
}

// Wait waits for the calls under way.
func (s *Set) Wait() { s.calls.Wait() }

// Cut ends the calls under way; their messages are in doubt.
func (s *Set) Cut() { s.cut() }

func (s *Set) now() time.Time { return s.o.Now() }

// Alternative is the next connector of a message that its own certainly did
// not take, "" when there is none that is fit.
func (s *Set) Alternative(m *sms.Message) string {
	from := sender.Read(m.Sender)
	for _, name := range m.Routes {
		if name == m.Connector || s.lanes[name] == nil {
			continue
		}
		if fit, _ := s.lanes[name].FitFor(m.Kind, from, ToSend); fit {
			return name
		}
	}
	return ""
}

// BlockedData is the data of the event connector.blocked.
type BlockedData struct {
	Connector string    `json:"connector"`
	Reason    string    `json:"reason"`
	Until     time.Time `json:"until" doc:"when it is tried again"`
	At        time.Time `json:"at"`
}

// tellBlocked lets every account know that a connector needs a person.
func (l *Lane) tellBlocked(reason string, until time.Time) {
	now := l.o.Now()
	data, err := json.Marshal(BlockedData{
		Connector: l.Name, Reason: reason, Until: until.UTC(), At: now.UTC(),
	})
	if err == nil {
		err = l.o.Store.TellAll(context.Background(), "connector.blocked", sms.NewID(now), now, data)
	}
	if err != nil {
		l.o.Log.Error("cannot tell that a connector is blocked", "connector", l.Name, "error", err)
		return
	}
	l.o.Told()
}
