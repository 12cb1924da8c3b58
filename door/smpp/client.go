package smpp

import (
	"crypto/sha256"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"relais/smpp"
	"relais/sms"
)

// Client is who may bind, by a system id.
type Client struct {
	Password      string // or its hash
	Account       string
	AllowFrom     []netip.Prefix // empty: from everywhere
	MaxBinds      int
	Window        int
	Rate          float64 // segments a second; 0: not bounded
	Alphabet      smpp.Charset
	UUIDs         bool // message_id has 36 characters
	Receipts      string
	Replies       string
	KeyTLV        int           // tag of the parameter with an idempotency key; 0: none
	RepeatsWithin time.Duration // in which the same message again is the first one; 0: never
	Sender        sms.Sender    // of messages without source_addr
	National      bool          // bare digits are national numbers
	Connector     string
	Class         sms.Class
	UrgentClass   sms.Class // of priority_flag 3; empty: Class
}

// client is one with what goes on between it and the door.
type client struct {
	Client

	systemID string
	actor    sms.Actor
	pace     *pace
	sweeping sync.Mutex // held by a round of the sweep, with the two below
	tellAt   time.Time  // when it is told of parts again
	pause    time.Duration
	proved   atomic.Pointer[[sha256.Size]byte] // of the password that was found to be that of the hash
	waiting  atomic.Int64                      // parts that wait, about: since they were counted
	joining  [16]sync.Mutex                    // of a long message that is put together, by the first letter of its name

	mu       sync.Mutex
	binds    []*session // that stand
	turn     int        // which of them receives next
	answers  map[*smpp.Received]chan struct{}
	endpoint sms.ID
	found    time.Time // when endpoint was asked for
}

func newClient(systemID string, c Client) *client {
	return &client{
		Client: c, systemID: systemID, actor: sms.DoorActor("smpp", systemID), pace: newPace(c.Rate),
		answers: map[*smpp.Received]chan struct{}{},
	}
}

// add takes a bind in, unless there are as many as there may be.
func (c *client) add(s *session) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.binds) >= c.MaxBinds {
		return false
	}
	c.binds = append(c.binds, s)
	return true
}

// remove takes a bind out that is over.
func (c *client) remove(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.binds = slices.DeleteFunc(c.binds, func(one *session) bool { return one == s })
}

// standing are the binds there are.
func (c *client) standing() []*session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.binds)
}

// receiver is the bind by which the next receipt or reply goes: each that receives in its turn.
// several reports whether there are other binds, of either kind.
func (c *client) receiver() (s *session, several bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for range c.binds {
		c.turn = (c.turn + 1) % len(c.binds)
		if one := c.binds[c.turn]; one.receives() {
			return one, len(c.binds) > 1
		}
	}
	return nil, false
}

// answering notes a request that is being answered; done is called once the answer was written.
func (c *client) answering(r *smpp.Received) (done func()) {
	written := make(chan struct{})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers[r] = written
	return func() {
		close(written)
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.answers, r)
	}
}

// underAnswer are the requests whose answers are not written yet.
func (c *client) underAnswer() []chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]chan struct{}, 0, len(c.answers))
	for _, written := range c.answers {
		all = append(all, written)
	}
	return all
}
