package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/client"
	"relais/smpp"
	"relais/sms"
)

// crashDoor is the client of the door for SMPP. Its messages leave by SMPP too, and have a key each, by
// which one that is sent again is known.
const crashDoor = `[smpp.crash]
password = "secret08"
account = "sandbox"
connector = "smsc"
max_binds = 100
key_tlv = 5120
`

const crashKey smpp.Tag = 5120

func (n *crashNode) writeDoor(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(n.scratch, "smpp.toml")
	if err := os.WriteFile(file, []byte(crashDoor), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// crashESME is a client of the door that sends again what was not answered, as soon as it is bound again,
// at one node after the other.
type crashESME struct {
	w        *crashWorld
	receives bool // its half-open sessions receive: what goes by one comes half a minute later by another

	mu   sync.Mutex
	link *crashLink
	turn int
	sent map[string]bool // messages that were acknowledged, by id
	told map[string]int  // receipts of deliveries, by id
	odd  int             // deliver_sm that were no receipt of the gateway's
}

// crashLink is one session of it.
type crashLink struct {
	*smpp.Conn
	wire *crashWire
}

// crashWire can be cut inside a PDU.
type crashWire struct {
	*net.TCPConn
	cut atomic.Bool // the next PDU is cut
}

var errCut = errors.New("cut inside a PDU")

// Write implements net.Conn.
func (w *crashWire) Write(octets []byte) (int, error) {
	if !w.cut.Swap(false) {
		return w.TCPConn.Write(octets)
	}
	n, err := w.TCPConn.Write(octets[:len(octets)/2])
	w.reset()
	return n, errors.Join(errCut, err)
}

// reset ends the connection as the end of its machine does: what is under way is lost.
func (w *crashWire) reset() {
	_ = w.SetLinger(0) // it may be closed already
	_ = w.Close()
}

func newCrashESME(w *crashWorld, receives bool) *crashESME {
	return &crashESME{w: w, receives: receives, sent: map[string]bool{}, told: map[string]int{}}
}

// bound is the session that stands, or another one.
func (e *crashESME) bound(ctx context.Context) (*crashLink, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.link != nil {
		select {
		case <-e.link.Done():
		default:
			return e.link, nil
		}
	}
	e.turn++
	link, err := e.bind(ctx, e.w.nodes[e.turn%len(e.w.nodes)].smpp)
	if err != nil {
		return nil, err
	}
	e.link = link
	return link, nil
}

func (e *crashESME) bind(ctx context.Context, address string) (*crashLink, error) {
	nc, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	link := &crashLink{wire: &crashWire{TCPConn: nc.(*net.TCPConn)}}
	const patience = 3 * time.Second
	link.Conn = smpp.NewConn(link.wire, smpp.Options{
		Window: crashMessages, Handle: e.take,
		Timers: smpp.Timers{Init: patience, Response: patience, Enquire: time.Second, Alive: patience},
	})
	go link.Serve(context.WithoutCancel(ctx)) // it ends with the link, which is the point here
	_, err = link.Bind(ctx, crashBind(smpp.CommandBindTransceiver))
	if err != nil {
		link.Close()
		return nil, err
	}
	return link, nil
}

func crashBind(kind smpp.Command) *smpp.Bind {
	return &smpp.Bind{Kind: kind, SystemID: "crash", Password: "secret08", InterfaceVersion: 0x34}
}

// take notes a receipt and acknowledges it.
func (e *crashESME) take(_ context.Context, r *smpp.Received) {
	id, delivered := receiptOf(r.Body)
	e.mu.Lock()
	switch {
	case id == "":
		e.odd++
	case delivered:
		e.told[id]++
	}
	e.mu.Unlock()
	_ = r.Respond(smpp.OK, nil) // where it does not arrive the receipt comes again
}

// receiptOf is the id, as the API has it, of the message of a receipt, and whether it was delivered: what a
// person gave up has a receipt too.
func receiptOf(body smpp.Body) (id string, delivered bool) {
	sm, ok := body.(*smpp.DeliverSM)
	if !ok {
		return "", false
	}
	receipt, ok := sm.Receipt()
	if !ok {
		return "", false
	}
	return apiID(receipt.ID), receipt.State == smpp.Delivered
}

func apiID(ref string) string {
	id, err := sms.ParseRef(ref)
	if err != nil {
		return ""
	}
	return id.String()
}

// smppPlaces are those of messages of the client: behind all others.
const smppPlaces = 50_000

func crashSubmit(place int) *smpp.SubmitSM {
	return &smpp.SubmitSM{SM: smpp.SM{
		Source: smpp.Address{TON: 5, Addr: "RELAIS"}, Dest: smpp.Address{TON: 1, NPI: 1, Addr: ordinary(place)[1:]},
		RegisteredDelivery: 1, Text: fmt.Appendf(nil, "Message %d", place),
		TLVs: smpp.TLVs{smpp.TextTLV(crashKey, fmt.Sprint("crash-", place))},
	}}
}

// submitAll sends the messages of a round, all at once, until each is acknowledged.
func (e *crashESME) submitAll(ctx context.Context, t *testing.T, round int) {
	var all sync.WaitGroup
	for i := range crashMessages {
		place := smppPlaces + round*crashMessages + i
		all.Go(func() {
			if err := e.submit(ctx, place); err != nil {
				t.Errorf("message %d was never acknowledged by SMPP: %v", place, err)
			}
		})
	}
	all.Wait()
}

func (e *crashESME) submit(ctx context.Context, place int) error {
	for {
		err := e.try(ctx, place)
		if err == nil || ctx.Err() != nil || errors.Is(err, errFinal) {
			return err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

// errFinal is a refusal that no gateway of this test may give.
var errFinal = errors.New("refused for good")

func (e *crashESME) try(ctx context.Context, place int) error {
	link, err := e.bound(ctx)
	if err != nil {
		return err
	}
	answer, _, err := link.Request(ctx, crashSubmit(place), nil)
	if err != nil {
		link.Close() // whether it was taken is not known: it is sent again by the next session
		return err
	}
	switch answer.Status {
	case smpp.OK:
		return e.acknowledged(answer, place)
	case smpp.RTHROTTLED, smpp.RMSGQFUL, smpp.RSYSERR:
		return &smpp.StatusError{Command: smpp.CommandSubmitSM, Status: answer.Status}
	default:
		return fmt.Errorf("%w: %s", errFinal, answer.Status)
	}
}

func (e *crashESME) acknowledged(answer smpp.PDU, place int) error {
	taken, ok := answer.Body.(*smpp.SubmitSMResp)
	if !ok || apiID(taken.MessageID) == "" {
		return fmt.Errorf("%w: an answer without an id", errFinal)
	}
	id := apiID(taken.MessageID)
	e.mu.Lock()
	e.sent[id] = true
	e.mu.Unlock()
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	e.w.numbers[id] = ordinary(place)
	e.w.acknowledged.Add(1)
	return nil
}

// clientKilled is what kill -9 of the client leaves on its connection: a reset, between two PDUs or in one.
func clientKilled(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	link, err := w.esme.bound(t.Context())
	if err != nil {
		return "client killed while it was not bound"
	}
	if dice.IntN(2) == 0 {
		link.wire.reset()
		return "client killed"
	}
	link.wire.cut.Store(true)
	return "client killed in a PDU"
}

// clientSilent leaves a session half open that has sent a message and reads no answer: what stays of a client
// whose line is gone. The message is one of the round, which the client sends too.
func clientSilent(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	kind := smpp.CommandBindTransmitter
	if w.esme.receives && dice.IntN(2) == 0 {
		kind = smpp.CommandBindTransceiver
	}
	nc, err := new(net.Dialer).DialContext(t.Context(), "tcp", w.anyNode(dice).smpp)
	if err != nil {
		return "client gone before it was bound"
	}
	t.Cleanup(func() { nc.Close() })
	place := smppPlaces + w.rounds*crashMessages + dice.IntN(crashMessages)
	for n, body := range []smpp.Body{crashBind(kind), crashSubmit(place)} {
		octets, err := smpp.Append(nil, smpp.PDU{Sequence: uint32(n + 1), Body: body})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := nc.Write(octets); err != nil {
			return "client gone before it was bound"
		}
		if n > 0 {
			break
		}
		if err := nc.SetReadDeadline(time.Now().Add(roundPatience / 2)); err != nil {
			t.Fatal(err)
		}
		if p, err := smpp.NewReader(nc).Next(); err != nil || p.Status != smpp.OK {
			return "client gone before it was bound"
		}
	}
	return "client half open as " + strings.TrimPrefix(kind.String(), "bind_")
}

// compareReceipts waits until the client has a receipt of each of its messages that was delivered. One comes
// again where its acknowledgement was lost.
func (e *crashESME) compareReceipts(t *testing.T) {
	t.Helper()
	e.w.deadline = time.Now().Add(crashPatience)
	delivered := e.w.all(t.Context(), t, client.Delivered)
	missing := 0
	defer func() { t.Logf("%d of the client's messages without a receipt", missing) }()
	e.w.await(t, "the receipts of the client", func(ctx context.Context) bool {
		if _, err := e.bound(ctx); err != nil {
			return false
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		missing = 0
		for i := range delivered {
			if id := delivered[i].ID; e.sent[id] && e.told[id] == 0 {
				missing++
			}
		}
		return missing == 0
	})
	e.mu.Lock()
	defer e.mu.Unlock()
	again := 0
	for id, n := range e.told {
		if !e.sent[id] {
			t.Errorf("a receipt of %s, which the client did not send", id)
		}
		again += n - 1
	}
	if e.odd > 0 {
		t.Errorf("%d deliver_sm were no receipt of the gateway's", e.odd)
	}
	t.Logf("by SMPP: acknowledged %d, receipts of %d, of which %d came again", len(e.sent), len(e.told), again)
}

func (e *crashESME) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.link != nil {
		e.link.Close()
		<-e.link.Done()
	}
}
