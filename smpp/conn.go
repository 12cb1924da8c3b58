package smpp

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// Role is the side of a session.
type Role uint8

// The sides.
const (
	ESME Role = iota // the client, which binds
	SMSC             // the server, which is bound to
)

// Delivery is what is known of a request after Conn.Request.
type Delivery uint8

// What is known of a request.
const (
	NotWritten Delivery = iota // the peer cannot have read it: its last octet was never handed to the kernel
	Written                    // it was handed over, and no answer came: nobody knows
	Answered                   // the peer's word is there
)

// String is the delivery in words, for logs.
func (d Delivery) String() string {
	switch d {
	case Answered:
		return "answered"
	case Written:
		return "written, not answered"
	default:
		return "not written"
	}
}

// Options make a Conn. Zero values have the defaults that stand beside them.
type Options struct {
	Role Role
	// Window is how many of our requests may be unanswered: 10. enquire_link and unbind do
	// not count.
	Window int
	// SlowStart begins with a window of 1, which grows by one with each answer: a link that is
	// dead without a word costs one request then, and not a window of them.
	SlowStart bool
	// PeerWindow is how many of the peer's requests may wait for their answer: 10. With so
	// many the peer is not read any more.
	PeerWindow int
	Timers     Timers
	// Handle takes the peer's requests, one after another, in the goroutine of Serve. It may
	// answer at once, or hand the request on and return: Received.Respond is for any
	// goroutine. ctx ends with the session. It must be given.
	Handle func(ctx context.Context, r *Received)
	// Stray is told of responses to nothing that was asked; nil: nobody is.
	Stray func(PDU)
	// Trace is shown every PDU: what is about to be handed over, though that may fail, and what came;
	// a request before its response. It is called where PDUs are written and read, and must not
	// wait. What it is shown is not its own. nil: nobody is shown anything.
	Trace func(sent bool, p PDU)
}

// Timers are the times of a session (3.4, 7.2, which gives no values).
type Timers struct {
	Init     time.Duration // SMSC: until the bind; ESME: of the bind's response. 15 s, 30 s
	Enquire  time.Duration // silence of the peer, then enquire_link. ESME 30 s, SMSC 45 s; negative: never
	Alive    time.Duration // then, until a sign of life: 10 s
	Response time.Duration // of a request of ours. ESME 60 s, SMSC 30 s
	Half     time.Duration // for the rest of a PDU, and at most as long again: 30 s
	Write    time.Duration // for a PDU to be handed over: 10 s
	Unbind   time.Duration // of unbind's response, and for the peer to close: 5 s
}

func (t Timers) orDefaults(role Role) Timers {
	of := func(v *time.Duration, esme, smsc time.Duration) {
		switch {
		case *v != 0:
		case role == SMSC:
			*v = smsc
		default:
			*v = esme
		}
	}
	of(&t.Init, 30*time.Second, 15*time.Second)
	of(&t.Enquire, 30*time.Second, 45*time.Second)
	of(&t.Alive, 10*time.Second, 10*time.Second)
	of(&t.Response, time.Minute, 30*time.Second)
	of(&t.Half, 30*time.Second, 30*time.Second)
	of(&t.Write, 10*time.Second, 10*time.Second)
	of(&t.Unbind, 5*time.Second, 5*time.Second)
	return t
}

const defaultWindow = 10

// maxSequence is the last sequence_number; 1 follows (3.4, 3.2).
const maxSequence = 0x7FFFFFFF

// Conn is one session. Its owner calls Serve in a goroutine of its own, and the others from
// where he likes; Conn starts none.
type Conn struct {
	nc     net.Conn
	o      Options
	reader *Reader
	window *window
	theirs chan struct{} // a token for each request of the peer that is not answered

	writing sync.Mutex // held while a PDU is written
	out     []byte     // room for it

	broken chan struct{} // closed when the session cannot go on
	done   chan struct{} // closed when Serve has ended

	mu       sync.Mutex
	table    map[uint32]*pending
	sequence uint32
	bound    Command // the bind that stands; 0: none
	binding  bool    // SMSC: a bind is being judged
	closing  bool    // no further request of ours
	drained  chan struct{}
	unbind   *uint32 // the sequence of the peer's unbind, until it is answered
	unbindAt time.Time
	cause    error // why the session ends
	heard    time.Time
	began    time.Time
	half     time.Time     // since when a part of a PDU is there; zero: none
	asked    time.Time     // when enquire_link was sent that nothing followed; zero: none
	alive    chan struct{} // closed when something does; nil: none is asked for
	enquired uint32        // its sequence
	given    int           // requests that nobody waits for any more
	gaveUp   time.Time     // when the last became one
	ends     time.Time     // when a broken session, or one that unbinds, is read no longer
}

// pending is a request of ours without an answer.
type pending struct {
	request   Command
	answer    chan PDU // of one
	late      func(PDU)
	written   func()    // called when it was; nil: nobody wants to know
	places    bool      // it has a place in the window
	abandoned time.Time // since when nobody waits for it; zero: somebody does
}

// NewConn makes a session of a connection, TLS or not. Serve must be called; it closes the
// connection.
func NewConn(nc net.Conn, o Options) *Conn {
	if o.Window <= 0 {
		o.Window = defaultWindow
	}
	if o.PeerWindow <= 0 {
		o.PeerWindow = defaultWindow
	}
	o.Timers = o.Timers.orDefaults(o.Role)
	now := time.Now()
	return &Conn{
		nc: nc, o: o, reader: NewReader(nc), window: newWindow(o.Window, o.SlowStart),
		theirs: make(chan struct{}, o.PeerWindow),
		broken: make(chan struct{}), done: make(chan struct{}), drained: make(chan struct{}),
		table: map[uint32]*pending{}, began: now, heard: now,
	}
}

// Done is closed when Serve has ended: nothing is answered any more.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Bound returns the bind that the session has, or 0.
func (c *Conn) Bound() Command {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bound
}

// Unanswered is how many requests of ours hold a place in the window.
func (c *Conn) Unanswered() (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.table {
		if p.places {
			n++
		}
	}
	return n
}

// Close ends the session without unbind. The peer may keep its end for a while, and refuse
// the next bind meanwhile.
func (c *Conn) Close() {
	c.fail(ErrClosed)
	c.nc.Close()
}

// lastRead is how long a session that broke is still read: answers may have arrived before
// the end, and each is one doubt less.
const lastRead = time.Second

// fail ends the session. The first cause holds.
func (c *Conn) fail(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failLocked(cause)
}

func (c *Conn) failLocked(cause error) {
	if c.cause != nil {
		return
	}
	c.cause = cause
	c.closing = true
	c.ends = time.Now().Add(lastRead)
	close(c.broken)
	c.wake()
}

// wake has Serve look at the time. The lock is held.
func (c *Conn) wake() {
	_ = c.nc.SetReadDeadline(time.Now()) // where it fails the read has ended
}

// failed is why the session ended or ends.
func (c *Conn) failed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause == nil {
		return ErrClosed
	}
	return c.cause
}

// write hands one PDU over. whole reports whether its last octet may have left.
func (c *Conn) write(p PDU) (whole bool, err error) {
	c.writing.Lock()
	defer c.writing.Unlock()
	octets, err := Append(c.out[:0], p)
	if err != nil {
		return false, err
	}
	c.out = octets
	if len(octets) > readAhead {
		c.out = nil
	}
	select {
	case <-c.broken:
		return false, c.failed()
	default:
	}
	if err := c.nc.SetWriteDeadline(time.Now().Add(c.o.Timers.Write)); err != nil {
		c.fail(err)
		return false, err
	}
	c.trace(true, p)
	n, err := c.nc.Write(octets)
	if err != nil {
		c.fail(err)
	}
	return n >= len(octets), err
}

func (c *Conn) trace(sent bool, p PDU) {
	if c.o.Trace != nil {
		c.o.Trace(sent, p)
	}
}

// Send writes a PDU as it is: what a peer does that obeys no rule. Nothing is waited for.
func (c *Conn) Send(p PDU) error {
	_, err := c.write(p)
	return err
}

// isTimeout reports whether a read ended because of its deadline.
func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}
