package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/sandbox/world"
)

// disaster happens in a round, and says what it did.
type disaster func(t *testing.T, w *crashWorld, dice *rand.Rand) string

// disasters are what may happen, as often as they stand here.
func (w *crashWorld) disasters() []disaster {
	all := []disaster{
		killed, killed, killed, killed, killedTwice, operatorFails, operatorFails, operatorFails,
		paused, stopped, outage, smscFails, smscFails, smscGone,
	}
	all = append(all, clocksApart, clockJumps, clockJumps, diesAtStep, diesAtStep)
	if w.esme != nil {
		all = append(all, clientKilled, clientKilled, clientSilent)
	}
	if w.disk != "" {
		all = append(all, diskFull, diskFull)
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
	w.killAndStart(t, w.anyNode(dice))
	return "killed"
}

func (w *crashWorld) killAndStart(t *testing.T, n *crashNode) {
	t.Helper()
	n.kill(t)
	w.start(t, n)
}

// killedTwice kills it again while it takes up what the first kill left.
func killedTwice(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	n := w.anyNode(dice)
	w.killAndStart(t, n)
	<-time.After(time.Duration(dice.Int64N(int64(50 * time.Millisecond))))
	w.killAndStart(t, n)
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
	w.databaseAway(t, 0)
	return "database killed"
}

func (w *crashWorld) databaseAway(t *testing.T, length time.Duration) {
	t.Helper()
	if err := w.server.Kill(); err != nil {
		t.Fatal(err)
	}
	<-time.After(length)
	if err := w.server.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// databaseStopped is PostgreSQL away for longer than a lease.
func databaseStopped(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	away := crashLease + time.Duration(dice.Int64N(int64(crashLease)))
	w.databaseAway(t, away)
	return fmt.Sprintf("database away for %v", away.Round(time.Millisecond))
}

// operatorFails spoils a few calls of an operator, and kills the gateway at
// times.
func operatorFails(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	kinds := []string{
		world.FaultHTTP500, world.FaultHTTP503, world.FaultHTML, world.FaultResetBefore,
		world.FaultResetAfterAccept,
		world.FaultTimeoutAfterAccept, world.FaultBadJSON, world.FaultEmpty,
		world.FaultCut, world.FaultThrottle,
	}
	f := world.Fault{
		Operator: []string{world.OVH, world.DMC}[dice.IntN(2)], Kind: kinds[dice.IntN(len(kinds))], Count: 1 +
			dice.IntN(4), DelayMS: 300,
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
	f := world.Fault{Operator: world.OVH, Kind: world.FaultRefuseConnection, DelayMS: 200 + dice.IntN(600)}
	w.fault(t, f)
	return fmt.Sprintf("nobody listens for %d ms", f.DelayMS)
}

// smscFails spoils a few answers of the SMSC, which may be cut in their middle or never come, and kills
// the gateway at times.
func smscFails(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	kinds := []string{
		world.FaultThrottle, world.FaultQueueFull, world.FaultSystemError, world.FaultNack, world.FaultResetBefore,
		world.FaultResetAfterAccept, world.FaultCut, world.FaultNackZero, world.FaultStopReading, world.FaultUnbind,
		world.FaultAlreadyBound,
	}
	f := world.Fault{
		Operator: world.SMSC, Kind: kinds[dice.IntN(len(kinds))], Count: 1 + dice.IntN(3), DelayMS: 300,
	}
	w.fault(t, f)
	what := fmt.Sprintf("smsc: %d x %s", f.Count, f.Kind)
	if dice.IntN(2) == 0 {
		return what
	}
	<-time.After(time.Duration(dice.Int64N(int64(100 * time.Millisecond))))
	killed(t, w, dice)
	return what + ", and killed"
}

// smscGone cuts every session with the SMSC, wherever they are in a PDU, and nobody listens for a while: what
// its end by kill -9 is to the gateway.
func smscGone(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	f := world.Fault{Operator: world.SMSC, Kind: world.FaultRefuseConnection, DelayMS: 200 + dice.IntN(600)}
	w.fault(t, f)
	return fmt.Sprintf("smsc: gone for %d ms", f.DelayMS)
}

// clocksApart puts the operators' clock hours back for a moment. Not forward: what
// they had planned then would come when their clock gets there again.
func clocksApart(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	away := time.Duration(dice.Int64N(int64(6 * time.Hour)))
	w.setClock(t, time.Now().Add(-away))
	<-time.After(300 * time.Millisecond)
	w.setClock(t, time.Now())
	return fmt.Sprintf("operators' clock back by %v", away.Round(time.Minute))
}

func (w *crashWorld) setClock(t *testing.T, now time.Time) {
	t.Helper()
	w.tell(t, http.MethodPost, "/clock", fmt.Sprintf(`{"now":%q}`, now.UTC().Format(time.RFC3339)))
}

// Sizes of the file systems that a disaster fills: SQLite's, and PostgreSQL's with
// its log.
const (
	diskSize         = 256 << 20
	databaseDiskSize = 512 << 20
)

// smallDiskAt puts a directory on a file system of its own, which only root can.
func smallDiskAt(t *testing.T, dir string, size int) string {
	t.Helper()
	if err := syscall.Mount("relais", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Logf("no full disk among the disasters: a small file system cannot be mounted: %v", err)
		return ""
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// diskFull leaves the database not a byte, for a while; a gateway may be killed in
// it. PostgreSQL may end over it, and is started again when there is room.
func diskFull(t *testing.T, w *crashWorld, dice *rand.Rand) string {
	t.Helper()
	n := w.anyNode(dice)
	ballast := filepath.Join(w.disk, "ballast")
	fill(t, ballast)
	if w.server != nil {
		w.spendLog(t.Context())
	}
	<-time.After(time.Duration(dice.Int64N(int64(time.Second))))
	what, kill := "disk full", dice.IntN(2) == 0
	if kill {
		n.kill(t)
		what += ", and killed"
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if w.server != nil {
		died, err := w.server.Revive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if died {
			what += ", which PostgreSQL did not survive"
		}
	}
	if kill {
		w.start(t, n)
	}
	return what
}

// spendLog uses up what PostgreSQL had reserved for its log, until it wants more
// of the disk than there is.
func (w *crashWorld) spendLog(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, w.database)
	if err != nil {
		return // it is down already
	}
	defer conn.Close(ctx)
	for err == nil {
		_, err = conn.Exec(ctx, "SELECT pg_logical_emit_message(true, '', ''), pg_switch_wal()")
	}
}

// fill makes a file that takes what room there is.
func fill(t *testing.T, ballast string) {
	t.Helper()
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range [][]byte{make([]byte, 64<<10), make([]byte, 512)} { // the last bytes
		for err = nil; err == nil; {
			_, err = f.Write(block)
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
