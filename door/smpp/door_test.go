package smpp

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relais/door"
	"relais/inbox"
	"relais/smpp"
	"relais/sms"
	"relais/webhook"
)

// testPatience is how long a test waits for what must come.
const testPatience = time.Minute

// serve opens a door with the client "town" on a port of its own.
func serve(t *testing.T, o Options) *Door {
	t.Helper()
	port, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.Ports, o.Zone, o.Log, o.Now, o.Changed = []net.Listener{port}, time.UTC, slog.New(slog.DiscardHandler), time.Now, func() {}
	if o.Clients == nil {
		o.Clients = map[string]Client{"town": {Password: "secret08", Account: "default", MaxBinds: 10, Window: 10}}
	}
	d := New(o)
	go d.Run(context.WithoutCancel(t.Context()))
	t.Cleanup(func() {
		if err := d.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return d
}

// bind connects an ESME of a version; handle gets what the door sends.
func (d *Door) bindFor(t *testing.T, version byte, password string, handle func(*smpp.Received)) (*smpp.Conn, error) {
	t.Helper()
	nc, err := new(net.Dialer).DialContext(t.Context(), "tcp", d.Ports[0].Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn := smpp.NewConn(nc, smpp.Options{Handle: func(_ context.Context, r *smpp.Received) { handle(r) }})
	go conn.Serve(context.WithoutCancel(t.Context()))
	t.Cleanup(func() {
		conn.Close()
		<-conn.Done()
	})
	_, err = conn.Bind(t.Context(), &smpp.Bind{
		Kind: smpp.CommandBindTransceiver, SystemID: "town", Password: password, InterfaceVersion: version,
	})
	return conn, err
}

func (d *Door) bindsOf(t *testing.T, version byte, handle func(*smpp.Received)) *smpp.Conn {
	t.Helper()
	conn, err := d.bindFor(t, version, "secret08", handle)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

var townEndpoint = &webhook.Endpoint{Account: "default", URL: "smpp://town", Format: Format}

func replyEvent(t *testing.T, text string) *webhook.Event {
	t.Helper()
	data, err := json.Marshal(inbox.InboundData{ID: sms.NewID(time.Now()), From: "+33639980001", To: "36111", Text: text, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return &webhook.Event{Type: webhook.InboundReceived, Subject: sms.NewID(time.Now()), Data: data}
}

// TestPitfall23AMuteClientLosesOneBind: an event that a client does not answer (ruby-smpp#5) closes the bind that it went by,
// and comes again by the schedule; the other binds stand.
func TestPitfall23AMuteClientLosesOneBind(t *testing.T) {
	t.Parallel()
	d := serve(t, Options{Timers: smpp.Timers{Response: 100 * time.Millisecond}})
	var asked atomic.Int32
	mute := func(*smpp.Received) { asked.Add(1) }
	binds := []*smpp.Conn{d.bindsOf(t, 0x34, mute), d.bindsOf(t, 0x34, mute), d.bindsOf(t, 0x34, mute)}
	came := d.Carry(t.Context(), townEndpoint, replyEvent(t, "Oui"), nil)
	if came.Err == nil || came.Final || came.Again != 0 {
		t.Errorf("carried %+v, want an error whose next attempt follows the schedule", came)
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("%d binds were asked", n)
	}
	ended := make(chan struct{}, len(binds))
	for _, one := range binds {
		go func() {
			<-one.Done()
			ended <- struct{}{}
		}()
	}
	select {
	case <-ended:
	case <-time.After(testPatience):
		t.Fatal("the mute bind was not closed")
	}
	if standing := d.clients["town"].standing(); len(standing) != 2 || !d.Ready(townEndpoint) {
		t.Errorf("%d binds stand, want 2", len(standing))
	}
}

// TestABrokenHeaderIsRefused: what a client calls a header, and is none, is not shown to a person.
func TestABrokenHeaderIsRefused(t *testing.T) {
	t.Parallel()
	d := serve(t, Options{})
	conn := d.bindsOf(t, 0x34, func(*smpp.Received) {})
	for name, octets := range map[string]string{
		"longer than the message": "\x20\x00\x03abc", "an element over its end": "\x03\x00\x09a" + "Bonjour", "nothing": "",
	} {
		answer, _, err := conn.Request(t.Context(), &smpp.SubmitSM{SM: smpp.SM{
			Dest: smpp.Address{TON: 1, NPI: 1, Addr: "33639980001"}, ESMClass: smpp.ESMHeader, Text: []byte(octets),
		}}, nil)
		if err != nil || answer.Status != smpp.RINVESMCLASS {
			t.Errorf("%s: %s, %v", name, answer.Status, err)
		}
	}
}

// TestAClosedDoorKeepsForItsClients: a process in which the door does not listen leaves the clients'
// events to it, and queues replies for them.
func TestAClosedDoorKeepsForItsClients(t *testing.T) {
	t.Parallel()
	env := func(sections map[string]any) *door.Env {
		return &door.Env{
			Webhooks: &webhook.Manager{}, Store: struct{ Store }{}, Sections: map[string]map[string]any{"smpp": sections}, Metrics: prometheus.NewRegistry(),
			Zone: time.UTC, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		}
	}
	opened, err := Provider().Open(t.Context(), env(nil))
	if err != nil || opened.Listener != nil || len(opened.Places) > 0 {
		t.Fatalf("opened %+v, %v", opened, err)
	}
	carrier := opened.Carriers[Format]
	if carrier == nil || carrier.Ready(townEndpoint) {
		t.Errorf("carrier %v", carrier)
	}
	if opened.ReplyEndpoints == nil {
		t.Error("replies go nowhere")
	}
}

func TestIDsOfOldClients(t *testing.T) {
	t.Parallel()
	at := time.Now()
	bucket := sms.BucketOf("default")
	bits := [32]bool{}
	first := messageID(bucket.NewID(at), ids33)
	for range 1000 {
		one := messageID(bucket.NewID(at), ids33)
		if len(one) != 8 || strings.Trim(one, "0123456789abcdef") != "" {
			t.Fatalf("id %q", one)
		}
		for i := range bits {
			digit := func(s string) int { return strings.IndexByte("0123456789abcdef", s[i/4]) >> (i % 4) & 1 }
			bits[i] = bits[i] || digit(one) != digit(first)
		}
	}
	for i, differs := range bits {
		if !differs {
			t.Errorf("bit %d is the same for all messages of an account", i)
		}
	}
}

// TestKeptAddressesHaveNoNumber: the metadata of a message says how its client wrote the addresses,
// and the addresses come back from the message.
func TestKeptAddressesHaveNoNumber(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		source bool
		given  smpp.Address
		known  string // of the message
		want   string // empty: as given
	}{
		{name: "international", given: smpp.Address{TON: 1, NPI: 1, Addr: "33639980001"}, known: "+33639980001"},
		{name: "plus", given: smpp.Address{TON: 1, NPI: 1, Addr: "+33639980001"}, known: "+33639980001"},
		{name: "national", given: smpp.Address{TON: 2, NPI: 1, Addr: "0639980001"}, known: "+33639980001"},
		{name: "without its zero", given: smpp.Address{TON: 2, NPI: 1, Addr: "639980001"}, known: "+33639980001"},
		{name: "zeros", given: smpp.Address{Addr: "0033639980001"}, known: "+33639980001"},
		{name: "spaces", given: smpp.Address{Addr: "06 39 98 00 01"}, known: "+33639980001", want: "0639980001"},
		{name: "scheme", given: smpp.Address{Addr: "tel:+33639980001"}, known: "+33639980001", want: "33639980001"},
		{name: "more digits than the number", given: smpp.Address{TON: 1, Addr: "330639980001"}, known: "+33639980001", want: "33639980001"},
		{name: "a name", source: true, given: smpp.Address{TON: 5, Addr: "Mairie"}, known: "MAIRIE"},
		{name: "no source", source: true, given: smpp.Address{}, known: "Mairie"},
		{name: "a short code", source: true, given: smpp.Address{TON: 3, Addr: "36111"}, known: "36111"},
		{name: "a number as the source", source: true, given: smpp.Address{TON: 1, Addr: "33639980002"}, known: "+33639980002"},
		{name: "a number that was replaced", source: true, given: smpp.Address{TON: 1, Addr: "33639980002"}, known: "Mairie", want: "Mairie"},
	} {
		kept := keepForm(tc.given, tc.source && isName(tc.given))
		if digits := onlyDigits(kept); strings.Contains(kept, "6399800") || len(digits) > 6 {
			t.Errorf("%s: a number is in %q", tc.name, kept)
		}
		want := tc.given
		if tc.want != "" {
			want.Addr = tc.want
		}
		if got, ok := keptAddress(kept, tc.known); !ok || got != want {
			t.Errorf("%s: %+v came back as %+v (%q)", tc.name, want, got, kept)
		}
	}
}
