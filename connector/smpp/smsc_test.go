package smpp_test

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"relais/connector"
	operator "relais/connector/smpp"
	"relais/smpp"
	"relais/sms"
)

// patience is how long a test waits for what must come.
const patience = 2 * time.Minute

// smsc is an SMSC on a real socket. It answers binds and messages well unless a test says
// otherwise.
type smsc struct {
	testing.TB
	listener net.Listener

	mu     sync.Mutex
	bind   func(*smpp.Bind) smpp.Status
	submit func(*smpp.Conn, *smpp.Received, *smpp.SubmitSM) // nil: OK, and an id
	query  func(*smpp.Received, *smpp.QuerySM)              // nil: RQUERYFAIL
	tls    *tls.Config                                      // nil: in the clear
	last   int

	bound     chan *smpp.Conn // those that have bound
	binds     chan *smpp.Bind
	submitted chan *smpp.SubmitSM
	unbound   chan error // how sessions ended
}

func newSMSC(t *testing.T) *smsc {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &smsc{
		TB: t, listener: listener, bound: make(chan *smpp.Conn, 100), binds: make(chan *smpp.Bind, 100),
		submitted: make(chan *smpp.SubmitSM, 10_000), unbound: make(chan error, 100),
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			nc, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { s.serve(ctx, nc) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		cancel()
		serving.Wait()
	})
	return s
}

func (s *smsc) serve(ctx context.Context, nc net.Conn) {
	s.mu.Lock()
	if s.tls != nil {
		nc = tls.Server(nc, s.tls)
	}
	s.mu.Unlock()
	var conn *smpp.Conn
	conn = smpp.NewConn(nc, smpp.Options{Role: smpp.SMSC, Window: 300, Handle: func(_ context.Context, r *smpp.Received) {
		switch body := r.Body.(type) {
		case *smpp.Bind:
			s.binds <- body
			status := s.judge(body)
			_ = r.Respond(status, &smpp.BindResp{Kind: body.Kind, SystemID: "SMSC"}) // a test that closes sees it
			if status == smpp.OK {
				s.bound <- conn
			}
		case *smpp.SubmitSM:
			s.submitted <- body
			s.answer(conn, r, body)
		case *smpp.QuerySM:
			s.ask(r, body)
		default:
			_ = r.Respond(smpp.RSYSERR, nil)
		}
	}})
	s.unbound <- conn.Serve(ctx)
}

// secure makes connections from now on TLS.
func (s *smsc) secure(c *tls.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tls = c
}

func (s *smsc) willQuery(answer func(*smpp.Received, *smpp.QuerySM)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.query = answer
}

func (s *smsc) ask(r *smpp.Received, q *smpp.QuerySM) {
	s.mu.Lock()
	answer := s.query
	s.mu.Unlock()
	if answer == nil {
		_ = r.Respond(smpp.RQUERYFAIL, nil)
		return
	}
	answer(r, q)
}

func (s *smsc) judge(b *smpp.Bind) smpp.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bind != nil {
		return s.bind(b)
	}
	return smpp.OK
}

func (s *smsc) answer(conn *smpp.Conn, r *smpp.Received, m *smpp.SubmitSM) {
	s.mu.Lock()
	answer := s.submit
	s.mu.Unlock()
	if answer != nil {
		answer(conn, r, m)
		return
	}
	_ = r.Respond(smpp.OK, &smpp.SubmitSMResp{MessageID: s.nextID()})
}

func (s *smsc) nextID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	return "id" + strconv.Itoa(s.last)
}

// willSubmit sets what becomes of messages.
func (s *smsc) willSubmit(answer func(*smpp.Conn, *smpp.Received, *smpp.SubmitSM)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.submit = answer
}

func (s *smsc) willBind(judge func(*smpp.Bind) smpp.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bind = judge
}

// deliver sends a receipt or a text and returns how it was answered.
func deliver(t *testing.T, conn *smpp.Conn, m smpp.SM) smpp.Status {
	t.Helper()
	return await(t, send(t, conn, &smpp.DeliverSM{SM: m}))
}

// send sends a request, of which the answer comes by the channel.
func send(t *testing.T, conn *smpp.Conn, body smpp.Body) <-chan smpp.Status {
	t.Helper()
	answered := make(chan smpp.Status, 1)
	go func() {
		p, delivery, err := conn.Request(t.Context(), body, nil)
		if delivery != smpp.Answered {
			t.Errorf("%s: %s, %v", body.Command(), delivery, err)
			p.Status = smpp.RUNKNOWNERR
		}
		answered <- p.Status
	}()
	return answered
}

// within waits until something is as it must be.
func within(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !is(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal(what)
		}
	}
}

// desk keeps what a connector tells.
type desk struct {
	mu    sync.Mutex
	fails error
	news  chan connector.News
}

var errFull = errors.New("the disk is full")

func (d *desk) Take(_ context.Context, news connector.News) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails != nil {
		return d.fails
	}
	d.news <- news
	return nil
}

func (d *desk) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fails = err
}

func (d *desk) receipt(t *testing.T) sms.Receipt {
	t.Helper()
	news := await(t, d.news)
	if len(news.Receipts) != 1 {
		t.Fatalf("%d receipts, %d texts", len(news.Receipts), len(news.Inbounds))
	}
	return news.Receipts[0]
}

func (d *desk) inbound(t *testing.T) sms.Inbound {
	t.Helper()
	news := await(t, d.news)
	if len(news.Inbounds) != 1 {
		t.Fatalf("%d texts, %d receipts", len(news.Inbounds), len(news.Receipts))
	}
	return news.Inbounds[0]
}

func await[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// quiet fails the test when something is there that must not be.
func quiet[T any](t *testing.T, c <-chan T) {
	t.Helper()
	select {
	case v := <-c:
		t.Errorf("unwanted: %+v", v)
	default:
	}
}

var clock = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

const password = "secret08"

func (s *smsc) config() *operator.Config {
	c := operator.Provider().NewConfig().(*operator.Config)
	c.Address, c.TLS, c.SystemID, c.Password = s.listener.Addr().String(), false, "relais", password
	return c
}

func open(t *testing.T, c *operator.Config) connector.Connector {
	t.Helper()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	instance, _, err := operator.Provider().Open(c, connector.Env{
		Instance: "smsc", Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return clock },
	})
	if err != nil {
		t.Fatal(err)
	}
	return instance
}

// line is a connector whose sessions stand.
type line struct {
	connector.Connector
	smsc  *smsc
	desk  *desk
	conns []*smpp.Conn // the SMSC's ends
	stop  func() error
}

func connect(t *testing.T, change func(*operator.Config)) *line {
	t.Helper()
	s := newSMSC(t)
	c := s.config()
	if change != nil {
		change(c)
	}
	return s.connect(t, c)
}

func (s *smsc) connect(t *testing.T, c *operator.Config) *line {
	t.Helper()
	l := &line{Connector: open(t, c), smsc: s, desk: &desk{news: make(chan connector.News, 100)}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Connector.(connector.Runner).Run(ctx, l.desk) }()
	var once sync.Once
	l.stop = func() (err error) {
		once.Do(func() {
			cancel()
			err = await(t, ended)
		})
		return err
	}
	t.Cleanup(func() { _ = l.stop() })
	sessions := c.Binds
	if c.Bind == "pair" {
		sessions *= 2
	}
	for range sessions {
		l.conns = append(l.conns, await(t, s.bound))
	}
	l.ready(t)
	return l
}

// ready waits until messages leave by every session.
func (l *line) ready(t *testing.T) {
	t.Helper()
	within(t, "the sessions do not stand", func() bool { return operator.Standing(l.Connector) >= len(l.conns) })
}

func message(text string) sms.Message {
	return sms.Message{
		ID: sms.NewID(clock), To: "+33639980101", Sender: "Mairie", Text: text, Class: sms.Transactional,
		ExpiresAt: clock.Add(2 * time.Hour),
	}
}

func (l *line) submit(t *testing.T, m sms.Message) connector.Outcome {
	t.Helper()
	outcomes, err := l.Submit(t.Context(), []sms.Message{m})
	if err != nil || len(outcomes) != 1 {
		t.Fatalf("%d outcomes, %v", len(outcomes), err)
	}
	return outcomes[0]
}

func wantFault(t *testing.T, err error, want connector.Fault, code string) {
	t.Helper()
	if err == nil || connector.FaultOf(err) != want || connector.CodeOf(err) != code {
		t.Errorf("got %v, want %s [%s]", err, want, code)
	}
}
