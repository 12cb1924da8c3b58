package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"relais/internal/trial"
)

// What a test tells a process of the program, by its environment.
const (
	dieAtVariable = "RELAIS_TRIAL_DIE_AT" // a step: when it reaches it
	// sleepAtVariable is a step: when it reaches it for the first time it stops, as a virtual
	// machine does that is moved, until it is woken.
	sleepAtVariable = "RELAIS_TRIAL_SLEEP_AT"
	clockVariable   = "RELAIS_TRIAL_CLOCK" // a file that says how far its clock is off, read at each SIGUSR1
)

// mainUnderTrial is main in a process that obeys a test.
func mainUnderTrial() {
	if at := os.Getenv(dieAtVariable); at != "" {
		dieAt(at)
	}
	if at := os.Getenv(sleepAtVariable); at != "" {
		sleepAt(at)
	}
	if file := os.Getenv(clockVariable); file != "" {
		followClock(file)
	}
	main()
}

// dieAt kills this process as kill -9 does.
func dieAt(step string) {
	trial.Listen(func(s trial.Step) {
		if s == trial.Step(step) {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // it never comes back from there
		}
	})
}

// sleepAt stops this process once.
func sleepAt(step string) {
	var first sync.Once
	trial.Listen(func(s trial.Step) {
		if s == trial.Step(step) {
			first.Do(func() { _ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) })
		}
	})
}

func followClock(file string) {
	moved := make(chan os.Signal, 1)
	signal.Notify(moved, syscall.SIGUSR1)
	go func() {
		for range moved {
			text, err := os.ReadFile(file)
			if err != nil {
				panic(err)
			}
			by, err := time.ParseDuration(string(text))
			if err != nil {
				panic(err)
			}
			trial.MoveClock(by)
		}
	}()
}

// TestDeathAtEachStep kills the gateway at each step of a message's line, on both
// databases, while clients submit and receipts pour in. Then every message must
// stand on its handset once, and be told of once.
func TestDeathAtEachStep(t *testing.T) {
	for _, form := range crashForms[:2] {
		t.Run(form.name, func(t *testing.T) {
			w := newCrashWorld(t, form.postgres, form.nodes)
			w.subscribe(t)
			for round, step := range trial.Steps {
				w.deadline = time.Now().Add(roundPatience)
				ctx, cancel := context.WithDeadline(t.Context(), w.deadline)
				var clients sync.WaitGroup
				for n := range crashClients {
					clients.Go(func() { w.submitAll(ctx, t, round, n) })
				}
				if !w.dieAt(t, w.nodes[0], step, roundPatience) {
					t.Errorf("the gateway never reached the step %q", step)
				}
				clients.Wait()
				cancel()
			}
			w.end(t, len(trial.Steps))
		})
	}
}

// dieAt starts a node again so that it dies when it reaches a step, waits until it
// did, and starts it once more. A node that never gets there is killed.
func (w *crashWorld) dieAt(
	t *testing.T, n *crashNode, step trial.Step, patience time.Duration,
) (reached bool) {
	t.Helper()
	n.kill(t)
	w.launch(t, n, dieAtVariable+"="+string(step))
	select {
	case <-n.ended:
		reached = true
	case <-time.After(patience):
		n.kill(t)
	}
	if status, ok := n.command.ProcessState.Sys().(syscall.WaitStatus); !ok ||
		status.Signal() != syscall.SIGKILL {
		t.Errorf("the gateway ended by itself before the step %q: %v", step, n.command.ProcessState)
	}
	w.start(t, n)
	return reached
}

// diesAtStep is a death at a step. A node whose lanes are another's now may not get
// to it.
func diesAtStep(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	step := trial.Steps[dice.IntN(len(trial.Steps))]
	if w.dieAt(t, w.anyNode(dice), step, 2*crashLease) {
		return "died at the step " + string(step)
	}
	return "killed before the step " + string(step)
}

// clockJumps moves the gateway's own clock for a moment, forward or back.
func clockJumps(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	n := w.anyNode(dice)
	by := time.Duration(dice.Int64N(int64(12*time.Hour))) - 6*time.Hour
	n.moveClock(t, by)
	<-time.After(time.Duration(dice.Int64N(int64(300 * time.Millisecond))))
	n.moveClock(t, 0)
	return fmt.Sprintf("the gateway's clock off by %v", by.Round(time.Minute))
}

func (n *crashNode) clockFile() string { return filepath.Join(n.scratch, "clock") }

func (n *crashNode) moveClock(t *testing.T, by time.Duration) {
	t.Helper()
	fresh := n.clockFile() + ".new"
	err := os.WriteFile(fresh, []byte(by.String()), 0o600)
	if err == nil {
		err = os.Rename(fresh, n.clockFile())
	}
	if err != nil {
		t.Fatal(err)
	}
	n.signal(t, syscall.SIGUSR1)
}
