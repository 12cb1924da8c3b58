package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"relais/smpp"
	"relais/sms"
)

// bind is the client of a run: one connection, which sends and receives.
type bind struct {
	conn *smpp.Conn
	sent atomic.Int64
}

// bind connects to the server and logs in; end is called after all of it.
func (s *server) bind(
	ctx context.Context, window int, handle func(context.Context, *smpp.Received),
) (b *bind, end func(), err error) {
	nc, err := new(net.Dialer).DialContext(ctx, "tcp", s.child.SMPP)
	if err != nil {
		return nil, nil, fmt.Errorf("connect to the %s: %w", s.child.Role, err)
	}
	b = &bind{conn: smpp.NewConn(nc, smpp.Options{Window: window, Handle: handle})}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = b.conn.Serve(ctx) // a session that ends too soon fails the requests of its run
	}()
	end = func() {
		b.conn.Close()
		<-served
	}
	_, err = b.conn.Bind(ctx, &smpp.Bind{
		Kind: smpp.CommandBindTransceiver, SystemID: smppClient, Password: smppPassword, InterfaceVersion: 0x34,
	})
	if err != nil {
		end()
		return nil, nil, fmt.Errorf("bind to the %s: %w", s.child.Role, err)
	}
	return b, end, nil
}

// inAnHour is a schedule_delivery_time (3.4, 7.1.1).
const inAnHour = "000000010000000R"

// submit sends the next message, whose text says which it is, and returns its id.
func (b *bind) submit(ctx context.Context, schedule string) (id sms.ID, err error) {
	n := b.sent.Add(1) - 1
	to := n % (hundreds * fates)
	answer, _, err := b.conn.Request(ctx, &smpp.SubmitSM{SM: smpp.SM{
		Source:             smpp.Address{TON: 5, Addr: "RELAIS"},
		Dest:               smpp.Address{TON: 1, NPI: 1, Addr: fmt.Sprintf("3363998%02d%02d", to/fates, to%fates)},
		Schedule:           schedule,
		RegisteredDelivery: 1,
		Text:               []byte(smppText(n)),
	}}, nil)
	if err != nil {
		return id, err
	}
	taken, ok := answer.Body.(*smpp.SubmitSMResp)
	if !ok || answer.Status != smpp.OK {
		return id, fmt.Errorf("submit_sm was answered %s", answer.Status)
	}
	return sms.ParseRef(taken.MessageID)
}

// smppText is that of a message: of the GSM alphabet, and as long as those of the other runs.
func smppText(n int64) string { return fmt.Sprintf("Votre rendez-vous %9d est demain.", n) }

// submitClosed keeps every place of a window busy.
func (s *server) submitClosed(ctx context.Context, window int) (load, error) {
	b, end, err := s.bind(ctx, window, func(_ context.Context, r *smpp.Received) { r.Abandon() })
	if err != nil {
		return load{}, err
	}
	defer end()
	w := s.session.window()
	l, err := generateSMPP(ctx, window, func(ctx context.Context, g *generator) error {
		for begun := time.Now(); begun.Before(w.to); {
			id, err := b.submit(ctx, inAnHour)
			if err != nil {
				return err
			}
			done := time.Now()
			g.load.ids = append(g.load.ids, id)
			g.count(w, done, done.Sub(begun), 1)
			begun = done
		}
		return nil
	})
	l.elapsed = w.to.Sub(w.from)
	return l, err
}

// submitInFlight keeps as many messages on their way as the tally has room for, and counts those whose
// receipt has come.
func (s *server) submitInFlight(ctx context.Context, r *receipts) (load, error) {
	b, end, err := s.bind(ctx, connections, r.take)
	if err != nil {
		return load{}, err
	}
	defer end()
	w := s.session.window()
	for range cap(r.room) {
		r.room <- struct{}{}
	}
	counted := make(chan int64, 1)
	go func() { counted <- r.count(ctx, w) }()
	over, stop := context.WithDeadline(ctx, w.to)
	defer stop()
	l, err := generateSMPP(ctx, connections, func(ctx context.Context, g *generator) error {
		for {
			select {
			case <-r.room:
			case <-over.Done():
				return nil
			}
			begun := time.Now()
			id, err := b.submit(ctx, "")
			if err != nil {
				return err
			}
			done := time.Now()
			g.load.ids = append(g.load.ids, id)
			g.count(w, done, done.Sub(begun), 1)
		}
	})
	if err == nil {
		err = r.await(ctx, len(l.ids))
	}
	l.counted, l.elapsed = int(<-counted), w.to.Sub(w.from)
	return l, err
}

// generateSMPP runs n generators over one bind until all end, and adds up what they saw. The first error
// ends the others.
func generateSMPP(ctx context.Context, n int, drive func(context.Context, *generator) error) (load, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	generators := make([]generator, n)
	var all sync.WaitGroup
	for i := range generators {
		all.Go(func() {
			if err := drive(ctx, &generators[i]); err != nil {
				fail(err)
			}
		})
	}
	all.Wait()
	var sum load
	for i := range generators {
		sum.add(&generators[i].load)
	}
	return sum, context.Cause(ctx)
}

// receipts are those that the client of a run was told.
type receipts struct {
	*tally

	mu   sync.Mutex
	told map[string]int // by the id of the message
	odd  int            // that said anything but delivered
}

func newReceipts(inFlight int) *receipts {
	return &receipts{tally: newTally(inFlight), told: map[string]int{}}
}

// take acknowledges a receipt.
func (r *receipts) take(_ context.Context, told *smpp.Received) {
	id, delivered := deliveredID(told.Body)
	r.mu.Lock()
	if delivered {
		r.told[id]++
	} else {
		r.odd++
	}
	first := r.told[id] == 1
	r.mu.Unlock()
	_ = told.Respond(smpp.OK, nil) // a receipt that the door does not see acknowledged comes again, and is counted
	if first {
		r.tell()
	}
}

func deliveredID(body smpp.Body) (id string, delivered bool) {
	sm, ok := body.(*smpp.DeliverSM)
	if !ok {
		return "", false
	}
	receipt, ok := sm.Receipt()
	return receipt.ID, ok && receipt.State == smpp.Delivered
}

// toldOnce reports whether the client was told of each message exactly once.
func (r *receipts) toldOnce(acknowledged []sms.ID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.odd > 0 {
		return fmt.Errorf("%d deliver_sm were no receipt of a delivery", r.odd)
	}
	for _, id := range acknowledged {
		if n := r.told[id.Ref()]; n != 1 {
			return fmt.Errorf("the client was told %d times of a message, want once", n)
		}
	}
	if len(r.told) != len(acknowledged) {
		return errors.New("the client was told of messages that were not acknowledged")
	}
	return nil
}

// eachTextOnce reports whether the first n texts are on handsets, each once, and nothing else is.
func eachTextOnce(p phones, n int) error {
	seen := make(map[string]int, n)
	texts := 0
	for _, phone := range p.Handsets() {
		for _, text := range p.Handset(phone.Number) {
			seen[text.Text]++
			texts++
		}
	}
	lost, doubled := 0, 0
	for i := range n {
		switch seen[smppText(int64(i))] {
		case 0:
			lost++
		case 1:
		default:
			doubled++
		}
	}
	if lost > 0 || doubled > 0 || texts != n {
		return fmt.Errorf("%d messages were acknowledged and %d texts are on handsets: %d missing, %d there more than once",
			n, texts, lost, doubled)
	}
	return nil
}
