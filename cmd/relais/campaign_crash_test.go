package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"relais/client"
	"relais/internal/trial"
	"relais/sandbox/world"
)

// phase is where somebody's campaign is when a disaster strikes.
type phase string

// The phases of a campaign, of which each round takes one.
var phases = []phase{
	whileUploaded, whileChecked, whileStarted, whileRunning, whilePaused, whileResumed, whileCanceled,
	whileFinishing,
}

const (
	whileUploaded  phase = "uploaded"
	whileChecked   phase = "checked"
	whileStarted   phase = "started"
	whileRunning   phase = "running"
	whilePaused    phase = "paused"
	whileResumed   phase = "resumed"
	whileCanceled  phase = "canceled"
	whileFinishing phase = "finishing"
)

const (
	campaignPeople   = 2               // who send at once
	campaignPatience = 3 * time.Minute // for one campaign, from its draft to its last row
)

// campaignWorld is a crashWorld in which people send campaigns.
type campaignWorld struct {
	*crashWorld

	over         atomic.Bool // nobody begins another campaign
	places       atomic.Int64
	looks        atomic.Int64 // how often a campaign was looked at
	byThemselves atomic.Int64 // pauses that no person wanted
	tooEarly     atomic.Int64 // looks at an end with an open row
	sums         atomic.Int64 // looks at states that do not add up

	mu      sync.Mutex
	all     []*sending
	awaited phase
	entered chan struct{} // closed when somebody's campaign is there
}

// TestDisastersLoseAndDoubleNoRow lets disasters happen to the gateway while people upload
// tables, have them checked, start, pause, resume and cancel campaigns, and look at them all
// along. In the end each row has one text with its own values on its handset, or was canceled
// and has none; no campaign was called finished while a row was open; and at each look the
// rows added up.
//
// Texts are compared with those that this test makes of its own table, by no code of the
// gateway. RELAIS_CRASH_ROUNDS and RELAIS_CRASH_SEED are those of the other disasters.
func TestDisastersLoseAndDoubleNoRow(t *testing.T) {
	seed, rounds := crashNumber(t, "RELAIS_CRASH_SEED", rand.Uint64()), crashNumber(t,
		"RELAIS_CRASH_ROUNDS", crashRounds)
	for _, form := range crashForms {
		t.Run(form.name, func(t *testing.T) {
			t.Logf("RELAIS_CRASH_SEED=%d RELAIS_CRASH_ROUNDS=%d", seed, rounds)
			w := &campaignWorld{crashWorld: newCrashWorld(t, form.postgres, form.nodes)}
			for _, operator := range []string{world.OVH, world.DMC} { // so that a pause takes something back
				w.fault(t, world.Fault{Operator: operator, Kind: world.FaultSlow, Rate: 0.7, DelayMS: 200})
			}
			w.run(t, seed, int(rounds))
		})
	}
}

func (w *campaignWorld) run(t *testing.T, seed uint64, rounds int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var people, watch sync.WaitGroup
	defer watch.Wait()
	defer people.Wait()
	defer w.over.Store(true)
	defer cancel()
	watch.Go(func() { w.watch(ctx, t) })
	for n := range campaignPeople {
		people.Go(func() {
			p := &person{campaignWorld: w, dice: rand.New(rand.NewPCG(seed, uint64(n)+1))}
			for !w.over.Load() && !t.Failed() {
				p.send(ctx, t)
			}
		})
	}
	dice := rand.New(rand.NewPCG(seed, 0))
	for round := range rounds {
		w.strike(t, round, dice)
	}
	w.over.Store(true)
	w.deadline = time.Now().Add(crashPatience)
	w.calm(t)
	people.Wait()
	w.settle(t)
	cancel()
	watch.Wait()
	w.account(t, rounds)
}

// strike lets a disaster happen a moment after a campaign has come to a phase.
func (w *campaignWorld) strike(t *testing.T, round int, dice *rand.Rand) {
	t.Helper()
	w.deadline = time.Now().Add(campaignPatience)
	possible := w.disasters()
	for range len(possible) { // a kill is every other one
		possible = append(possible, killed)
	}
	if len(w.nodes) > 1 {
		for range len(possible) / 4 {
			possible = append(possible, asleepWithRows)
		}
	}
	when, what := phases[dice.IntN(len(phases))], possible[dice.IntN(len(possible))]
	later := time.Duration(dice.Int64N(int64(100 * time.Millisecond)))
	select {
	case <-w.comes(when):
	case <-time.After(time.Until(w.deadline)):
		t.Fatalf("no campaign came to be %s", when)
	}
	w.deadline = time.Now().Add(crashPatience)
	<-time.After(later)
	said := what(t, w.crashWorld, dice)
	t.Logf("round %d: %s, %v after a campaign was to be %s",
		round+1, said, later.Round(time.Millisecond), when)
}

// asleepWithRows is a node that sleeps, for longer than a lease, between reading rows and
// keeping their messages. When it wakes up, another node has sent them.
func asleepWithRows(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	n := w.anyNode(dice)
	for _, one := range w.nodes { // so that it is the one who feeds
		one.kill(t)
	}
	w.launch(t, n, sleepAtVariable+"="+string(trial.Accepting))
	w.await(t, "a node", func(ctx context.Context) bool { return n.sleeps() || n.api.Ready(ctx) == nil })
	for _, one := range w.nodes {
		if one != n {
			w.start(t, one)
		}
	}
	if !every(3*crashLease, func(context.Context) bool { return n.sleeps() }) {
		w.killAndStart(t, n)
		return "killed all, who read no row for a while"
	}
	length := 2*crashLease + time.Duration(dice.Int64N(int64(crashLease)))
	<-time.After(length)
	n.signal(t, syscall.SIGCONT)
	return fmt.Sprintf("asleep with rows for %v", length.Round(time.Millisecond))
}

// sleeps reports whether a node is stopped (proc(5)).
func (n *crashNode) sleeps() bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", n.command.Process.Pid))
	return err == nil && strings.Contains(string(stat), ") T ")
}

// comes returns a channel that is closed when a campaign comes to a phase.
func (w *campaignWorld) comes(to phase) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.awaited, w.entered = to, make(chan struct{})
	return w.entered
}

func (w *campaignWorld) enter(p phase) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.awaited == p {
		close(w.entered)
		w.awaited = ""
	}
}

// awaits reports whether the next disaster comes when a campaign comes to a phase.
func (w *campaignWorld) awaits(p phase) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.awaited == p
}

// watch looks at every campaign that has not ended, as a page of the console does.
func (w *campaignWorld) watch(ctx context.Context, t *testing.T) {
	for n := 0; ctx.Err() == nil; n++ {
		for _, s := range w.sendings() {
			if !s.ended.Load() {
				w.look(ctx, t, s, w.nodes[n%len(w.nodes)].api)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (w *campaignWorld) sendings() []*sending {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.all)
}

// look looks at a campaign, and holds what it says against what must be. It returns nil when
// nobody answers.
func (w *campaignWorld) look(
	ctx context.Context, t *testing.T, s *sending, api *client.Client,
) *client.Campaign {
	c, err := api.Campaign(ctx, s.id)
	if err != nil {
		return nil
	}
	w.looks.Add(1)
	if c.Status == client.CampaignDraft || c.Status == client.CampaignChecking {
		return c
	}
	n := c.Counts
	sum := n.Waiting + n.Taken + n.Skipped + n.Canceled + n.Delivered + n.Undelivered + n.Expired + n.Rejected
	if n.Rows != len(s.rows) || sum != n.Rows {
		w.sums.Add(1)
		t.Errorf("campaign %s of %d rows is %s with %+v", s.id, len(s.rows), c.Status, n)
	}
	if !c.Status.Ended() {
		return c
	}
	for _, state := range []string{"waiting", "taken"} {
		rows, err := api.CampaignRows(ctx, s.id, client.RowQuery{State: state, Limit: 1})
		if err != nil {
			return nil
		}
		if len(rows.Items) > 0 && !s.ended.Load() {
			w.tooEarly.Add(1)
			t.Errorf("campaign %s is %s, and row %d is %s", s.id, c.Status, rows.Items[0].Row, state)
		}
	}
	s.ended.Store(true)
	return c
}

// settle awaits the end of every campaign. What no operator could tell of a person decides.
func (w *campaignWorld) settle(t *testing.T) {
	t.Helper()
	for _, await := range []struct {
		what string
		done func(*client.Campaign) bool
	}{
		{"every row to be taken", func(c *client.Campaign) bool { return c.Counts.Waiting == 0 }},
		{"every campaign to end", func(c *client.Campaign) bool { return c.Status.Ended() }},
	} {
		w.deadline = time.Now().Add(crashPatience)
		w.drain(t)
		w.decide(t)
		w.drain(t)
		last := map[string]error{}
		done := every(time.Until(w.deadline), func(ctx context.Context) bool {
			clear(last)
			for _, s := range w.sendings() {
				c := w.look(ctx, t, s, w.api)
				if c != nil && c.Status == client.CampaignPaused { // by a guard, or by a request that was seen late
					_, _ = w.api.ResumeCampaign(ctx, s.id)
				}
				if c == nil || !await.done(c) {
					last[s.id] = stuck(c)
				}
			}
			return len(last) == 0
		})
		if !done {
			t.Fatalf("too long: still waiting for %s: %v", await.what, last)
		}
	}
}
