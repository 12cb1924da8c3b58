package smpp

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"relais/gateway"
	"relais/smpp"
	"relais/sms"
)

// Options make a Door.
type Options struct {
	Gateway Gateway
	Store   Store
	Clients map[string]Client // by system id
	// Ports are those that it answers on, TLS or not.
	Ports []net.Listener
	// Endpoint registers the endpoint of the outbox that a client's receipts and replies go to.
	Endpoint func(ctx context.Context, account, address, format string) (sms.ID, error)
	// Leads reports whether this node is the one that tells a client, by its account and the address of its
	// endpoint. nil: there is no other node.
	Leads func(account, address string) bool
	// Derive makes a text that is always the same for a label, and does not reveal it.
	Derive  func(label string) string
	Changed func() // a client is there, so that what waits for it may go; it must not wait
	Metrics *Metrics
	Timers  smpp.Timers    // zero: those of package smpp
	Zone    *time.Location // of the dates of receipts
	Log     *slog.Logger
	Now     func() time.Time
}

// Gateway is what the door asks of the gateway.
type Gateway interface {
	Submit(
		ctx context.Context, s gateway.Submission, answer func(*gateway.Result) ([]byte, error),
	) (*gateway.Result, error)
	// Preview tells what Submit would do, and changes nothing.
	Preview(ctx context.Context, s gateway.Submission, at time.Time) (*gateway.Result, error)
	Cancel(ctx context.Context, m sms.Message, actor sms.Actor) error
	// Room refuses where too much waits, with so many parts of messages.
	Room(parts int) error
}

// Store is what the door keeps, parts of messages, and what it reads: messages that clients ask about.
type Store interface {
	PartStore
	Message(ctx context.Context, account string, id sms.ID) (sms.Message, error)
	// Answer returns the first answer to an idempotency key; nil when the key is new.
	Answer(ctx context.Context, account string, key gateway.IdempotencyKey) ([]byte, error)
}

// Door answers SMPP clients.
type Door struct {
	Options

	clients map[string]*client
	guard   *guard
	hashing chan struct{} // a token for each password that is compared with its hash
	lobby   lobby

	stopping context.Context // ends when no more work is taken
	stop     context.CancelFunc
	under    sync.WaitGroup // connections, and the sweep

	mu       sync.Mutex
	closed   bool
	sessions map[*session]bool
}

// New makes a door.
func New(o Options) *Door {
	d := &Door{Options: o, clients: map[string]*client{}, guard: newGuard(), hashing: make(chan struct{}, 2), sessions: map[*session]bool{}}
	for name, one := range o.Clients {
		d.clients[name] = newClient(name, one)
	}
	d.stopping, d.stop = context.WithCancel(context.Background())
	return d
}

// Run implements door.Listener.
func (d *Door) Run(ctx context.Context) error {
	var accepting sync.WaitGroup
	for _, port := range d.Ports {
		accepting.Go(func() { d.accept(ctx, port) })
	}
	d.mu.Lock()
	if !d.closed {
		d.under.Go(func() { d.sweepParts(context.WithoutCancel(ctx)) })
	}
	d.mu.Unlock()
	accepting.Wait()
	return nil
}

// breath is how long the door waits when the machine has no room for a connection.
const breath = 100 * time.Millisecond

func (d *Door) accept(ctx context.Context, port net.Listener) {
	for {
		nc, err := port.Accept()
		switch {
		case err == nil:
			d.welcome(ctx, nc)
		case errors.Is(err, net.ErrClosed), d.stopping.Err() != nil:
			return
		default:
			d.Log.Warn("a connection was not taken", "door", "smpp", "error", err)
			d.wait(breath)
		}
	}
}

// wait waits, or until the door stops.
func (d *Door) wait(span time.Duration) {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.stopping.Done():
	}
}

// welcome takes a connection.
func (d *Door) welcome(ctx context.Context, nc net.Conn) {
	from := addressOf(nc)
	if d.guard.Shuts(from, d.Now()) {
		d.Metrics.shut()
		nc.Close()
		return
	}
	s := newSession(d, nc, from)
	if !d.begin(ctx, s) {
		nc.Close()
	}
}

// begin serves a session, unless the door has stopped.
func (d *Door) begin(ctx context.Context, s *session) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	if leaves := d.lobby.enter(s); leaves != nil {
		d.Metrics.crowded()
		leaves.conn.Close()
	}
	d.sessions[s] = true
	d.under.Go(func() { s.serve(ctx) })
	return true
}

func addressOf(nc net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(nc.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

func (d *Door) gone(s *session) {
	d.lobby.leave(s)
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sessions, s)
}

// Stop implements door.Listener. Each session is unbound once what it has under way was
// answered; what comes meanwhile is refused for a while.
func (d *Door) Stop(ctx context.Context) error {
	d.stop()
	for _, port := range d.Ports {
		port.Close()
	}
	d.mu.Lock()
	d.closed = true
	var ending sync.WaitGroup
	for s := range d.sessions {
		ending.Go(func() { s.end(ctx) })
	}
	d.mu.Unlock()
	ending.Wait()
	d.under.Wait()
	return nil
}
