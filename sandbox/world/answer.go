package world

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Answer is what an operator says to one call, before a fault spoils it.
type Answer struct {
	Status int
	Type   string
	Body   []byte
	Taken  int // messages that the call made the operator take
}

// Write sends the answer.
func (a Answer) Write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", a.Type)
	h.Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // a client that went away is no news
}

// The types of answers.
const (
	TypeJSON = "application/json; charset=utf-8"
	TypeHTML = "text/html;charset=utf-8"
	TypeText = "text/plain; charset=utf-8"
)

// writeCut declares the whole length and sends half of it; net/http then closes
// the connection.
func (a Answer) writeCut(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", a.Type)
	h.Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body[:len(a.Body)/2])
}

// mostEndless bounds an answer without end, for a client that reads all of it.
const mostEndless = 256 << 20

// writeOn sends the answer with white space behind it, until the client goes.
func (a Answer) writeOn(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", a.Type)
	w.WriteHeader(a.Status)
	_, err := w.Write(a.Body)
	blanks := bytes.Repeat([]byte(" "), 64<<10)
	for sent := 0; err == nil && sent < mostEndless && r.Context().Err() == nil; sent += len(blanks) {
		_, err = w.Write(blanks)
	}
}

// Drop closes the connection without an answer; reset makes it a TCP reset.
func Drop(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the documented way to close a connection that cannot be taken over
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// Hold waits, in real time, and reports whether the whole delay went by before
// the sandbox stopped or gone was closed.
func (w *World) Hold(delay time.Duration, gone <-chan struct{}) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	if w.held != nil {
		w.held <- struct{}{}
	}
	select {
	case <-timer.C:
		return true
	case <-gone:
		return false
	case <-w.stop:
		return false
	}
}

// Page is a small document of HTML, of the sort that servers answer in trouble.
func Page(title, sentence string) []byte {
	return []byte("<!doctype html><html><head><meta charset=\"utf-8\"><title>" + title +
		"</title></head><body><h1>" + title + "</h1><p>" + sentence + "</p></body></html>\n")
}
