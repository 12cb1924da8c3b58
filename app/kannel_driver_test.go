//go:build oracle

package app_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/client"
	"relais/sandbox"
)

// driver is where Debian's package kannel-extras puts the small SMSC of Kannel's own tests.
const driver = "/usr/lib/kannel/test/drive_smpp"

// TestKannelsDriverIsTheOperator has the SMSC by which Kannel tests itself as the operator: it knows no
// transceiver, numbers from 0, asks for a sign of life after each text, has an unknown parameter in it, and gives messages no id.
func TestKannelsDriverIsTheOperator(t *testing.T) {
	const count = 100
	port := freePorts(t, 1)[0]
	said := startDriver(t, port, count)
	w := live(t, sandbox.Options{}, fmt.Sprintf(`
[connector.driver]
provider = "smpp"
account = "sandbox"
address = "127.0.0.1:%d"
tls = false
bind = "pair"
system_id = "foo"
password = "bar"
`, port))
	var want []string
	for n := range count {
		want = append(want, fmt.Sprint(n+1))
	}
	var got []string
	t.Cleanup(func() {
		if t.Failed() {
			said.mu.Lock()
			defer said.mu.Unlock()
			text := said.all.Bytes()
			t.Logf("the driver: …%s", text[max(0, len(text)-4000):])
		}
	})
	await(t, "the texts", patience, func() bool {
		got = w.repliesFrom(t, "456")
		return len(got) >= count
	})
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts that came (-want +got):\n%s", diff)
	}

	var batch client.BatchRequest
	for n := range count {
		batch.Messages = append(batch.Messages, client.SubmitRequest{
			To: []string{fmt.Sprintf("+3363998%04d", n)}, Text: fmt.Sprintf("Bonjour %d", n), Connector: "driver",
		})
	}
	if _, err := w.SubmitBatch(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	await(t, "the messages", patience, func() bool { return len(said.texts()) >= count })
	want = nil
	for n := range count {
		want = append(want, fmt.Sprintf("Bonjour %d", n))
	}
	got = said.texts()
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages that left (-want +got):\n%s", diff)
	}
	await(t, "the answers", patience, func() bool {
		taken := w.all(t, client.Query{Status: client.Submitted})
		return len(taken) == count
	})
}

// repliesFrom are the texts of a number.
func (w *world) repliesFrom(t *testing.T, from string) (texts []string) {
	t.Helper()
	page, err := w.Inbounds(t.Context(), client.InboundQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range page.Items {
		if one.From == from {
			texts = append(texts, one.Text)
		}
	}
	return texts
}

// driverLog is what the driver says of itself.
type driverLog struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *driverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

var driverTook = regexp.MustCompile(`submit_sm: short_message = <([^>]*)>`)

// texts are those of the messages that it took.
func (l *driverLog) texts() (texts []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, found := range driverTook.FindAllSubmatch(l.all.Bytes(), -1) {
		texts = append(texts, string(found[1]))
	}
	return texts
}

// startDriver starts it. It wants to be the smsbox of a bearerbox at a port of its own choice, and
// ends where nobody listens there.
func startDriver(t *testing.T, port, texts int) *driverLog {
	t.Helper()
	if _, err := exec.LookPath(driver); err != nil {
		t.Fatalf("%v: install the package kannel-extras (scripts/deps kannel)", err)
	}
	const bearerbox = "127.0.0.1:13001"
	if listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", bearerbox); err == nil { // else somebody listens there
		t.Cleanup(func() { listener.Close() })
	}
	l := &driverLog{}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	c := exec.CommandContext(ctx, driver, "-v", "0", "-p", fmt.Sprint(port), "-m", fmt.Sprint(texts))
	c.Dir, c.Stdout, c.Stderr = t.TempDir(), l, l
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = c.Wait() // it was killed
	})
	return l
}
