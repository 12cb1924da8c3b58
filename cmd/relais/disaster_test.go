package main

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"relais/sandbox"
)

// disasters are what may happen in a round, as often as they stand here. Each
// says what it did.
var disasters = []func(t *testing.T, w *crashWorld, dice *rand.Rand) string{
	killed, killed, killed, killed, killedTwice, operatorFails, operatorFails, operatorFails, paused, stopped, outage,
}

func killed(t *testing.T, w *crashWorld, _ *rand.Rand) string {
	t.Helper()
	w.gateway.kill(t)
	w.startGateway(t)
	return "killed"
}

// killedTwice kills it again while it takes up what the first kill left.
func killedTwice(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	killed(t, w, dice)
	<-time.After(time.Duration(dice.Int64N(int64(50 * time.Millisecond))))
	killed(t, w, dice)
	return "killed twice"
}

// paused is what a virtual machine that is moved does to a process.
func paused(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	length := 100*time.Millisecond + time.Duration(dice.Int64N(int64(time.Second)))
	w.gateway.signal(t, syscall.SIGSTOP)
	<-time.After(length)
	w.gateway.signal(t, syscall.SIGCONT)
	return fmt.Sprintf("paused for %v", length.Round(time.Millisecond))
}

// stopped ends it as an administrator does.
func stopped(t *testing.T, w *crashWorld, _ *rand.Rand) string {
	t.Helper()
	w.gateway.signal(t, syscall.SIGTERM)
	<-w.gateway.ended
	w.startGateway(t)
	return "stopped and started"
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
