package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relais/internal/pgtest"
)

// TestConfigCheckNamesNodesThatDiffer asks beside two nodes on one database that have read
// the same file, and then another.
func TestConfigCheckNamesNodesThatDiffer(t *testing.T) {
	database, simulators := pgtest.Database(t), startSimulators(t)
	file := filepath.Join(t.TempDir(), "relais.toml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("[limits]\nsegments = 7\n")
	n := newCrashNode(t)
	check := func(more ...string) string {
		t.Helper()
		c := command(t, append([]string{
			"config", "check", "--config", file, "--data", n.data, "--database", database, "--listen", n.listen,
		}, more...)...)
		c.Env = append(c.Env, "RELAIS_SEAL_KEY="+strings.Repeat("0f", 32), "RELAIS_SANDBOX_AT="+simulators)
		said, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		return string(said)
	}
	launch := func(n *crashNode) {
		t.Helper()
		n.program = startProgram(t, "serve", "--config", file, "--listen", n.listen, "--data", n.data,
			"--database", database, "--sandbox-at", simulators)
		deadline := time.Now().Add(crashPatience)
		for n.api.Ready(t.Context()) != nil {
			if time.Now().After(deadline) {
				t.Fatal("the node does not get ready")
			}
			<-time.After(50 * time.Millisecond)
		}
	}
	launch(n)
	if said := check(); strings.Contains(said, "different configurations") {
		t.Errorf("one node: %s", said)
	}
	write("[limits]\nsegments = 8\n")
	launch(newCrashNode(t))
	said := check()
	if !strings.Contains(said, "\nthe nodes have read different configurations: give each the same file") ||
		strings.Count(said, ", since ") < 2 {
		t.Errorf("two nodes: %s", said)
	}
	if said := check("--json"); !strings.Contains(said, `"nodes_differ": true`) || strings.Count(said, `"version": `) != 3 {
		t.Errorf("in JSON: %s", said)
	}
}

// startSimulators starts simulated operators and returns their address.
func startSimulators(t *testing.T) string {
	t.Helper()
	listen, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	startProgram(t, "sandbox", "--listen", listen)
	return "http://" + listen
}
