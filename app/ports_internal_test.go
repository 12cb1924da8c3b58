package app

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"
)

// TestPortGoesOnToTheNextDoor: a port that two doors have, one after the other, refuses
// no connection between them, and is closed when nobody has it.
func TestPortGoesOnToTheNextDoor(t *testing.T) {
	var all ports
	lend := func() net.Listener {
		l, err := all.lend(t.Context(), ask{address: "127.0.0.1:0"})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	serve := func(l net.Listener, says string) *http.Server {
		s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, says)
		})}
		go s.Serve(l)
		return s
	}
	ask := func(at string) string {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+at, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	first := lend()
	at := first.Addr().String()
	old := serve(first, "old")
	if got := ask(at); got != "old" {
		t.Fatalf("%q answers", got)
	}
	for range 50 {
		second := lend()
		if second.Addr().String() != at {
			t.Fatalf("lent %s, want %s", second.Addr(), at)
		}
		answered := make(chan string, 1)
		if err := old.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		go func() { answered <- ask(at) }() // comes while nobody accepts
		old = serve(second, "new")
		if got := <-answered; got != "new" {
			t.Fatalf("%q answers", got)
		}
	}
	if err := old.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := new(net.Dialer).DialContext(t.Context(), "tcp", at); err == nil {
		t.Fatal("the port is open though nobody has it")
	}
}

// TestTwoDoorsNeverShareAPort: not by chance, where any port will do, and not by mistake.
func TestTwoDoorsNeverShareAPort(t *testing.T) {
	var all ports
	lend := func(wanted ask) (net.Listener, error) {
		l, err := all.lend(t.Context(), wanted)
		if err == nil {
			t.Cleanup(func() { l.Close() })
		}
		return l, err
	}
	first, err := lend(ask{"127.0.0.1:0", 0})
	if err != nil {
		t.Fatal(err)
	}
	second, err := lend(ask{"127.0.0.1:0", 1})
	if err != nil {
		t.Fatal(err)
	}
	at := first.Addr().String()
	if second.Addr().String() == at {
		t.Errorf("two doors have %s", at)
	}
	if _, err := lend(ask{at, 0}); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a port in use: %v", err)
	}
}

// TestRequestsDrain: those under way are waited for, and none begins after that.
func TestRequestsDrain(t *testing.T) {
	var r requests
	if !r.begin() {
		t.Fatal("refused")
	}
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := r.drain(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%v, want to wait for the request", err)
	}
	if r.begin() {
		t.Fatal("a request begins though no more are taken")
	}
}
