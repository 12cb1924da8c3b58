package smpp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"relais/connector"
	"relais/smpp"
)

// Pauses between two tries of one session while others stand, doubled until one lasts. When
// none stands, the lane keeps the pauses.
const (
	rebindPause     = time.Second
	mostRebindPause = time.Minute
	sessionLasts    = time.Minute
	// refusedPause is the least time between two logins of which the first was refused: an
	// account may be locked after a few.
	refusedPause = time.Minute
)

const (
	dialTime      = 10 * time.Second
	handshakeTime = 10 * time.Second
	drainTime     = time.Second // for what is under way when a session is ended
	unbindTime    = 2 * time.Second
	// peerWindow has room for every part of the longest text, which is of 255: they are answered
	// together.
	peerWindow = 300
	readers    = 4 // requests of the SMSC that are stored at once, of one session
)

// Run keeps the sessions until ctx ends. It returns an error when none stands any more.
func (i *instance) Run(ctx context.Context, sink connector.Sink) error {
	if err := i.waitRefusal(ctx); err != nil {
		return nil // ctx has ended, which is no failure
	}
	outer := ctx
	ctx, cancel := context.WithCancelCause(outer)
	defer cancel(nil)
	r := &run{instance: i, sink: sink, trying: i.config.sessions(), end: cancel}
	kinds := []smpp.Command{smpp.CommandBindTransceiver}
	if i.config.Bind == pair {
		kinds = []smpp.Command{smpp.CommandBindTransmitter, smpp.CommandBindReceiver}
	}
	var slots sync.WaitGroup
	for range i.config.Binds {
		for _, kind := range kinds {
			slots.Go(func() { r.keep(ctx, kind) })
		}
	}
	slots.Go(func() { i.flushHeld(ctx, sink) })
	slots.Wait()
	if outer.Err() != nil {
		return nil
	}
	return context.Cause(ctx)
}

// waitRefusal waits until a login may be tried again.
func (i *instance) waitRefusal(ctx context.Context) error {
	i.mu.Lock()
	var left time.Duration
	if i.refused != nil {
		left = refusedPause - time.Since(i.refusedAt)
	}
	i.mu.Unlock()
	return sleep(ctx, max(left, 0))
}

// run is what the sessions of one Run share.
type run struct {
	*instance
	sink connector.Sink
	end  context.CancelCauseFunc

	mu     sync.Mutex
	trying int // sessions that stand or are being opened
}

// keep keeps one session: it is opened again whenever it ends, while another one stands.
func (r *run) keep(ctx context.Context, kind smpp.Command) {
	for pause := rebindPause; ; {
		began := time.Now()
		err := r.session(ctx, kind)
		if ctx.Err() != nil {
			return
		}
		if r.tries(-1) == 0 {
			r.end(err)
			return
		}
		if time.Since(began) >= sessionLasts {
			pause = rebindPause
		}
		r.env.Log.Warn("a session with the operator ended; it is opened again", "bind", kind.String(), "error", err)
		if sleep(ctx, pause) != nil || r.waitRefusal(ctx) != nil {
			return
		}
		pause = min(2*pause, mostRebindPause)
		r.tries(1)
	}
}

func (r *run) tries(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.trying += n
	return r.trying
}

// session is one session with the SMSC.
type session struct {
	instance *instance
	conn     *smpp.Conn
	sink     connector.Sink
	work     chan func(context.Context) // what is to be stored
	done     chan struct{}              // closed when everything of it has returned
	broke    *breakage
	err      error // why it ended; read it after done
}

// session opens a session and serves it until it ends, or ctx does.
func (r *run) session(ctx context.Context, kind smpp.Command) error {
	s, err := r.bind(ctx, kind, r.sink)
	if err != nil {
		return err
	}
	r.opened(s, kind)
	defer r.closed(s)
	select {
	case <-s.done:
		return s.err
	case <-ctx.Done():
	}
	r.withdraw(s)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := s.conn.Unbind(drain); err != nil {
		r.env.Log.Debug("the session was not ended in order", "error", err)
	}
	<-s.done
	return nil
}

// bind dials and logs in.
func (i *instance) bind(ctx context.Context, kind smpp.Command, sink connector.Sink) (*session, error) {
	nc, err := i.dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("no connection to the operator: %w", err)
	}
	s := &session{instance: i, sink: sink, work: make(chan func(context.Context), mostWork), done: make(chan struct{}), broke: new(breakage)}
	s.conn = smpp.NewConn(nc, smpp.Options{
		Window: i.config.Window, SlowStart: true, PeerWindow: peerWindow, Handle: s.handle, Stray: s.stray,
		Trace:  i.trace.tracer(),
		Timers: smpp.Timers{Enquire: i.config.EnquireEvery, Response: i.config.AnswerTimeout, Unbind: unbindTime},
	})
	go s.serve(context.WithoutCancel(ctx))
	response, err := s.conn.Bind(ctx, &smpp.Bind{
		Kind: kind, SystemID: i.config.SystemID, Password: i.config.Password.Reveal(),
		SystemType: i.config.SystemType, InterfaceVersion: interfaceVersion,
	})
	i.judge(err)
	if err != nil {
		s.conn.Close()
		<-s.done
		return nil, fmt.Errorf("log in: %w", err)
	}
	i.env.Log.Info("bound to the operator", "bind", kind.String(), "smsc", response.SystemID)
	return s, nil
}

const interfaceVersion = 0x34

// serve reads the session and stores what comes, until both are over.
func (s *session) serve(ctx context.Context) {
	defer close(s.done)
	var storing sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	for range readers {
		storing.Go(func() {
			for task := range s.work {
				task(ctx)
			}
		})
	}
	s.err = s.conn.Serve(ctx)
	s.noteEnd(s.err)
	cancel()
	close(s.work)
	storing.Wait()
	s.instance.forget(s)
	s.instance.drop(s)
}

func (i *instance) dial(ctx context.Context) (net.Conn, error) {
	address, err := i.address(ctx)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: dialTime, KeepAlive: 15 * time.Second}
	nc, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil || i.tls == nil {
		return nc, err
	}
	secure := tls.Client(nc, i.tls)
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		nc.Close()
		return nil, err
	}
	return secure, nil
}

// address is where the SMSC listens.
func (i *instance) address(ctx context.Context) (string, error) {
	if i.config.Locate == nil {
		return i.config.Address, nil
	}
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	return i.config.Locate(ctx)
}

// judge remembers whether a login was refused in a way that only people can mend.
func (i *instance) judge(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.refused = nil
	status, ok := errors.AsType[*smpp.StatusError](err)
	if !ok || classes[status.Status] != blocked {
		return
	}
	i.refusedAt = time.Now()
	i.refused = &connector.Error{
		Fault: connector.Blocked, Code: status.Status.String(), RetryAfter: refusedPause,
		Detail: "the operator refuses the login: check system_id, password, system_type and the addresses that it lets in",
	}
}

func (i *instance) opened(s *session, kind smpp.Command) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.open++
	if kind.Submits() {
		i.live = append(i.live, s)
	}
}

func (i *instance) closed(s *session) {
	i.withdraw(s)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.open--
}

// withdraw gives a session no further message.
func (i *instance) withdraw(s *session) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for n, one := range i.live {
		if one == s {
			i.live = append(i.live[:n:n], i.live[n+1:]...)
			return
		}
	}
}

// alive reports whether the session goes on.
func (s *session) alive() bool {
	select {
	case <-s.conn.Done():
		return false
	default:
		return true
	}
}

// stray notes an answer to nothing.
func (s *session) stray(p smpp.PDU) {
	s.instance.env.Log.Warn("the operator answered what nobody had asked", "command", p.Body.Command().String())
}
