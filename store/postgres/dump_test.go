package postgres_test

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"relais/internal/pgtest"
	"relais/lane"
	"relais/sms"
)

// TestDumpRestores does what docs/operations.md says of a backup, and goes on with
// what comes out of it.
func TestDumpRestores(t *testing.T) {
	from, to := pgtest.Database(t), pgtest.Database(t)
	s := open(t, from)
	a := acceptance(3, "key")
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	dump := filepath.Join(t.TempDir(), "relais.dump")
	for _, command := range [][]string{
		{"pg_dump", "--format=custom", "--file=" + dump, "--dbname=" + from},
		{"pg_restore", "--exit-on-error", "--dbname=" + to, dump},
	} {
		if out, err := exec.CommandContext(t.Context(), pgtest.Tool(t, command[0]), command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", command[0], err, out)
		}
	}
	restored := open(t, to)
	claimed, err := restored.Claim(t.Context(), lane.Claim{Connector: "ovh", Calls: 10, Batch: 1, Now: time.Now()})
	if err != nil || len(claimed.Calls) != 3 {
		t.Fatalf("claimed %d calls from the copy, %v; want 3", len(claimed.Calls), err)
	}
	if replay, err := restored.Accept(t.Context(), acceptance(1, "key")); err != nil || replay == nil {
		t.Errorf("the same idempotency key at the copy: %q, %v; want the first answer", replay, err)
	}
	m := claimed.Calls[0][0]
	settled, err := restored.Settle(t.Context(), []sms.Transition{{
		Account: m.Account, ID: m.ID, From: sms.Submitting, Attempt: m.Attempt, To: sms.Submitted, ProviderID: "1",
		Event: sms.Event{At: time.Now(), Status: sms.Submitted, Actor: "lane:ovh", Code: "operator_accepted", Attempt: m.Attempt},
	}})
	if err != nil || settled.Applied != 1 {
		t.Errorf("settled %+v, %v; want one", settled, err)
	}
}
