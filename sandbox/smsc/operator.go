package smsc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"relais/sandbox/world"
)

// The fixed credentials. They are public and open nothing but a sandbox.
const (
	SystemID = "relais"
	Password = "secret08"
)

// mostBinds is how many sessions there may be at once; observed limits are 1 to 10, and a test
// needs room.
const mostBinds = 100

// Options adjusts the SMSC. The zero value is usable.
type Options struct {
	Log   *slog.Logger // nil: no log
	Taken int64        // ids that were given before
}

// SMSC is the simulated SMSC.
type SMSC struct {
	world  *world.World
	count  *world.Counters
	log    *slog.Logger
	ledger *ledger
	queue  *queue

	running sync.WaitGroup
	quit    context.Context //nolint:containedctx // of the sessions, which nobody else owns
	cancel  context.CancelFunc

	mu       sync.Mutex
	settings Settings
	sessions map[*session]bool
	address  string
	listener net.Listener
	closed   bool
}

// New makes an SMSC in a world. Listen opens it.
func New(w *world.World, o Options) *SMSC {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &SMSC{
		world: w, count: w.Tally.Of(world.SMSC), log: o.Log, ledger: newLedger(o.Taken), queue: newQueue(),
		sessions: map[*session]bool{}, settings: Settings{}.complete(),
	}
	s.quit, s.cancel = context.WithCancel(context.Background())
	return s
}

// Listen takes sessions at an address until Close.
func (s *SMSC) Listen(address string) error {
	l, err := new(net.ListenConfig).Listen(s.quit, "tcp", address)
	if err != nil {
		return fmt.Errorf("the simulated SMSC cannot listen on %s: %w", address, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errors.Join(net.ErrClosed, l.Close())
	}
	s.listener, s.address = l, l.Addr().String()
	s.running.Go(func() { s.accept(l) })
	return nil
}

// Address is where it listens, host and port.
func (s *SMSC) Address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.address
}

// Close ends every session without unbind, and returns when nothing runs any more.
func (s *SMSC) Close() {
	s.mu.Lock()
	s.closed = true
	l := s.listener
	s.mu.Unlock()
	s.cancel()
	if l != nil {
		l.Close()
	}
	s.queue.close()
	s.running.Wait()
}

func (s *SMSC) accept(l net.Listener) {
	for {
		nc, err := l.Accept()
		if err != nil {
			return // Close, or an outage
		}
		s.running.Go(func() { s.serve(nc) })
	}
}

// outage refuses connections and cuts those that are there, then listens again at the same port.
func (s *SMSC) outage(pause time.Duration) {
	s.mu.Lock()
	l := s.listener
	s.listener = nil
	cut := make([]*session, 0, len(s.sessions))
	for one := range s.sessions {
		cut = append(cut, one)
	}
	s.mu.Unlock()
	if l == nil {
		return // one is under way
	}
	l.Close()
	for _, one := range cut {
		one.conn.Close()
	}
	s.running.Go(func() { s.listenAgain(pause) })
}

// listenAgain waits, then opens the port, which may take a few tries.
func (s *SMSC) listenAgain(pause time.Duration) {
	const again = 50 * time.Millisecond
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-s.quit.Done():
			return
		case <-timer.C:
		}
		err := s.Listen(s.Address())
		if err == nil || errors.Is(err, net.ErrClosed) {
			return
		}
		s.log.Warn("the simulated SMSC cannot listen again yet", "error", err)
		timer.Reset(again)
	}
}

// Idle reports whether no receipt and no reply waits for an ESME.
func (s *SMSC) Idle() bool { return s.queue.length() == 0 }

// Settings returns how the SMSC behaves.
func (s *SMSC) Settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings
}

// Set changes how it behaves from now on. The error is a *world.FaultError.
func (s *SMSC) Set(settings Settings) error {
	settings = settings.complete()
	if err := settings.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings = settings
	return nil
}

// Taken is what was taken from ESMEs, in order.
func (s *SMSC) Taken() []Taken { return s.ledger.list() }
