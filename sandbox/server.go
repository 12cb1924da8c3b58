package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"relais/sandbox/declared"
	"relais/sandbox/dmc"
	"relais/sandbox/ovh"
	"relais/sandbox/smsc"
	"relais/sandbox/world"
)

// DefaultListen is where the simulated operators listen unless told otherwise.
const DefaultListen = "127.0.0.1:8081"

// DefaultSMPPListen is where the simulated SMSC listens beside them.
const DefaultSMPPListen = "127.0.0.1:2776"

// Options adjusts the simulated operators. The zero value is usable.
type Options struct {
	Listen string // address; DefaultListen when empty, port 0 for any free one
	// SMPPListen is where the SMSC listens. Empty: DefaultSMPPListen beside DefaultListen, else
	// any free port of the same host, which GET / tells.
	SMPPListen string
	Log        *slog.Logger     // nil: no log
	Now        func() time.Time // nil: time.Now. SetClock shifts it

	RatePolicy        dmc.RatePolicy // what happens beyond DMC's limits of calls
	DMCBadElement     dmc.BadElement // what one bad message does to its batch
	OVHDialect        ovh.Dialect    // shape of OVH's error bodies
	OVHClockTolerance time.Duration  // accepted skew of signed calls; 0 means 180 s, inferred
	FateDelay         time.Duration  // until late receipts of the table of fates; 0 means 3 s
	PushRetryEvery    time.Duration  // between two tries of a push that nobody took; 0 means 1 s, inferred
	OVHCredits        float64        // balance of ovh.Service at start; 0 means ten million
	// Taken are ids that were given before: a gateway that knows them takes no second
	// message for the first.
	Taken int64
	// Declared are operators that are played from a declaration, each under /operator/NAME.
	Declared []declared.Source

	held chan<- struct{} // for tests: told when a fault begins to hold a call back
}

// TakenBy is more than simulated operators that started before now have given ids, at
// 10,000 a second.
func TakenBy(now time.Time) int64 {
	const first = 1_767_225_600 // 2026
	return 10_000 * max(0, now.Unix()-first)
}

// Server is a set of running simulated operators.
type Server struct {
	log   *slog.Logger
	world *world.World
	ovh   *ovh.Operator
	dmc   *dmc.Operator
	smsc  *smsc.SMSC

	declared map[string]*declared.Operator // not changed after the start

	control http.Handler
	http    *http.Server
	addr    string
	outage  chan time.Duration // asks serve to stop listening for a while
	resume  chan struct{}      // ends such a while early

	receivers *receivers

	mu       sync.Mutex
	unused   map[net.Conn]bool // see noteConnection
	listener net.Listener
	down     bool

	stop     chan struct{} // closed by Stop and Close
	stopOnce sync.Once
	running  sync.WaitGroup
}

// Start listens and serves until Close or Stop.
func Start(opts Options) (*Server, error) {
	addr := opts.Listen
	if addr == "" {
		addr = DefaultListen
	}
	l, err := listen(addr)
	if err != nil {
		return nil, fmt.Errorf("the simulated operators cannot listen on %s: %w", addr, err)
	}
	s := newServer(opts, l)
	if err := s.declare(opts); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if err := s.smsc.Listen(smppAddress(opts.SMPPListen, addr)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	s.running.Go(func() { s.serve(l) })
	s.running.Go(func() { s.world.Agenda.Run(s.stop) })
	s.world.Pusher.Start(&s.running)
	return s, nil
}

// declare opens the operators that are played from a declaration.
func (s *Server) declare(opts Options) error {
	for _, source := range opts.Declared {
		if slices.Contains([]string{world.OVH, world.DMC, world.SMSC}, source.Name) || s.declared[source.Name] != nil {
			return fmt.Errorf("two simulated operators are called %s", source.Name)
		}
		s.world.Tally.Declare(source.Name)
		o, err := declared.New(s.world, source, opts.Taken)
		if err != nil {
			return err
		}
		s.declared[source.Name] = o
	}
	return nil
}

// Operator is one that is played from a declaration; nil: there is none of that name.
func (s *Server) Operator(name string) *declared.Operator { return s.declared[name] }

// smppAddress is where the SMSC listens.
func smppAddress(asked, beside string) string {
	host, _, err := net.SplitHostPort(beside)
	switch {
	case asked != "":
		return asked
	case beside == DefaultListen || err != nil:
		return DefaultSMPPListen
	default:
		return net.JoinHostPort(host, "0")
	}
}

func listen(addr string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
}

func newServer(opts Options, l net.Listener) *Server {
	log := opts.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		log:       log,
		addr:      l.Addr().String(),
		listener:  l,
		outage:    make(chan time.Duration, 1),
		resume:    make(chan struct{}, 1),
		stop:      make(chan struct{}),
		receivers: newReceivers(),
		unused:    map[net.Conn]bool{},
		declared:  map[string]*declared.Operator{},
	}
	s.world = world.New(world.Options{
		URL: s.URL(), Now: opts.Now, FateDelay: opts.FateDelay, PushRetry: opts.PushRetryEvery,
		Stop: s.stop, Held: opts.held,
		Reply: func(number, text string) { _ = s.Reply(number, "", text) }, // the text is there
	})
	s.ovh = ovh.New(s.world, ovh.Options{
		Dialect: opts.OVHDialect, ClockTolerance: opts.OVHClockTolerance,
		Credits: opts.OVHCredits, Taken: opts.Taken,
	})
	s.dmc = dmc.New(s.world, dmc.Options{
		RatePolicy: opts.RatePolicy, BadElement: opts.DMCBadElement, Taken: opts.Taken,
	})
	s.smsc = smsc.New(s.world, smsc.Options{Log: log, Taken: opts.Taken})
	s.control = controls{s}.routes()
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ConnState:         s.noteConnection,
	}
	return s
}

// noteConnection remembers connections that no call came by yet. The server does
// not count them as idle, and an outage closes them too.
func (s *Server) noteConnection(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew && s.down {
		c.Close()
		return
	}
	if state == http.StateNew {
		s.unused[c] = true
		return
	}
	delete(s.unused, c)
}

// URL is the address of the sandbox, without a trailing slash.
func (s *Server) URL() string { return "http://" + s.addr }

// Close stops at once. Calls under way lose their connection.
func (s *Server) Close() error {
	s.halt()
	err := s.http.Close()
	s.running.Wait()
	s.world.Pusher.CloseIdle()
	return closed(err)
}

// Stop lets calls under way end until ctx does. Calls that a fault holds back
// are let go without an answer.
func (s *Server) Stop(ctx context.Context) error {
	s.halt()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.running.Wait()
	s.world.Pusher.CloseIdle()
	return closed(err)
}

func (s *Server) halt() {
	s.stopOnce.Do(func() {
		close(s.stop)
		s.world.Pusher.Stop()
		s.smsc.Close()
	})
}

// closed forgives that an outage had closed the listener before us.
func closed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// SetClock moves the operators' clock to now, from where it runs on. The zero
// time puts it back to the real one. What has become due happens before
// SetClock returns.
func (s *Server) SetClock(now time.Time) {
	s.world.Clock.Set(now)
	s.world.Agenda.Settle()
	s.world.Agenda.Rearm()
}

// serve accepts connections, and stops listening during an outage.
func (s *Server) serve(l net.Listener) {
	for l != nil {
		err := s.http.Serve(l)
		if errors.Is(err, http.ErrServerClosed) {
			return
		}
		select {
		case pause := <-s.outage:
			l = s.listenAgain(pause)
		default:
			s.log.Error("sandbox stopped accepting", "error", err)
			return
		}
	}
}

// refuseConnections closes the listening socket before it returns. serve opens
// it again, on the same port, after pause.
func (s *Server) refuseConnections(pause time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return
	}
	s.down = true
	select {
	case <-s.resume:
	default:
	}
	s.outage <- pause
	s.http.SetKeepAlivesEnabled(false) // closes idle connections too
	s.listener.Close()
	for c := range s.unused {
		c.Close()
	}
}

// acceptAgain ends an outage before its time.
func (s *Server) acceptAgain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.down {
		return
	}
	select {
	case s.resume <- struct{}{}:
	default:
	}
}

// listenAgain waits for the end of an outage. It returns nil when the server
// stops meanwhile.
func (s *Server) listenAgain(pause time.Duration) net.Listener {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-s.stop:
			return nil
		case <-timer.C:
		case <-s.resume:
		}
		l, err := listen(s.addr)
		if err == nil {
			s.reopened(l)
			return l
		}
		s.log.Warn("sandbox cannot listen again yet", "error", err)
		timer.Reset(50 * time.Millisecond)
	}
}

func (s *Server) reopened(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener, s.down = l, false
	s.http.SetKeepAlivesEnabled(true)
}

// ServeHTTP sends a request to the operator, or to the control route, that its
// path names.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	switch {
	case strings.HasPrefix(path, "/ovh/1.0"), strings.HasPrefix(path, "/ovh/v1"):
		s.ovh.Serve(w, r)
	case strings.HasPrefix(path, "/ovh/auth"):
		s.ovh.ServeConsent(w, r)
	case strings.HasPrefix(path, "/dmc/"):
		s.dmc.Serve(w, r)
	case strings.HasPrefix(path, declared.Prefix):
		s.serveDeclared(w, r)
	default:
		s.control.ServeHTTP(w, r)
	}
}

// serveDeclared sends a request to the operator whose name its path begins with, which sees the rest.
func (s *Server) serveDeclared(w http.ResponseWriter, r *http.Request) {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, declared.Prefix), "/")
	o := s.declared[name]
	if o == nil {
		s.control.ServeHTTP(w, r)
		return
	}
	http.StripPrefix(declared.Prefix+name, http.HandlerFunc(o.Serve)).ServeHTTP(w, r)
}

// Quiet returns when nothing is left to push and nothing is due, or with an error
// when ctx ends first.
func (s *Server) Quiet(ctx context.Context) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for s.world.Agenda.Waiting() || s.world.Pusher.Pending() || !s.smsc.Idle() {
		select {
		case <-ctx.Done():
			return errors.Join(errors.New("pushes are left"), ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

// Handset returns the texts on the handset of number, oldest first. The number
// is E.164 with its plus sign.
func (s *Server) Handset(number string) []world.Text {
	s.world.Agenda.Settle()
	return s.world.Handsets.Texts(number)
}

// Handsets lists the handsets that have texts, by number.
func (s *Server) Handsets() []world.Handset {
	s.world.Agenda.Settle()
	return s.world.Handsets.List()
}

// Screens returns what stands on the handsets of these numbers, and then on at most count
// others, those with the latest texts.
func (s *Server) Screens(count int, numbers ...string) []world.Screen {
	s.world.Agenda.Settle()
	shown := []world.Screen{}
	for _, n := range numbers {
		shown = append(shown, s.world.Handsets.Screen(n))
	}
	for _, n := range s.world.Handsets.Latest(count + len(numbers)) {
		if !slices.Contains(numbers, n) && len(shown) < count+len(numbers) {
			shown = append(shown, s.world.Handsets.Screen(n))
		}
	}
	return shown
}

// Stats holds the counts of each operator.
type Stats struct {
	OVH  world.OperatorStats `json:"ovh"`
	DMC  world.OperatorStats `json:"dmc"`
	SMSC world.OperatorStats `json:"smsc"`
	// Declared are those of the operators that are played from a declaration, by name.
	Declared map[string]world.OperatorStats `json:"declared,omitempty"`
}

// Stats returns the counts so far.
func (s *Server) Stats() Stats {
	s.world.Agenda.Settle()
	all := Stats{OVH: s.world.Tally.OVH.Snapshot(), DMC: s.world.Tally.DMC.Snapshot(), SMSC: s.world.Tally.SMSC.Snapshot()}
	for _, name := range s.world.Tally.Declared() {
		if all.Declared == nil {
			all.Declared = map[string]world.OperatorStats{}
		}
		all.Declared[name] = s.world.Tally.Of(name).Snapshot()
	}
	return all
}

// SetFault orders a fault. It returns a *world.FaultError when it makes no sense.
func (s *Server) SetFault(f world.Fault) error {
	f, err := f.Complete(s.world.Tally.Declared())
	if err != nil {
		return err
	}
	if f.Kind == world.FaultRefuseConnection && f.Operator == world.SMSC {
		s.world.Tally.SMSC.Faults.Add(1)
		s.smsc.Order(f)
		return nil
	}
	if f.Kind == world.FaultRefuseConnection {
		s.world.Tally.Of(f.Operator).Faults.Add(1)
		s.refuseConnections(f.Delay(time.Second))
		return nil
	}
	s.world.Orders.Add(f)
	return nil
}

// Faults lists the orders that are not used up. An outage is not listed.
func (s *Server) Faults() []world.FaultState { return s.world.Orders.List() }

// ClearFaults forgets every order and ends an outage.
func (s *Server) ClearFaults() {
	s.world.Orders.Clear()
	s.acceptAgain()
}

// SMSC is the simulated SMSC.
func (s *Server) SMSC() *smsc.SMSC { return s.smsc }

// SetDMCPush tells the simulated DMC where to push.
func (s *Server) SetDMCPush(p dmc.Push) { s.dmc.SetPush(p) }
