package mail

import (
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Bounds of connections.
const (
	mostLines = 200 // that stand at once
	mostOfOne = 20  // of them from one address
	longest   = 30 * time.Minute
)

// lines are the connections that stand.
type lines struct {
	mu       sync.Mutex
	open     map[*line]bool
	stopping bool
}

// enter takes a connection in, unless there are too many.
func (l *lines) enter(one *line) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	same := 0
	for other := range l.open {
		if other.from == one.from {
			same++
		}
	}
	if l.stopping || len(l.open) >= mostLines || same >= mostOfOne {
		return false
	}
	l.open[one] = true
	return true
}

func (l *lines) leave(one *line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, one)
}

func (l *lines) all() (all []*line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for one := range l.open {
		all = append(all, one)
	}
	return all
}

// hurry has every connection end as soon as it waits for its client.
func (l *lines) hurry() {
	l.mu.Lock()
	l.stopping = true
	l.mu.Unlock()
	for _, one := range l.all() {
		one.hurry()
	}
}

func (l *lines) close() {
	for _, one := range l.all() {
		one.Conn.Close()
	}
}

// line is a connection that ends in time.
type line struct {
	net.Conn
	from  netip.Addr
	lines *lines
	until time.Time

	mu      sync.Mutex
	hurries bool // nothing is read any more
	last    bool // the next answer is the last one
	closing sync.Once
}

// SetReadDeadline implements net.Conn: never later than the end of the connection.
func (l *line) SetReadDeadline(at time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.hurries:
		at = time.Unix(1, 0)
	case at.IsZero() || at.After(l.until):
		at = l.until
	}
	return l.Conn.SetReadDeadline(at)
}

// hurry ends what the connection waits for.
func (l *line) hurry() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hurries = true
	l.Conn.SetReadDeadline(time.Unix(1, 0)) //nolint:errcheck // it is over then
}

// end closes the connection with the next answer.
func (l *line) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = true
}

// Write implements net.Conn.
func (l *line) Write(b []byte) (int, error) {
	n, err := l.Conn.Write(b)
	l.mu.Lock()
	last := l.last
	l.mu.Unlock()
	if last {
		l.hurry()
	}
	return n, err
}

// Close implements net.Conn. What the client is still sending is read for a moment: else it would lose the last answer, which says why.
func (l *line) Close() error {
	l.closing.Do(l.linger)
	l.lines.leave(l)
	return l.Conn.Close()
}

// Bounds of what is read of a client whose connection is over.
const (
	lingers    = time.Second
	mostLinger = 8 << 20
)

func (l *line) linger() {
	tcp, ok := l.Conn.(interface{ CloseWrite() error })
	if !ok || tcp.CloseWrite() != nil || l.Conn.SetReadDeadline(time.Now().Add(lingers)) != nil {
		return
	}
	io.CopyN(io.Discard, l.Conn, mostLinger) //nolint:errcheck // it is over either way
}

// entrance is the listener of a port: it turns away who comes too often, and bounds the others.
type entrance struct {
	net.Listener
	port *port
}

// Accept implements net.Listener.
func (e *entrance) Accept() (net.Conn, error) {
	d := e.port.door
	for {
		conn, err := e.Listener.Accept()
		if err != nil {
			return nil, err
		}
		one := &line{Conn: conn, from: addressOfPeer(conn), lines: &d.lines, until: time.Now().Add(longest)}
		switch {
		case d.guard.Shuts(one.from, d.Now()):
			d.Metrics.turned("address")
			e.sendAway(conn, "421 4.7.0 Too many logins failed from your address: try again in a minute\r\n")
		case !d.lines.enter(one):
			d.Metrics.turned("crowded")
			e.sendAway(conn, "421 4.3.2 Too many connections: try again\r\n")
		case e.port.secure:
			return tls.Server(one, e.port.TLS), nil
		default:
			return one, nil
		}
	}
}

// sendAway closes a connection, with a word where its client reads the clear.
func (e *entrance) sendAway(conn net.Conn, word string) {
	if !e.port.secure {
		conn.SetWriteDeadline(time.Now().Add(time.Second)) //nolint:errcheck // it closes
		io.WriteString(conn, word)                         //nolint:errcheck // nobody has to hear it
	}
	conn.Close()
}

func addressOfPeer(conn net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

// budget bounds the octets of the mails that are read at a time. It counts each as it came, once: reading its parts and its
// signature copies it, so that the memory is up to three times that.
type budget struct {
	mu   sync.Mutex
	left int
}

func (b *budget) take(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < n {
		return false
	}
	b.left -= n
	return true
}

func (b *budget) give(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
}

// readAll reads a mail into memory that the budget has; release gives it back.
func (b *budget) readAll(r io.Reader) (raw []byte, release func(), err error) {
	const step = 32 << 10
	taken := 0
	release = func() { b.give(taken) }
	for {
		if len(raw) == cap(raw) {
			more := max(step, len(raw)) // twice as much each time, and the old one beside it for a moment
			if !b.take(more) {
				return nil, release, errNoMemory
			}
			taken += more
			raw = append(make([]byte, 0, len(raw)+more), raw...)
		}
		n, err := r.Read(raw[len(raw):cap(raw)])
		raw = raw[:len(raw)+n]
		switch {
		case err == io.EOF:
			return raw, release, nil
		case err != nil:
			return nil, release, err
		}
	}
}
