package main

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"relais/sandbox"
)

// disaster happens in a round, and says what it did.
type disaster func(t *testing.T, w *crashWorld, dice *rand.Rand) string

// disasters are what may happen, as often as they stand here.
func (w *crashWorld) disasters() []disaster {
	all := []disaster{
		killed, killed, killed, killed, killedTwice, operatorFails, operatorFails, operatorFails, paused, stopped, outage,
	}
	if w.server != nil {
		all = append(all, databaseKilled, databaseKilled, databaseStopped)
	}
	if len(w.nodes) > 1 {
		all = append(all, gone, gone, asleep, asleep)
	}
	return all
}

func killed(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	n := w.anyNode(dice)
	n.kill(t)
	w.start(t, n)
	return "killed"
}

// killedTwice kills it again while it takes up what the first kill left.
func killedTwice(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	n := w.anyNode(dice)
	n.kill(t)
	w.start(t, n)
	<-time.After(time.Duration(dice.Int64N(int64(50 * time.Millisecond))))
	n.kill(t)
	w.start(t, n)
	return "killed twice"
}

// gone is a node that stays away: the other one takes its work over.
func gone(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	n := w.anyNode(dice)
	n.kill(t)
	away := 2*crashLease + time.Duration(dice.Int64N(int64(crashLease)))
	<-time.After(away)
	w.start(t, n)
	return fmt.Sprintf("gone for %v", away.Round(time.Millisecond))
}

// paused is what a virtual machine that is moved does to a process.
func paused(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	length := 100*time.Millisecond + time.Duration(dice.Int64N(int64(time.Second)))
	return pause(t, w.anyNode(dice), length)
}

// asleep is a pause longer than a lease: it wakes up and its work is another's.
func asleep(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	return pause(t, w.anyNode(dice), crashLease+time.Duration(dice.Int64N(int64(2*crashLease))))
}

func pause(t *testing.T, n *crashNode, length time.Duration) string {
	t.Helper()
	n.signal(t, syscall.SIGSTOP)
	<-time.After(length)
	n.signal(t, syscall.SIGCONT)
	return fmt.Sprintf("paused for %v", length.Round(time.Millisecond))
}

// stopped ends it as an administrator does.
func stopped(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	n := w.anyNode(dice)
	n.signal(t, syscall.SIGTERM)
	<-n.ended
	w.start(t, n)
	return "stopped and started"
}

// databaseKilled is kill -9 of PostgreSQL, which starts again at once.
func databaseKilled(t *testing.T, w *crashWorld, _ *rand.Rand) string {
	t.Helper()
	if err := w.server.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := w.server.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return "database killed"
}

// databaseStopped is PostgreSQL away for longer than a lease.
func databaseStopped(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	if err := w.server.Kill(); err != nil {
		t.Fatal(err)
	}
	away := crashLease + time.Duration(dice.Int64N(int64(crashLease)))
	<-time.After(away)
	if err := w.server.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("database away for %v", away.Round(time.Millisecond))
}

// operatorFails spoils a few calls of an operator, and kills the gateway at
// times.
func operatorFails(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	kinds := []string{
		sandbox.FaultHTTP500, sandbox.FaultHTTP503, sandbox.FaultHTML, sandbox.FaultResetBefore, sandbox.FaultResetAfterAccept,
		sandbox.FaultTimeoutAfterAccept, sandbox.FaultBadJSON, sandbox.FaultEmpty, sandbox.FaultCut, sandbox.FaultThrottle,
	}
	f := sandbox.Fault{
		Operator: []string{sandbox.OVH, sandbox.DMC}[dice.IntN(2)], Kind: kinds[dice.IntN(len(kinds))], Count: 1 + dice.IntN(4), DelayMS: 300,
	}
	w.fault(t, f)
	if dice.IntN(2) == 0 {
		return fmt.Sprintf("%s: %d x %s", f.Operator, f.Count, f.Kind)
	}
	<-time.After(time.Duration(dice.Int64N(int64(100 * time.Millisecond))))
	killed(t, w, dice)
	return fmt.Sprintf("%s: %d x %s, and killed", f.Operator, f.Count, f.Kind)
}

// outage is an operator that cannot be reached for a while.
func outage(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	f := sandbox.Fault{Operator: sandbox.OVH, Kind: sandbox.FaultRefuseConnection, DelayMS: 200 + dice.IntN(600)}
	w.fault(t, f)
	return fmt.Sprintf("nobody listens for %d ms", f.DelayMS)
}
