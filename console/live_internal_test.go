package console

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/auth"
	"relais/sms"
	"relais/webhook"
)

// outbox is one that a test fills.
type outbox struct {
	mu  sync.Mutex
	all []webhook.Happening
}

func (o *outbox) add(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for range n {
		o.all = append(o.all, webhook.Happening{
			Seq: int64(len(o.all) + 1), Type: webhook.MessageSubmitted, Subject: sms.NewID(time.Now()),
		})
	}
}

func (o *outbox) Changes(_ context.Context, _ string, after int64, limit int) ([]webhook.Happening, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if after >= int64(len(o.all)) {
		return nil, nil
	}
	found := o.all[after:]
	return append([]webhook.Happening{}, found[:min(limit, len(found))]...), nil
}

func (o *outbox) LastChange(context.Context, string) (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return int64(len(o.all)), nil
}

// anybody lets in who has a cookie: its value is the name.
type anybody struct {
	People
	Endings

	mu    sync.Mutex
	ended bool
}

func (a *anybody) Session(_ context.Context, token string) (auth.Session, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ended {
		return auth.Session{}, &problem{http.StatusUnauthorized, phrase("not_found")}
	}
	return auth.Session{ID: token, User: auth.User{
		ID: token, Name: token, Roles: []auth.Grant{{Account: "town", Role: auth.Agent}},
	}}, nil
}

func (a *anybody) Look(ctx context.Context, token string) (auth.Session, error) {
	return a.Session(ctx, token)
}

type oneAccount struct{ Reader }

func (oneAccount) Accounts(context.Context) ([]auth.Account, error) {
	return []auth.Account{{Name: "town"}}, nil
}

func streaming(t *testing.T, o *outbox, people *anybody) (*Console, *httptest.Server) {
	t.Helper()
	return streamingWithin(t, o, people, time.Minute)
}

// streamingWithin is streaming by a server with deadlines.
func streamingWithin(
	t *testing.T, o *outbox, people *anybody, deadline time.Duration,
) (*Console, *httptest.Server) {
	t.Helper()
	c := New(Options{
		Changes: o, People: people, Endings: people, Reader: oneAccount{}, Zone: time.UTC, Now: time.Now,
		Log: slog.New(slog.DiscardHandler),
	})
	server := httptest.NewUnstartedServer(c)
	server.Config.ReadTimeout, server.Config.WriteTimeout = deadline, deadline
	server.Config.IdleTimeout = time.Second
	server.Start()
	t.Cleanup(func() {
		c.EndStreams()
		server.Close()
	})
	return c, server
}

// dial opens a stream by hand.
func dial(t *testing.T, server *httptest.Server, user, more string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET /console/live?topics=messages HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: relais=%s\r\n%s\r\n", user, more)
	return conn, bufio.NewReader(conn)
}

// until reads lines until one has a beginning.
func until(t *testing.T, conn net.Conn, r *bufio.Reader, begin string) string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("no %q: %v", begin, err)
		}
		if strings.HasPrefix(line, begin) {
			return strings.TrimSpace(line)
		}
	}
}

// The deadlines of the server, here two seconds, do not end a stream.
func TestAStreamOutlivesTheServersDeadlines(t *testing.T) {
	o := &outbox{}
	_, server := streamingWithin(t, o, &anybody{}, 2*time.Second)
	conn, r := dial(t, server, "anne", "")
	until(t, conn, r, "retry:")
	<-time.After(3 * time.Second)
	o.add(1)
	until(t, conn, r, "id: 1")
	if got := until(t, conn, r, "data:"); got != "data: message "+o.all[0].Subject.String() {
		t.Error(got)
	}
}

func TestAStreamGoesOnWhereItStopped(t *testing.T) {
	o := &outbox{}
	o.add(7)
	_, server := streaming(t, o, &anybody{})
	conn, r := dial(t, server, "anne", "Last-Event-ID: 4\r\n")
	for want := 5; want <= 7; want++ {
		until(t, conn, r, fmt.Sprintf("id: %d", want))
	}
	o.add(1)
	until(t, conn, r, "id: 8")
	o.add(changesAtOnce * (catchUpPages + 1))
	late, lr := dial(t, server, "anne", "Last-Event-ID: 1\r\n")
	until(t, late, lr, "event: reload")
}

// A browser that takes nothing loses its queue, and holds up nobody.
func TestASlowStream(t *testing.T) {
	o := &outbox{}
	c, server := streaming(t, o, &anybody{})
	s, err := c.hub.open(t.Context(), "slow", "town", []topic{{name: "messages"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.hub.close(s)
	conn, r := dial(t, server, "quick", "")
	until(t, conn, r, "retry:")
	for i := 1; i <= 3*mostQueued; i += mostQueued / 2 {
		o.add(mostQueued / 2)
		until(t, conn, r, fmt.Sprintf("id: %d", i+mostQueued/2-1))
	}
	if queue, lost := s.take(); len(queue) != 0 || lost == 0 {
		t.Errorf("%d events wait, lost %d", len(queue), lost)
	}
	o.add(1)
	<-s.wake
	for deadline := time.Now().Add(5 * time.Second); ; <-time.After(10 * time.Millisecond) {
		if queue, lost := s.take(); len(queue) == 1 && lost == 0 {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("it does not go on: %d, %d", len(queue), lost)
		}
	}
}

func TestTooManyStreams(t *testing.T) {
	c, server := streaming(t, &outbox{}, &anybody{})
	var conns []net.Conn
	for range StreamsOfUser {
		conn, r := dial(t, server, "anne", "")
		until(t, conn, r, "retry:")
		conns = append(conns, conn)
	}
	_, r := dial(t, server, "anne", "Accept-Language: fr\r\n")
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusTooManyRequests || !strings.Contains(string(said), "Fermez-en une") {
		t.Errorf("%d %s %v", answer.StatusCode, said, err)
	}
	answer.Body.Close()
	conns[0].Close()
	for deadline := time.Now().Add(5 * time.Second); ; <-time.After(20 * time.Millisecond) {
		if s, err := c.hub.open(t.Context(), "anne", "town", nil); err == nil {
			c.hub.close(s)
			break
		} else if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// A session that has ended ends its streams.
func TestAStreamEndsWithItsSession(t *testing.T) {
	defer func(before time.Duration) { streamCheck = before }(streamCheck)
	streamCheck = 50 * time.Millisecond
	people := &anybody{}
	_, server := streaming(t, &outbox{}, people)
	conn, r := dial(t, server, "anne", "")
	until(t, conn, r, "retry:")
	people.mu.Lock()
	people.ended = true
	people.mu.Unlock()
	until(t, conn, r, "event: end")
	if rest, err := io.ReadAll(r); err != nil || !strings.Contains(string(rest), "data: session") {
		t.Errorf("%q %v", rest, err)
	}
}

// 500 streams, of 100 people, and what each of them takes.
func TestStreamsAreSmall(t *testing.T) {
	o := &outbox{}
	_, server := streaming(t, o, &anybody{})
	used := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	conn, r := dial(t, server, "first", "")
	until(t, conn, r, "retry:")
	before := used()
	var last *bufio.Reader
	var lastConn net.Conn
	for i := range Streams - 1 {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		fmt.Fprintf(c, "GET /console/live?topics=messages HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: relais=u%d\r\n\r\n", i/StreamsOfUser)
		var head [16]byte
		if _, err := io.ReadFull(c, head[:]); err != nil || !strings.Contains(string(head[:]), " 200 ") {
			t.Fatalf("stream %d: %q %v", i, head, err)
		}
		if i == Streams-2 {
			last, lastConn = bufio.NewReader(c), c
		}
	}
	each := (used() - before) / (Streams - 1)
	t.Logf("%d streams, %.1f KiB each", Streams, float64(each)/1024)
	if each > 64<<10 {
		t.Errorf("a stream takes %d bytes, want at most 65536", each)
	}
	o.add(1)
	until(t, lastConn, last, "id: 1")
	_, refused := dial(t, server, "late", "")
	if line, err := refused.ReadString('\n'); err != nil || !strings.Contains(line, " 503 ") {
		t.Errorf("one more: %q %v", line, err)
	}
}
