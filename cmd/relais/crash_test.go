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
	"relais/internal/pgtest"
	"relais/sandbox"
	"relais/sandbox/world"
)

const (
	crashRounds   = 4 // unless RELAIS_CRASH_ROUNDS says otherwise
	crashClients  = 4
	crashMessages = 12               // of one client in one round
	crashPatience = 2 * time.Minute  // for the start and for the end
	roundPatience = 20 * time.Second // for one round
	crashLease    = time.Second
)

// crashForms are the databases and the nodes that disasters happen to.
var crashForms = []struct {
	name     string
	postgres bool
	nodes    int
}{
	{"sqlite", false, 1},
	{"postgres", true, 1},
	{"two nodes", true, 2},
}

// TestDisastersLoseAndDoubleNothing lets disasters happen to the gateway and to
// its operators while clients submit, by HTTP and by SMPP, and receipts pour in. The simulated
// operators are another process, which outlives the gateway, pushes again what
// was not acknowledged, shows what people got, and takes the webhooks.
//
// What no operator could tell of is decided at the end by looking at the
// handsets, as a person would look at the operator's side. Then every message
// must stand on its handset once, and be told of once; by SMPP, where an acknowledgement may be lost, at least once.
//
// RELAIS_CRASH_ROUNDS makes it longer, RELAIS_CRASH_SEED repeats its choices; what
// the processes are doing when a disaster strikes is not repeatable.
func TestDisastersLoseAndDoubleNothing(t *testing.T) {
	seed, rounds := crashNumber(t, "RELAIS_CRASH_SEED", rand.Uint64()), crashNumber(t,
		"RELAIS_CRASH_ROUNDS", crashRounds)
	for _, form := range crashForms {
		t.Run(form.name, func(t *testing.T) {
			t.Logf("RELAIS_CRASH_SEED=%d RELAIS_CRASH_ROUNDS=%d", seed, rounds)
			crashRun(t, newCrashWorld(t, form.postgres, form.nodes), rand.New(rand.NewPCG(seed, 0)), rounds)
		})
	}
}

func crashRun(t *testing.T, w *crashWorld, dice *rand.Rand, rounds uint64) {
	t.Helper()
	w.esme = newCrashESME(w, rounds > crashRounds)
	t.Cleanup(w.esme.end)
	w.subscribe(t)
	for round := range int(rounds) {
		w.rounds = round
		w.round(t, round, dice)
	}
	w.end(t, int(rounds))
}

// end lets what waits get through, and compares.
func (w *crashWorld) end(t *testing.T, rounds int) {
	t.Helper()
	w.calm(t)
	w.drain(t)
	held := w.decide(t)
	w.drain(t)
	w.compare(t, rounds, held)
	w.compareWebhooks(t)
	if w.esme != nil {
		w.esme.compareReceipts(t)
	}
}

// crashNumber reads an environment variable.
func crashNumber(t *testing.T, name string, standard uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return standard
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// crashWorld is a gateway that gets killed, the operators that do not, and what
// was acknowledged.
type crashWorld struct {
	operators string         // URL
	server    *pgtest.Server // nil: SQLite
	database  string         // URL; empty: SQLite
	nodes     []*crashNode
	disk      string         // that can be filled, with the database on it; empty: there is none
	api       *client.Client // of the first node
	deadline  time.Time

	acknowledged atomic.Int64

	mu      sync.Mutex
	numbers map[string]string // of acknowledged messages, by id

	seen map[string]bool // messages that a person saw on their handset

	esme   *crashESME // client of the door for SMPP; nil: there is none
	rounds int        // before the one that goes on
}

// crashNode is one gateway.
type crashNode struct {
	listen  string
	smpp    string
	data    string
	scratch string // what the test keeps for it
	*program
	api *client.Client
}

func newCrashNode(t *testing.T) *crashNode {
	t.Helper()
	listen, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	door, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	n := &crashNode{
		listen: listen, smpp: door, data: t.TempDir(), scratch: t.TempDir(), api: client.New("http://"+listen, "sandbox"),
	}
	n.api.HTTP = &http.Client{
		Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: crashClients},
	}
	t.Cleanup(n.api.HTTP.CloseIdleConnections)
	return n
}

// startServer gives the nodes a PostgreSQL of their own.
func (w *crashWorld) startServer(t *testing.T) {
	t.Helper()
	var err error
	place, err := os.MkdirTemp("", "disk")
	if err == nil {
		err = os.Chmod(place, 0o755) // PostgreSQL is another user
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(place) })
	w.disk = smallDiskAt(t, place, databaseDiskSize)
	if w.server, err = pgtest.StartIn(t.Context(), place); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.server.Stop(); err != nil {
			t.Error(err)
		}
	})
	if w.database, err = w.server.Create(t.Context(), "relais"); err != nil {
		t.Fatal(err)
	}
}

func newCrashWorld(t *testing.T, postgres bool, nodes int) *crashWorld {
	t.Helper()
	simulators, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	w := &crashWorld{
		operators: "http://" + simulators, deadline: time.Now().Add(crashPatience),
		numbers: map[string]string{}, seen: map[string]bool{},
	}
	if postgres {
		w.startServer(t)
	}
	for range nodes {
		w.nodes = append(w.nodes, newCrashNode(t))
	}
	w.api = w.nodes[0].api
	if !postgres {
		w.disk = smallDiskAt(t, w.nodes[0].data, diskSize)
	}
	startProgram(t, "sandbox", "--listen", simulators)
	w.await(t, "the operators", func(ctx context.Context) bool {
		return getJSON(ctx, w.operators+"/handsets", new([]world.Handset)) == nil
	})
	for _, operator := range []string{world.OVH, world.DMC, world.SMSC} {
		// so that a kill finds calls under way
		w.fault(t, world.Fault{Operator: operator, Kind: world.FaultSlow, Rate: 0.5, DelayMS: 50})
		for _, kind := range []string{world.FaultDuplicateReceipt, world.FaultReorderedReceipt, world.FaultReceiptBeforeAnswer, world.FaultLateReceipt} {
			w.fault(t, world.Fault{Operator: operator, Kind: kind, Rate: 0.1, DelayMS: 200})
		}
	}
	for _, n := range w.nodes {
		w.start(t, n)
	}
	return w
}

func (w *crashWorld) fault(t *testing.T, f world.Fault) {
	t.Helper()
	body, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	w.order(t, http.MethodPut, string(body))
}

// calm ends every fault, so that what waits gets through.
func (w *crashWorld) calm(t *testing.T) {
	t.Helper()
	w.order(t, http.MethodDelete, "")
	w.deadline = time.Now().Add(crashPatience)
}

// order tells the operators, once an outage is over: it closes their control
// routes too.
func (w *crashWorld) order(t *testing.T, method, body string) {
	t.Helper()
	w.tell(t, method, "/faults", body)
}

func (w *crashWorld) tell(t *testing.T, method, path, body string) {
	t.Helper()
	w.await(t, "the operators to listen", func(ctx context.Context) bool {
		r, err := http.NewRequestWithContext(ctx, method, w.operators+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		if resp.StatusCode >= http.StatusBadRequest {
			t.Fatalf("%s %s: status %d", method, path, resp.StatusCode)
		}
		return true
	})
}

func (w *crashWorld) start(t *testing.T, n *crashNode) {
	t.Helper()
	w.launch(t, n)
	w.await(t, "the gateway", func(ctx context.Context) bool { return n.api.Ready(ctx) == nil })
}

// launch starts a node and does not wait for it.
func (w *crashWorld) launch(t *testing.T, n *crashNode, environment ...string) {
	t.Helper()
	environment = append([]string{
		"RELAIS_CONFIG=" + n.writeDoor(t), "RELAIS_SMPP_LISTEN=" + n.smpp, clockVariable + "=" + n.clockFile(),
	}, environment...)
	n.program = startProgramWith(t, environment,
		"serve", "--listen", n.listen, "--data", n.data, "--sandbox-at", w.operators,
		"--database", w.database)
}

// anyNode is who a disaster strikes.
func (w *crashWorld) anyNode(dice *rand.Rand) *crashNode { return w.nodes[dice.IntN(len(w.nodes))] }

// round lets clients submit, and a disaster strike at a random moment; the
// clients go on until each of their messages is acknowledged.
func (w *crashWorld) round(t *testing.T, round int, dice *rand.Rand) {
	t.Helper()
	w.deadline = time.Now().Add(roundPatience)
	before := w.acknowledged.Load()
	first := 1 + dice.Int64N(crashClients*crashMessages/2)
	later := time.Duration(dice.Int64N(int64(100 * time.Millisecond)))
	possible := w.disasters()
	strike := possible[dice.IntN(len(possible))]
	ctx, cancel := context.WithDeadline(t.Context(), w.deadline)
	var clients sync.WaitGroup
	defer clients.Wait()
	defer cancel()
	for n := range crashClients {
		clients.Go(func() { w.submitAll(ctx, t, round, n) })
	}
	if w.esme != nil {
		clients.Go(func() { w.esme.submitAll(ctx, t, round) })
	}
	w.await(t, "the first messages", func(context.Context) bool {
		return w.acknowledged.Load()-before >= first
	})
	<-time.After(later)
	what := strike(t, w, dice)
	clients.Wait()
	t.Logf("round %d: %s, %v after acknowledgment %d", round+1, what, later.Round(time.Millisecond), first)
}

// submitAll is one client: each request has a key, with which it is repeated
// until it is acknowledged. Every message has a number of its own; a third of the
// requests are batches of two.
func (w *crashWorld) submitAll(ctx context.Context, t *testing.T, round, n int) {
	first := (round*crashClients + n) * crashMessages
	for i := 0; i < crashMessages; i++ {
		var err error
		if place := first + i; i%4 == 2 {
			err = w.submitPair(ctx, crashRequest(place), crashRequest(place+1))
			i++
		} else {
			err = w.submit(ctx, crashRequest(place))
		}
		if err != nil {
			t.Errorf("message %d was never acknowledged: %v", first+i, err)
			return
		}
	}
}

func crashRequest(place int) client.SubmitRequest {
	return client.SubmitRequest{
		To: []string{ordinary(place)}, Text: fmt.Sprintf("Message %d", place),
		Connector: []string{"ovh", "sfr", "smsc"}[place%3], IdempotencyKey: fmt.Sprintf("crash-%d", place),
	}
}

// ordinary is a number of its own for each place.
func ordinary(place int) string { return fmt.Sprintf("+336120%05d", place) }

// submit makes a request of one message.
func (w *crashWorld) submit(ctx context.Context, r client.SubmitRequest) error {
	return w.insist(ctx, len(r.Text), func(api *client.Client) ([]client.Message, error) {
		answer, err := api.Submit(ctx, r)
		if err != nil {
			return nil, err
		}
		return answer.Messages, nil
	})
}

// submitPair makes a batch of two messages: both must be there, or none.
func (w *crashWorld) submitPair(ctx context.Context, one, other client.SubmitRequest) error {
	batch := client.BatchRequest{
		Messages: []client.SubmitRequest{one, other}, IdempotencyKey: one.IdempotencyKey,
	}
	return w.insist(ctx, len(one.Text), func(api *client.Client) ([]client.Message, error) {
		answer, err := api.SubmitBatch(ctx, batch)
		if err != nil {
			return nil, err
		}
		return append(answer.Items[0].Messages, answer.Items[1].Messages...), nil
	})
}

// insist repeats a request, beyond what the client does by itself, at one node after
// the other.
func (w *crashWorld) insist(
	ctx context.Context, first int, ask func(*client.Client) ([]client.Message, error),
) error {
	for i := 0; ; i++ {
		messages, err := ask(w.nodes[(first+i)%len(w.nodes)].api)
		if err == nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			for i := range messages {
				w.numbers[messages[i].ID] = messages[i].To
				w.acknowledged.Add(1)
			}
			return nil
		}
		_, silent := errors.AsType[*client.ConnectionError](err)
		problem, said := errors.AsType[*client.Problem](err)
		if later := said && problem.Status == http.StatusServiceUnavailable; !silent && !later ||
			ctx.Err() != nil {
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
	var waiting []client.Message
	defer func() {
		for _, m := range waiting {
			t.Logf("waits: %s %s %s %s, due %s, attempt %d",
				m.ID, m.Connector, m.Status, m.Reason, m.DueAt, m.Attempt)
		}
	}()
	w.await(t, "an empty queue and the last receipt", func(ctx context.Context) bool {
		for _, status := range []client.Status{client.Queued, client.Submitting, client.Submitted} {
			list, err := w.api.Messages(ctx, client.Query{Status: status, Limit: 3})
			if err != nil {
				return false
			}
			if waiting = list.Items; len(waiting) > 0 {
				return false
			}
		}
		return true
	})
	// DMC's receipts bear our reference, and OVH finds a message by our tag. SMPP has no such question.
	w.await(t, "the end of messages in doubt that were taken", func(ctx context.Context) bool {
		handsets := w.handsets(ctx, t)
		taken := func(m client.Message) bool { return handsets[m.To] > 0 && m.Connector != "smsc" }
		return !slices.ContainsFunc(w.all(ctx, t, client.Uncertain), taken)
	})
}

// decide settles what was not taken, for the operators cannot prove that, and
// returns how many were held until then. Of what went by SMPP it settles too what was taken: such a
// message is of no further use to this test, for its receipt has an id that nobody knows.
func (w *crashWorld) decide(t *testing.T) (held int) {
	t.Helper()
	why := map[string]int{}
	defer func() { t.Logf("held, by connector and reason: %v", why) }()
	handsets := w.handsets(t.Context(), t)
	for _, m := range w.all(t.Context(), t, client.Uncertain) {
		why[m.Connector+" "+m.Reason]++
		resolution := "not_taken"
		if handsets[m.To] > 0 {
			resolution = "given_up"
			w.seen[m.ID] = true
		}
		if _, err := w.api.Resolve(t.Context(), m.ID, resolution); err != nil {
			t.Errorf("message %s cannot be resolved: %v", m.ID, err)
		}
		held++
	}
	return held
}

func (w *crashWorld) all(ctx context.Context, t *testing.T, status client.Status) []client.Message {
	t.Helper()
	var found []client.Message
	for q := (client.Query{Status: status, Limit: 1000}); ; {
		page, err := w.api.Messages(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		if found = append(found, page.Items...); page.Next == "" {
			return found
		}
		q.Cursor = page.Next
	}
}

// compare holds what the gateway says of each acknowledged message against the
// handsets.
func (w *crashWorld) compare(t *testing.T, rounds, held int) {
	t.Helper()
	handsets := w.handsets(t.Context(), t)
	delivered, doubled, seen := 0, 0, 0
	lost := len(w.numbers) // until each is found
	for _, m := range w.all(t.Context(), t, "") {
		if w.numbers[m.ID] != m.To {
			t.Errorf("message %s was made and never acknowledged", m.ID)
			continue
		}
		texts := handsets[m.To]
		lost -= min(texts, 1)
		if texts > 1 {
			doubled++
			t.Errorf("message %s stands %d times on its handset", m.ID, texts)
		}
		if w.seen[m.ID] {
			seen++
			continue
		}
		if m.Status != client.Delivered {
			t.Errorf("message %s is %s (%s)", m.ID, m.Status, m.Reason)
			continue
		}
		delivered++
	}
	t.Logf("rounds %d, acknowledged %d, delivered %d, held until a person decided %d (of which %d had left by SMPP), lost %d, doubled %d",
		rounds, len(w.numbers), delivered, held, seen, lost, doubled)
	want := rounds * crashClients * crashMessages
	if w.esme != nil {
		want += rounds * crashMessages
	}
	if len(w.numbers) != want || delivered+seen != want {
		t.Errorf("%d messages acknowledged, %d delivered; want %d", len(w.numbers), delivered, want)
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
	list := w.all(t.Context(), t, client.Delivered)
	var told map[string]string
	w.await(t, "the webhooks", func(ctx context.Context) bool {
		told = w.told(ctx, t)
		return len(told) >= len(list)
	})
	events := map[string]int{}
	for _, message := range told {
		events[message]++
	}
	for i := range list {
		if id := list[i].ID; events[id] != 1 {
			t.Errorf("message %s is told of by %d events, want 1", id, events[id])
		}
	}
	if len(told) != len(list) {
		t.Errorf("%d events for %d messages", len(told), len(list))
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
	var list []world.Handset
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
	return startProgramWith(t, nil, args...)
}

func startProgramWith(t *testing.T, environment []string, args ...string) *program {
	t.Helper()
	var said bytes.Buffer
	p := &program{command: exec.Command("relais", args...), ended: make(chan struct{})}
	p.command.Env = append(environment,
		"PATH="+os.Getenv("PATH"), "HOME="+t.TempDir(), "RELAIS_LEASE="+crashLease.String(),
		"RELAIS_SEAL_KEY="+strings.Repeat("0f", 32),
	)
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

func (p *program) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		t.Fatalf("%v: %v", s, err)
	}
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
		t.Fatalf("too long: still waiting for %s", what)
	}
}
