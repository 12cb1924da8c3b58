package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/client"
	"relais/sandbox"
)

const (
	crashRounds   = 3
	crashClients  = 4
	crashMessages = 12          // of one client in one round
	crashTime     = time.Minute // for all of it
)

// TestKilledGatewayLosesAndDoublesNothing kills the gateway with SIGKILL while
// clients submit and receipts pour in, and starts it again on the same data. The
// simulated operators are another process, which outlives it, pushes again what
// was not acknowledged, shows what people got, and takes the webhooks.
//
// RELAIS_CRASH_SEED repeats the choices of a run; what the processes are doing
// at the moment of the kill is not repeatable.
func TestKilledGatewayLosesAndDoublesNothing(t *testing.T) {
	seed := crashSeed(t)
	t.Logf("RELAIS_CRASH_SEED=%d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	w := newCrashWorld(t)
	w.subscribe(t)
	for round := range crashRounds {
		w.round(t, round, dice)
	}
	w.drain(t)
	w.compare(t)
	w.compareWebhooks(t)
}

func crashSeed(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("RELAIS_CRASH_SEED")
	if text == "" {
		return rand.Uint64()
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("RELAIS_CRASH_SEED: %v", err)
	}
	return seed
}

// crashWorld is a gateway that gets killed, the operators that do not, and what
// was acknowledged.
type crashWorld struct {
	operators string // URL
	listen    string
	data      string
	gateway   *program
	api       *client.Client
	deadline  time.Time

	acknowledged atomic.Int64

	mu      sync.Mutex
	numbers map[string]string // of acknowledged messages, by id
}

func newCrashWorld(t *testing.T) *crashWorld {
	t.Helper()
	simulators, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	listen, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	w := &crashWorld{
		operators: "http://" + simulators, listen: listen, data: t.TempDir(),
		api: client.New("http://"+listen, "sandbox"), deadline: time.Now().Add(crashTime), numbers: map[string]string{},
	}
	w.api.HTTP = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: crashClients}}
	t.Cleanup(w.api.HTTP.CloseIdleConnections)
	startProgram(t, "sandbox", "--listen", simulators)
	w.await(t, "the operators", func(ctx context.Context) bool {
		return getJSON(ctx, w.operators+"/handsets", new([]sandbox.Handset)) == nil
	})
	w.slowDown(t, sandbox.OVH)
	w.slowDown(t, sandbox.DMC)
	w.startGateway(t)
	return w
}

// slowDown keeps half of the calls under way for a while, so that a kill finds
// some.
func (w *crashWorld) slowDown(t *testing.T, operator string) {
	t.Helper()
	body := fmt.Sprintf(`{"operator":%q,"kind":%q,"rate":0.5,"delay_ms":50}`, operator, sandbox.FaultSlow)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, w.operators+"/faults", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("PUT /faults: status %d", resp.StatusCode)
	}
}

func (w *crashWorld) startGateway(t *testing.T) {
	t.Helper()
	w.gateway = startProgram(t, "serve", "--listen", w.listen, "--data", w.data, "--sandbox-at", w.operators)
	w.await(t, "the gateway", func(ctx context.Context) bool { return w.api.Ready(ctx) == nil })
}

// round lets clients submit, kills the gateway at a random moment and starts it
// again; the clients go on until each of their messages is acknowledged.
func (w *crashWorld) round(t *testing.T, round int, dice *rand.Rand) {
	t.Helper()
	before := w.acknowledged.Load()
	first := 1 + dice.Int64N(crashClients*crashMessages/2)
	later := time.Duration(dice.Int64N(int64(100 * time.Millisecond)))
	ctx, cancel := context.WithDeadline(t.Context(), w.deadline)
	var clients sync.WaitGroup
	defer clients.Wait()
	defer cancel()
	for n := range crashClients {
		clients.Go(func() { w.submitAll(ctx, t, round, n) })
	}
	w.await(t, "the first messages", func(context.Context) bool { return w.acknowledged.Load()-before >= first })
	<-time.After(later)
	w.gateway.kill(t)
	w.startGateway(t)
	clients.Wait()
	t.Logf("round %d: killed %v after acknowledgment %d", round+1, later.Round(time.Millisecond), first)
}

// submitAll is one client: each request has a key, with which it is repeated
// until it is acknowledged. Every message has a number of its own.
func (w *crashWorld) submitAll(ctx context.Context, t *testing.T, round, n int) {
	for i := range crashMessages {
		place := (round*crashClients+n)*crashMessages + i
		request := client.SubmitRequest{
			To: []string{ordinary(place)}, Text: fmt.Sprintf("Message %d", place),
			Connector: []string{"ovh", "sfr"}[place%2], IdempotencyKey: fmt.Sprintf("crash-%d", place),
		}
		if err := w.submit(ctx, request); err != nil {
			t.Errorf("message %d was never acknowledged: %v", place, err)
			return
		}
	}
}

// ordinary is a number of its own for each place, one that the sandbox delivers.
func ordinary(place int) string { return fmt.Sprintf("+3363998%02d%02d", place/50, place%50) }

// submit repeats a request, beyond what the client does by itself.
func (w *crashWorld) submit(ctx context.Context, r client.SubmitRequest) error {
	for {
		answer, err := w.api.Submit(ctx, r)
		if err == nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.numbers[answer.Messages[0].ID] = answer.Messages[0].To
			w.acknowledged.Add(1)
			return nil
		}
		if _, silent := errors.AsType[*client.ConnectionError](err); !silent || ctx.Err() != nil {
			return err
		}
	}
}

// receiver is the address of a caller's system, in the process that outlives
// the gateway.
func (w *crashWorld) receiver() string { return w.operators + "/webhooks/crash" }

func (w *crashWorld) subscribe(t *testing.T) {
	t.Helper()
	if _, err := w.api.CreateWebhook(t.Context(), w.receiver(), []string{"message.delivered"}); err != nil {
		t.Fatal(err)
	}
}

// drain waits until the gateway has nothing to send, and every receipt.
func (w *crashWorld) drain(t *testing.T) {
	t.Helper()
	w.await(t, "an empty queue and the last receipt", func(ctx context.Context) bool {
		for _, status := range []client.Status{client.Queued, client.Submitting, client.Submitted} {
			list, err := w.api.Messages(ctx, client.Query{Status: status, Limit: 1})
			if err != nil || len(list.Items) > 0 {
				return false
			}
		}
		return true
	})
	// DMC's receipts bear our reference, and OVH finds a message by our tag.
	w.await(t, "the end of messages in doubt that were taken", func(ctx context.Context) bool {
		list, err := w.api.Messages(ctx, client.Query{Status: client.Uncertain, Limit: 1000})
		handsets := w.handsets(ctx, t)
		taken := func(m client.Message) bool { return handsets[m.To] > 0 }
		return err == nil && !slices.ContainsFunc(list.Items, taken)
	})
}

// compare holds what the gateway says of each acknowledged message against the
// handsets.
func (w *crashWorld) compare(t *testing.T) {
	t.Helper()
	list, err := w.api.Messages(t.Context(), client.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	handsets := w.handsets(t.Context(), t)
	delivered, uncertain, doubled, known := 0, 0, 0, 0
	lost := len(w.numbers) // until each is found
	for _, m := range list.Items {
		if w.numbers[m.ID] != m.To {
			t.Errorf("message %s was made and never acknowledged", m.ID)
			continue
		}
		known++
		texts := handsets[m.To]
		if texts > 1 {
			doubled++
		}
		switch m.Status {
		case client.Delivered:
			delivered++
			lost -= min(texts, 1)
		case client.Uncertain:
			uncertain++
			lost--
		default:
			t.Errorf("message %s is %s (%s)", m.ID, m.Status, m.Reason)
		}
	}
	t.Logf("rounds %d, acknowledged %d, delivered %d, uncertain %d, lost %d, doubled %d",
		crashRounds, len(w.numbers), delivered, uncertain, lost, doubled)
	if want := crashRounds * crashClients * crashMessages; len(w.numbers) != want || known != want {
		t.Errorf("%d messages acknowledged, %d of them known after the last start; want %d", len(w.numbers), known, want)
	}
	if lost != 0 || doubled != 0 {
		t.Errorf("%d messages lost, %d doubled", lost, doubled)
	}
}

// compareWebhooks waits until the receiver has one event of each message that
// was delivered. A delivery whose answer a kill cut off comes again, with the
// same id.
func (w *crashWorld) compareWebhooks(t *testing.T) {
	t.Helper()
	list, err := w.api.Messages(t.Context(), client.Query{Status: client.Delivered, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var told map[string]string
	w.await(t, "the webhooks", func(ctx context.Context) bool {
		told = w.told(ctx, t)
		return len(told) >= len(list.Items)
	})
	events := map[string]int{}
	for _, message := range told {
		events[message]++
	}
	for i := range list.Items {
		if id := list.Items[i].ID; events[id] != 1 {
			t.Errorf("message %s is told of by %d events, want 1", id, events[id])
		}
	}
	if len(told) != len(list.Items) {
		t.Errorf("%d events for %d messages", len(told), len(list.Items))
	}
}

// told lists the events that the receiver has: the message of each id.
func (w *crashWorld) told(ctx context.Context, t *testing.T) map[string]string {
	t.Helper()
	var got []sandbox.Delivery
	if err := getJSON(ctx, w.receiver(), &got); err != nil {
		t.Fatal(err)
	}
	events := map[string]string{}
	for _, d := range got {
		var body struct {
			Data struct {
				ID string `json:"id"`
			} `json:"data"`
		}
		if err := json.Unmarshal(d.Body, &body); err != nil {
			t.Fatal(err)
		}
		events[d.ID] = body.Data.ID
	}
	return events
}

// handsets counts the texts on each handset.
func (w *crashWorld) handsets(ctx context.Context, t *testing.T) map[string]int {
	t.Helper()
	var list []sandbox.Handset
	if err := getJSON(ctx, w.operators+"/handsets", &list); err != nil {
		t.Fatal(err)
	}
	texts := make(map[string]int, len(list))
	for _, h := range list {
		texts[h.Number] = h.Texts
	}
	return texts
}

// program is a process of the real program.
type program struct {
	command *exec.Cmd
	ended   chan struct{} // closed once the process is gone
}

// startProgram runs relais, by the copy of this test program that
// testscript.Main puts on the path.
func startProgram(t *testing.T, args ...string) *program {
	t.Helper()
	var said bytes.Buffer
	p := &program{command: exec.Command("relais", args...), ended: make(chan struct{})}
	p.command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	p.command.Stdout, p.command.Stderr = io.Discard, &said
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait() // a killed process always fails
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill(t)
		if t.Failed() {
			t.Logf("relais %s said:\n%s", args[0], said.String())
		}
	})
	return p
}

// kill ends the process at once and waits until it is gone.
func (p *program) kill(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatalf("kill: %v", err)
	}
	<-p.ended
}

// await asks until done, and fails the test at its deadline.
func (w *crashWorld) await(t *testing.T, what string, done func(context.Context) bool) {
	t.Helper()
	if !every(time.Until(w.deadline), done) {
		t.Fatalf("%v were not enough: still waiting for %s", crashTime, what)
	}
}
