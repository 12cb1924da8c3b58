package connectortest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"

	"relais/connector"
	"relais/sms"
)

// signal is a line of the telegraph's protocol, JSON over TCP. The connector sends
// "submit" and "ack", the operator "taken", "receipt" and "reply".
type signal struct {
	Kind   string     `json:"kind"`
	Number int        `json:"number"` // of the request; an answer has that of its request
	ID     string     `json:"id,omitempty"`
	To     sms.Number `json:"to,omitempty"`
	From   string     `json:"from,omitempty"`
	Text   string     `json:"text,omitempty"`
	Status sms.Status `json:"status,omitempty"`
}

// Telegraph is a small connector that keeps a live session, for tests of what calls Run. It
// submits over the session and hands what the operator tells to its Sink; it acknowledges what
// the Sink took, and nothing else.
type Telegraph struct {
	Address string // of the operator

	mu   sync.Mutex
	wire *wire // nil while there is no session
}

// Run keeps one connection to the operator.
func (t *Telegraph) Run(ctx context.Context, sink connector.Sink) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", t.Address)
	if err != nil {
		return &connector.Error{Fault: connector.Temporary, Detail: "no connection to the operator", Err: err}
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	w := &wire{conn: conn, asked: map[int]chan signal{}, ended: make(chan struct{})}
	t.use(w)
	err = w.serve(ctx, sink)
	t.use(nil)
	close(w.ended)
	if ctx.Err() != nil {
		return nil // we closed the connection
	}
	return err
}

// Submit sends one message over the session.
func (t *Telegraph) Submit(ctx context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	t.mu.Lock()
	w := t.wire
	t.mu.Unlock()
	if w == nil {
		return nil, &connector.Error{
			Fault: connector.Temporary, Detail: "there is no session with the operator",
		}
	}
	m := &batch[0]
	taken, err := w.ask(ctx, signal{Kind: "submit", To: m.To, Text: m.Text})
	if err != nil {
		return nil, err
	}
	return []connector.Outcome{{ProviderID: taken.ID}}, nil
}

func (t *Telegraph) use(w *wire) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wire = w
}

// wire is one connection, of either side.
type wire struct {
	conn  net.Conn
	ended chan struct{}

	mu    sync.Mutex
	last  int
	asked map[int]chan signal // by number, who waits for the answer
}

// ask sends a request and waits for its answer.
func (w *wire) ask(ctx context.Context, s signal) (answer signal, err error) {
	answered := make(chan signal, 1)
	w.mu.Lock()
	w.last++
	s.Number = w.last
	w.asked[s.Number] = answered
	w.mu.Unlock()
	if err := w.send(s); err != nil {
		return signal{}, err
	}
	select {
	case answer = <-answered:
		return answer, nil
	case <-w.ended:
		return signal{}, errors.New("the session broke before the answer")
	case <-ctx.Done():
		return signal{}, ctx.Err()
	}
}

func (w *wire) send(s signal) error {
	line, err := json.Marshal(s)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err = w.conn.Write(append(line, '\n'))
	return err
}

// answered hands an answer to who waits for it.
func (w *wire) answered(s signal) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if waits := w.asked[s.Number]; waits != nil {
		delete(w.asked, s.Number)
		waits <- s
	}
}

// serve reads what the operator sends, until the connection ends.
func (w *wire) serve(ctx context.Context, sink connector.Sink) error {
	return w.each(func(s signal) error {
		var news connector.News
		switch s.Kind {
		case "taken":
			w.answered(s)
			return nil
		case "receipt":
			news.Receipts = []sms.Receipt{{ProviderID: s.ID, Status: s.Status, Code: string(s.Status)}}
		case "reply":
			news.Inbounds = []sms.Inbound{{ProviderID: s.ID, From: s.From, Text: s.Text}}
		default:
			return fmt.Errorf("the operator sends a %q", s.Kind)
		}
		if err := sink.Take(ctx, news); err != nil {
			return nil //nolint:nilerr // it is not acknowledged, so that the operator tells it again
		}
		return w.send(signal{Kind: "ack", Number: s.Number})
	})
}

func (w *wire) each(handle func(signal) error) error {
	lines := bufio.NewScanner(w.conn)
	for lines.Scan() {
		var s signal
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return err
		}
		if err := handle(s); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return errors.New("the operator closed the connection")
}

// TelegraphOffice is the operator of a Telegraph. It takes every message, and tells what it has
// to tell on each new connection until it is acknowledged.
type TelegraphOffice struct {
	listener     net.Listener
	acknowledged func(id string) // of what it told
	all          sync.WaitGroup

	mu      sync.Mutex
	wires   []*wire
	taken   []string
	untold  []signal
	numbers int
}

// NewTelegraphOffice opens an office that closes with the test. acknowledged is called with the
// id of each receipt and reply when the connector acknowledges it.
func NewTelegraphOffice(t *testing.T, acknowledged func(id string)) *TelegraphOffice {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &TelegraphOffice{listener: listener, acknowledged: acknowledged}
	o.all.Go(o.accept)
	t.Cleanup(func() {
		listener.Close()
		o.Cut()
		o.all.Wait()
	})
	return o
}

// Address is where the office listens.
func (o *TelegraphOffice) Address() string { return o.listener.Addr().String() }

// Taken returns the ids of the messages that it took.
func (o *TelegraphOffice) Taken() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]string{}, o.taken...)
}

// TellReceipt tells the end of a message.
func (o *TelegraphOffice) TellReceipt(id string, status sms.Status) {
	o.tell(signal{Kind: "receipt", ID: id, Status: status})
}

// TellReply tells a text from a handset.
func (o *TelegraphOffice) TellReply(id, from, text string) {
	o.tell(signal{Kind: "reply", ID: id, From: from, Text: text})
}

// Cut ends every connection.
func (o *TelegraphOffice) Cut() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, w := range o.wires {
		w.conn.Close()
	}
	o.wires = nil
}

func (o *TelegraphOffice) tell(s signal) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.numbers++
	s.Number = o.numbers
	o.untold = append(o.untold, s)
	for _, w := range o.wires {
		_ = w.send(s) // else on the next connection
	}
}

func (o *TelegraphOffice) accept() {
	for {
		conn, err := o.listener.Accept()
		if err != nil {
			return
		}
		w := &wire{conn: conn}
		o.mu.Lock()
		o.wires = append(o.wires, w)
		for _, s := range o.untold {
			_ = w.send(s) // else on the next connection
		}
		o.mu.Unlock()
		o.all.Go(func() { _ = w.each(func(s signal) error { return o.handle(w, s) }) })
	}
}

func (o *TelegraphOffice) handle(w *wire, s signal) error {
	o.mu.Lock()
	if s.Kind == "submit" {
		defer o.mu.Unlock()
		id := fmt.Sprint("telegram-", len(o.taken)+1)
		o.taken = append(o.taken, id)
		return w.send(signal{Kind: "taken", Number: s.Number, ID: id})
	}
	at := slices.IndexFunc(o.untold, func(u signal) bool { return u.Number == s.Number })
	if at < 0 { // it was acknowledged on an earlier connection
		o.mu.Unlock()
		return nil
	}
	id := o.untold[at].ID
	o.untold = slices.Delete(o.untold, at, at+1)
	o.mu.Unlock()
	o.acknowledged(id)
	return nil
}
