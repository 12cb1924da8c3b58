package smpp_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/auth"
	"relais/connector"
	door "relais/door/smpp"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/search"
	"relais/smpp"
	"relais/sms"
	"relais/store/sqlite"
	"relais/webhook"
)

// idle is an operator that is never called: the gateway of these tests sends nothing.
type idle struct{}

func (idle) Submit(context.Context, []sms.Message) ([]connector.Outcome, error) { return nil, nil }

const (
	backlog  = 200_000
	account  = "town"
	password = "secret08"
)

// hashed is what is stored of password.
var hashed = func() string {
	hash, err := auth.HashPassword(password)
	if err != nil {
		panic(err)
	}
	return hash
}()

// house is a door before a gateway on a store in a directory.
type house struct {
	door    *door.Door
	address string
	store   *forgetful
	gateway *gateway.Gateway
	sealer  *auth.Sealer
	ahead   atomic.Int64 // how far the door's clock is ahead
}

// forgetful is a store that can be made to fail once it has a message, before it knows of its parts.
type forgetful struct {
	*sqlite.Store

	dies atomic.Bool
}

func (f *forgetful) JoinParts(ctx context.Context, account string, message sms.ID, parts []door.Part) error {
	if f.dies.Swap(false) {
		return errors.New("the machine stopped")
	}
	return f.Store.JoinParts(ctx, account, message, parts)
}

func client() door.Client {
	return door.Client{Password: password, Account: account, MaxBinds: 2, Window: 10, Receipts: "both", Replies: "account"}
}

func clients() map[string]door.Client {
	uuids, slow, crawls, shut, again := client(), client(), client(), client(), client()
	again.RepeatsWithin, again.KeyTLV = 5*time.Minute, 0x1400
	uuids.UUIDs = true
	slow.Rate, crawls.Rate = 5, 0.1
	shut.AllowFrom = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	long, secret, latin := client(), client(), client()
	latin.Alphabet = smpp.Latin1
	secret.Password, secret.MaxBinds = hashed, 10
	long.Password = "a password of more than eight"
	return map[string]door.Client{"town": client(), "uuids": uuids, "slow": slow, "crawls": crawls, "shut": shut, "long": long, "other": client(), "again": again, "hashed": secret, "latin": latin}
}

func open(t testing.TB) *house {
	t.Helper()
	store, err := sqlite.OpenExclusive(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	kept := &forgetful{Store: store}
	h := &house{store: kept, sealer: newSealer(t), gateway: newGateway(t, kept, slog.New(slog.DiscardHandler))}
	h.openDoor(t)
	return h
}

func newSealer(t testing.TB) *auth.Sealer {
	t.Helper()
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		t.Fatal(err)
	}
	sealer, err := auth.NewSealer(hex.EncodeToString(key))
	if err != nil {
		t.Fatal(err)
	}
	return sealer
}

// openDoor opens a door on the store, as after a restart.
func (h *house) openDoor(t testing.TB) {
	t.Helper()
	port, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := door.New(door.Options{
		Gateway: h.gateway, Store: h.store, Clients: clients(), Ports: []net.Listener{port},
		Endpoint: func(_ context.Context, account, _, _ string) (sms.ID, error) {
			return sms.BucketOf(account).NewID(time.Now()), nil
		},
		Derive: h.sealer.Derive, Changed: func() {}, Metrics: door.NewMetrics(prometheus.NewRegistry()), Zone: time.UTC, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) },
	})
	ended, ctx := make(chan error, 1), context.WithoutCancel(t.Context())
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		stopping, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := errors.Join(d.Stop(stopping), <-ended); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	h.door, h.address = d, port.Addr().String()
}

func newGateway(t testing.TB, store gateway.Store, log *slog.Logger) *gateway.Gateway {
	t.Helper()
	g, err := gateway.New(gateway.Options{
		Store: store, Instances: []lane.Instance{{
			Name: "ovh", Connector: idle{}, Facts: connector.Facts{MaxBatch: 1, Simulated: true, Kinds: sms.Kinds},
		}},
		Account: func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR"} },
		Limits:  gateway.Limits{Segments: 10, Recipients: 100, Backlog: backlog},
		Metrics: gateway.NewMetrics(prometheus.NewRegistry()), Log: log, Clock: duty.NewClock(time.Now),
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (h *house) stored(t *testing.T) []sms.Message {
	t.Helper()
	found, _, err := h.store.Search(t.Context(), search.Query{Account: account, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (h *house) dial(t testing.TB) net.Conn {
	t.Helper()
	nc, err := new(net.Dialer).DialContext(t.Context(), "tcp", h.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	return nc
}

// esme is a client of the door that acknowledges what it gets, with a status of the test's.
type esme struct {
	*smpp.Conn

	status smpp.Status
	mu     sync.Mutex
	got    []smpp.SM
}

// connect has a session that is not bound yet.
func (h *house) connect(t testing.TB) *esme {
	t.Helper()
	e := &esme{}
	e.Conn = smpp.NewConn(h.dial(t), smpp.Options{Window: 1000, Handle: func(_ context.Context, r *smpp.Received) {
		if told, ok := r.Body.(*smpp.DeliverSM); ok {
			e.mu.Lock()
			e.got = append(e.got, told.SM)
			e.mu.Unlock()
		}
		_ = r.Respond(e.status, nil) // the test may be over
	}})
	go e.Serve(context.WithoutCancel(t.Context()))
	t.Cleanup(func() {
		e.Close()
		<-e.Done()
	})
	return e
}

func (e *esme) bindAs(t testing.TB, kind smpp.Command, systemID, password string, version byte) error {
	t.Helper()
	_, err := e.Bind(t.Context(), &smpp.Bind{Kind: kind, SystemID: systemID, Password: password, InterfaceVersion: version})
	return err
}

func (h *house) bound(t testing.TB, systemID string) *esme {
	t.Helper()
	e := h.connect(t)
	if err := e.bindAs(t, smpp.CommandBindTransceiver, systemID, password, 0x34); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *esme) ask(t testing.TB, body smpp.Body) smpp.PDU {
	t.Helper()
	answer, _, err := e.Request(t.Context(), body, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func text(text string) *smpp.SubmitSM {
	return &smpp.SubmitSM{SM: smpp.SM{
		Source: smpp.Address{TON: 5, Addr: "Mairie"}, Dest: smpp.Address{TON: 1, NPI: 1, Addr: "33639980001"}, Text: []byte(text),
	}}
}

func idIn(t testing.TB, answer smpp.PDU) string {
	t.Helper()
	taken, ok := answer.Body.(*smpp.SubmitSMResp)
	if !ok || answer.Status != smpp.OK {
		t.Fatalf("answer %s, %T", answer.Status, answer.Body)
	}
	return taken.MessageID
}

// endpoint is that of a system id.
func endpoint(systemID string) *webhook.Endpoint {
	return &webhook.Endpoint{Account: account, URL: "smpp://" + systemID, Format: door.Format}
}

// await waits for what has to come, for up to a minute.
func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(time.Minute)
	for !done() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("%s did not come", what)
		}
	}
}
