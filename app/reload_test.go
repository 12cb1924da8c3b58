package app_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/app"
	"relais/client"
	"relais/config"
	"relais/sandbox"
	simovh "relais/sandbox/ovh"
	simworld "relais/sandbox/world"
)

// reloads is how often the configuration is read under load; RELAIS_RELOADS says so.
func reloads(t *testing.T) int {
	t.Helper()
	text := os.Getenv("RELAIS_RELOADS")
	if text == "" {
		return 20
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// settings reads a configuration as a reload does.
func settings(t *testing.T, text string) (config.Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "relais.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load(file, func(string) (string, bool) { return "", false }, app.Parts())
}

// watched is the connection of a caller. It counts when the other side ends it.
type watched struct {
	net.Conn

	closed atomic.Bool
	cut    *atomic.Int64
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if err != nil && !w.closed.Load() {
		w.cut.Add(1)
	}
	return n, err
}

func (w *watched) Close() error {
	w.closed.Store(true)
	return w.Conn.Close()
}

// TestReloadsUnderLoad: while callers send, the configuration is read again and again,
// with and without the second operator, and now and then it is wrong. No request fails,
// no connection of a caller is cut, and each text is once on its handset.
func TestReloadsUnderLoad(t *testing.T) {
	operators := simulate(t, sandbox.Options{FateDelay: 20 * time.Millisecond})
	var data string
	one := func(typography string, third bool) string {
		text := fmt.Sprintf("listen = \"127.0.0.1:0\"\ndata = %q\nsandbox_at = %q\n[account.sandbox]\ntypography = %q\n",
			data, operators.URL(), typography)
		if third {
			text += fmt.Sprintf("[connector.third]\nprovider = \"ovh\"\nendpoint = \"%s/ovh/1.0\"\napplication_key = %q\n"+
				"application_secret = %q\nconsumer_key = %q\nservice = %q\n", operators.URL(), simovh.ApplicationKey,
				simovh.ApplicationSecret, simovh.ConsumerKey, simovh.Service)
		}
		return text
	}
	a, _, _ := run(t, func(dir string) string { data = dir; return one("keep", true) })
	key := app.SandboxKey

	const callers = 4
	var cut, sent atomic.Int64
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return &watched{Conn: conn, cut: &cut}, err
	}
	stop := make(chan struct{})
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			c := client.New(a.URL(), key)
			transport := &http.Transport{DialContext: dial}
			defer transport.CloseIdleConnections()
			c.HTTP = &http.Client{Transport: transport}
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				to := fmt.Sprintf("+3363998%02d%02d", caller*20+n/50%20, n%50)
				if _, err := c.Submit(t.Context(), client.SubmitRequest{
					To: []string{to}, Text: fmt.Sprintf("%d of %d", n, caller), Connector: "ovh",
				}); err != nil {
					t.Errorf("caller %d, message %d: %v", caller, n, err)
					return
				}
				sent.Add(1)
			}
		})
	}
	refused := 0
	for n := range reloads(t) {
		if n%5 == 4 {
			if _, err := settings(t, one("runes", true)); err == nil {
				t.Fatal("a wrong configuration was read")
			}
			refused++
			continue
		}
		c, err := settings(t, one([]string{"keep", "gsm"}[n%2], n%2 == 0))
		if err != nil {
			t.Fatal(err)
		}
		needRestart, err := a.Reload(t.Context(), c)
		if err != nil || len(needRestart) > 0 {
			t.Fatalf("reload %d: %v, restart for %v", n, err, needRestart)
		}
	}
	close(stop)
	group.Wait()
	if n := cut.Load(); n > 0 {
		t.Errorf("%d connections of callers were cut", n)
	}
	w := &world{client.New(a.URL(), key), a, operators, nil, data}
	left := map[string]int{}
	defer func() {
		if t.Failed() {
			t.Log(left)
		}
	}()
	await(t, "every message delivered", patience, func() bool {
		clear(left)
		for _, m := range w.all(t, client.Query{}) {
			left[string(m.Status)+" "+m.Reason]++
		}
		return int64(left["delivered delivered"]) == sent.Load()
	})
	texts := map[string]int{}
	for _, h := range operators.Handsets() {
		for _, text := range operators.Handset(h.Number) {
			texts[text.Text]++
		}
	}
	if int64(len(texts)) != sent.Load() {
		t.Errorf("%d texts on handsets, want %d", len(texts), sent.Load())
	}
	for text, times := range texts {
		if times != 1 {
			t.Errorf("%q came %d times", text, times)
		}
	}
	t.Logf("%d messages, %d reloads, %d refused", sent.Load(), reloads(t)-refused, refused)
}

// TestReloadAppliesAndNames: what a reload changes holds for the next request, and what
// needs a restart is named and stays.
func TestReloadAppliesAndNames(t *testing.T) {
	operators := simulate(t, sandbox.Options{})
	a, c, _ := run(t, func(dir string) string { return fmt.Sprintf(toml, dir, operators.URL()) })
	w := client.New(a.URL(), newKey(t, c.Data))
	submit := func(connector string) error {
		_, err := w.Submit(t.Context(), client.SubmitRequest{To: []string{"+33639980001"}, Text: "Bonjour", Connector: connector})
		return err
	}
	if err := submit("sfr"); err != nil {
		t.Fatal(err)
	}
	changed := c
	changed.Connectors = slices.DeleteFunc(slices.Clone(c.Connectors), func(c config.Connector) bool { return c.Name == "sfr" })
	changed.Listen, changed.Log.Level = "127.0.0.1:1", "error"
	needRestart, err := a.Reload(t.Context(), changed)
	if err != nil || !slices.Equal(needRestart, []string{"listen", "log"}) {
		t.Fatalf("%v, restart for %v", err, needRestart)
	}
	if err := submit("sfr"); err == nil || !strings.Contains(err.Error(), "connector_unknown") {
		t.Fatalf("the connector that is gone still takes messages: %v", err)
	}
	if err := submit("ovh"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Reload(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := submit("sfr"); err != nil {
		t.Fatal(err)
	}
}

// TestReloadThatIsWrongChangesNothing: a configuration that can be read and not opened is
// refused whole, and the gateway goes on with the one that it has.
func TestReloadThatIsWrongChangesNothing(t *testing.T) {
	operators := simulate(t, sandbox.Options{})
	a, c, _ := run(t, func(dir string) string { return fmt.Sprintf(toml, dir, operators.URL()) })
	w := client.New(a.URL(), newKey(t, c.Data))
	wrong := c
	wrong.Connectors = slices.Clone(c.Connectors)
	wrong.Connectors[0].Provider = "pigeons"
	if _, err := a.Reload(t.Context(), wrong); err == nil || !strings.Contains(err.Error(), "pigeons") {
		t.Fatalf("%v, want the sentence of the start", err)
	}
	if _, err := w.Submit(t.Context(), client.SubmitRequest{To: []string{"+33639980001"}, Text: "Bonjour", Connector: "ovh"}); err != nil {
		t.Fatal(err)
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Reload(t.Context(), c); err != app.ErrStopping { //nolint:errorlint // it is that one
		t.Fatalf("%v, want ErrStopping", err)
	}
}

// TestStopDuringReload: a stop that comes while a reload waits for a call to an operator
// waits for that call too, and not first for the one and then for the other.
func TestStopDuringReload(t *testing.T) {
	operators := simulate(t, sandbox.Options{})
	a, c, logs := run(t, func(dir string) string {
		return fmt.Sprintf(strings.ReplaceAll(toml, `timeout = "1s"`, `timeout = "60s"`), dir, operators.URL())
	})
	if err := operators.SetFault(simworld.Fault{
		Operator: simworld.DMC, Kind: simworld.FaultTimeoutAfterAccept, Count: 1, DelayMS: 60_000,
	}); err != nil {
		t.Fatal(err)
	}
	w := client.New(a.URL(), newKey(t, c.Data))
	m, err := w.Submit(t.Context(), client.SubmitRequest{To: []string{"+33639980001"}, Text: "Bonjour", Connector: "sfr"})
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the call begins", patience, func() bool {
		now, err := w.Message(t.Context(), m.Messages[0].ID)
		return err == nil && now.Status == client.Submitting
	})
	reloaded := make(chan error, 1)
	go func() {
		_, err := a.Reload(t.Context(), c)
		reloaded <- err
	}()
	await(t, "the reload waits for the call", patience, func() bool {
		return strings.Contains(logs.String(), "until the calls under way have ended")
	})
	const limit = 2 * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	begun := time.Now()
	if err := a.Stop(ctx); err != nil {
		t.Log(err)
	}
	if took := time.Since(begun); took > patience/2 {
		t.Errorf("the stop took %s, of %s\n%s", took, limit, logs)
	}
	if err := <-reloaded; !errors.Is(err, app.ErrStopping) {
		t.Errorf("the reload ended with %v, want ErrStopping", err)
	}
}
