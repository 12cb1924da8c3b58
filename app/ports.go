package app

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// ports are those that doors listen on. A port stays open while the doors of one
// configuration give way to those of the next: connections that come between wait in
// the system's queue.
type ports struct {
	mu   sync.Mutex
	open map[ask]*port
}

// ask is one of a configuration's asks for an address. Two doors that want the same one are
// two asks: with port 0 each gets a port of its own, and any other port is in use for the second.
type ask struct {
	address string
	before  int // asks of the same configuration for the same address
}

// port is one that is open, and lent to one door, or to two during a reload.
type port struct {
	listener *net.TCPListener
	turn     sync.Mutex // held by who accepts
	lent     int
}

// lend opens a port, or returns it once more.
func (p *ports) lend(ctx context.Context, wanted ask) (net.Listener, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.open[wanted]
	if at == nil {
		listener, err := listenOn(ctx, wanted.address)
		if err != nil {
			return nil, err
		}
		at = &port{listener: listener.(*net.TCPListener)} //nolint:forcetypeassert // listenOn is of TCP
		if p.open == nil {
			p.open = map[ask]*port{}
		}
		p.open[wanted] = at
	}
	at.lent++
	return &lentPort{port: at, giveBack: sync.OnceFunc(func() { p.giveBack(wanted, at) }), closed: make(chan struct{})}, nil
}

// giveBack closes a port that nobody has any more.
func (p *ports) giveBack(wanted ask, at *port) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at.lent--; at.lent == 0 {
		delete(p.open, wanted)
		at.listener.Close() //nolint:errcheck // nobody listens any more
	}
}

// lentPort is a port in the hands of one door.
type lentPort struct {
	port     *port
	giveBack func()
	once     sync.Once
	closed   chan struct{}
}

// Accept implements net.Listener. It waits until the door before has given the port back.
func (l *lentPort) Accept() (net.Conn, error) {
	l.port.turn.Lock()
	defer l.port.turn.Unlock()
	for {
		if l.isClosed() {
			return nil, net.ErrClosed
		}
		if err := l.port.listener.SetDeadline(time.Time{}); err != nil {
			return nil, err
		}
		if l.isClosed() { // between: the deadline that woke us may be gone
			return nil, net.ErrClosed
		}
		conn, err := l.port.listener.Accept()
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return conn, err
		}
	}
}

func (l *lentPort) isClosed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// Addr implements net.Listener.
func (l *lentPort) Addr() net.Addr { return l.port.listener.Addr() }

// Close implements net.Listener: the port is no longer this door's.
func (l *lentPort) Close() error {
	l.once.Do(func() {
		close(l.closed)
		l.port.listener.SetDeadline(time.Now()) //nolint:errcheck // a port that is closed wakes as well
		l.giveBack()
	})
	return nil
}
