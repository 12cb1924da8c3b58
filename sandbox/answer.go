package sandbox

import (
	"net"
	"net/http"
	"strconv"
	"time"
)

// answer is what an operator says to one call, before a fault spoils it.
type answer struct {
	status int
	ctype  string
	body   []byte
	taken  int // messages that the call made the operator take
}

func (a answer) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", a.ctype)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that went away is no news
}

const (
	typeJSON = "application/json; charset=utf-8"
	typeHTML = "text/html;charset=utf-8"
	typeText = "text/plain; charset=utf-8"
)

// writeCut declares the whole length and sends half of it; net/http then closes
// the connection.
func (a answer) writeCut(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", a.ctype)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body[:len(a.body)/2])
}

// drop closes the connection without an answer; reset makes it a TCP reset.
func drop(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the documented way to close a connection that cannot be taken over
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// hold waits, in real time, and tells whether the whole delay went by before
// the server stopped or gone was closed.
func (s *Server) hold(delay time.Duration, gone <-chan struct{}) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	if s.held != nil {
		s.held <- struct{}{}
	}
	select {
	case <-timer.C:
		return true
	case <-gone:
		return false
	case <-s.stop:
		return false
	}
}
