package mail_test

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/auth"
	"relais/connector"
	"relais/door/mail"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/search"
	"relais/sms"
	"relais/store/sqlite"
)

// idle is an operator that is never called: the gateway of these tests sends nothing.
type idle struct{}

func (idle) Submit(context.Context, []sms.Message) ([]connector.Outcome, error) { return nil, nil }

const password = "secret08"

// logs are what the house writes.
type logs struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// house is a door before a gateway on a store in a directory.
type house struct {
	door    *mail.Door
	address string
	store   *sqlite.Store
	gateway *gateway.Gateway
	options mail.Options
	logs    *logs
	key     string // an API key of town
}

var here = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// clients are those of the tests. Nobody needs a login to write to the domain sms.
func clients() map[string]mail.Client {
	return map[string]mail.Client{
		"town":  {Account: "town", Password: password},
		"other": {Account: "other", Password: password + "2"},
		"net":   {Account: "town", Networks: here, Domains: []string{"sms", "sms.town.example"}},
		"proof": {Account: "town", Senders: []string{"duty@town.example", "@it.town.example"}, Domains: []string{"proved.example"}},
		"far":   {Account: "town", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Domains: []string{"far.example"}},
		"auto":  {Account: "town", Networks: here, Domains: []string{"auto"}, Automatic: true},
		"topic": {Account: "town", Networks: here, Domains: []string{"topic"}, Text: "subject"},
		"both":  {Account: "town", Networks: here, Domains: []string{"both"}, Text: "both", CutAt: []string{"Sent from my"}},
	}
}

// open has a door whose options a test may change.
func open(t testing.TB, change ...func(*mail.Options)) *house {
	t.Helper()
	store, err := sqlite.OpenExclusive(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	h := &house{store: store, logs: &logs{}}
	log := slog.New(slog.NewTextHandler(h.logs, nil))
	h.gateway, err = gateway.New(gateway.Options{
		Store: store, Instances: []lane.Instance{{Name: "ovh", Connector: idle{}, Facts: connector.Facts{MaxBatch: 1, Simulated: true}}},
		Account: func(name string) gateway.Account { return gateway.Account{Name: name, Region: "FR", Sender: "RELAIS"} },
		Limits:  gateway.Limits{Segments: 10, Recipients: 100, Backlog: 100_000},
		Metrics: gateway.NewMetrics(prometheus.NewRegistry()), Log: log, Clock: duty.NewClock(time.Now),
	})
	if err != nil {
		t.Fatal(err)
	}
	h.key = "key-of-town"
	h.options = mail.Options{
		Gateway: h.gateway, Log: log, Now: time.Now, Metrics: mail.NewMetrics(prometheus.NewRegistry()),
		Keys: auth.NewKeeper(store, map[string]auth.Key{
			h.key:  {ID: "k1", Account: "town", Name: "forms"},
			"read": {ID: "k2", Account: "town", Name: "reads", Limits: auth.KeyLimits{Rights: []auth.KeyRight{auth.KeyRead}}},
		}, time.Now),
		Servers: []mail.Server{{
			Name: "door", Hostname: "sms.town.example", Clients: clients(), MaxSize: 1 << 20,
			Aliases: map[string][]string{"oncall": {"+33639980011", "+33639980012"}},
		}},
	}
	for _, c := range change {
		c(&h.options)
	}
	h.start(t)
	t.Cleanup(func() { h.stop(t) })
	return h
}

// start opens the door, as after a restart.
func (h *house) start(t testing.TB) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.address = listener.Addr().String()
	if s := &h.options.Servers[0]; s.Secure == nil {
		s.Clear = listener
	} else {
		s.Secure = listener
	}
	h.door = mail.New(h.options)
	d, ended, ctx := h.door, make(chan error, 1), context.WithoutCancel(t.Context())
	go func() { ended <- d.Run(ctx) }()
	t.Cleanup(func() {
		stopping, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := errors.Join(d.Stop(stopping), <-ended); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

func (h *house) stop(t testing.TB) {
	t.Helper()
	stopping, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := h.door.Stop(stopping); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// stored are the messages of an account, the newest first.
func (h *house) stored(t testing.TB, account string) []sms.Message {
	t.Helper()
	found, _, err := h.store.Search(t.Context(), search.Query{Account: account, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// talk is a dialogue, octet by octet.
type talk struct {
	net.Conn
	in *bufio.Reader
}

// dial connects and reads the greeting.
func (h *house) dial(t testing.TB) *talk {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", h.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	k := &talk{conn, bufio.NewReader(conn)}
	if greeting := k.answer(t); !strings.HasPrefix(greeting, "220 sms.town.example") {
		t.Fatalf("greeting %q", greeting)
	}
	return k
}

// answer reads one answer, with all its lines; empty: the connection is over.
func (k *talk) answer(t testing.TB) (whole string) {
	t.Helper()
	for {
		line, err := k.in.ReadString('\n')
		if err != nil {
			return whole
		}
		if !strings.HasSuffix(line, "\r\n") || len(line) < 5 {
			t.Errorf("no answer of SMTP: %q", line)
		}
		whole += line
		if len(line) < 4 || line[3] != '-' {
			return whole
		}
	}
}

// say sends octets and reads one answer.
func (k *talk) say(t testing.TB, octets string) string {
	t.Helper()
	if _, err := k.Write([]byte(octets)); err != nil {
		return ""
	}
	return k.answer(t)
}

// hello begins a dialogue as one of the network.
func (h *house) hello(t testing.TB) *talk {
	t.Helper()
	k := h.dial(t)
	if said := k.say(t, "EHLO printer\r\n"); !strings.HasPrefix(said, "250-") {
		t.Fatalf("EHLO: %q", said)
	}
	return k
}

// envelope opens a mail to a recipient, and returns the answer to DATA.
func (k *talk) envelope(t testing.TB, to string) string {
	t.Helper()
	for _, one := range []string{"MAIL FROM:<printer@town.example>\r\n", "RCPT TO:<" + to + ">\r\n"} {
		if said := k.say(t, one); !strings.HasPrefix(said, "250 ") {
			return said
		}
	}
	return k.say(t, "DATA\r\n")
}

// send sends a mail whole, and returns the answer.
func (k *talk) send(t testing.TB, to, content string) string {
	t.Helper()
	if said := k.envelope(t, to); !strings.HasPrefix(said, "354 ") {
		return said
	}
	return k.say(t, content+"\r\n.\r\n")
}

// simple is a mail with a text and, where it has one, a Message-ID.
func simple(id, text string) string {
	header := "From: printer@town.example\r\nSubject: Toner\r\n"
	if id != "" {
		header += "Message-ID: <" + id + ">\r\n"
	}
	return header + "\r\n" + text
}

// quit ends a dialogue.
func (k *talk) quit(t testing.TB) {
	t.Helper()
	k.say(t, "QUIT\r\n")
	k.Close()
}
