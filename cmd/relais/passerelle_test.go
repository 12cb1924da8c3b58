package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relais/client"
	"relais/sandbox/world"
)

const killedDoor = `
[passerelle.town]
account = "sandbox"
connector = "sfr"
kind = "sfr-dmc"
[passerelle.town.caller.anybody]
kind = "open"
`

// TestAcceptance05Killed kills the gateway in the middle of 500 messages of a
// caller of Passerelle, and starts it again: what was answered with 200 is there,
// nobody gets it twice, and what nobody can tell of is held as such. The packets
// are in app/passerelle_test.go.
func TestAcceptance05Killed(t *testing.T) {
	w := newKilledWorld(t)
	to := make([]string, 500)
	for i := range to {
		to[i] = ordinary(i)
	}
	accepted := publikSend(t, w.nodes[0], to)
	if len(accepted) != 500 {
		t.Fatalf("%d messages accepted", len(accepted))
	}
	w.await(t, "the first packets", func(ctx context.Context) bool { return len(w.handsets(ctx, t)) >= 100 })
	w.nodes[0].kill(t)
	taken := len(w.handsets(t.Context(), t))
	w.startKilled(t)
	w.drain(t)
	held := w.decide(t)
	w.drain(t)
	if taken >= 500 || held > 60 {
		t.Errorf("killed after %d messages, %d held; want it in the middle, and no more in doubt than what was under way", taken, held)
	}
	texts := w.handsets(t.Context(), t)
	for _, number := range accepted {
		if texts[number] != 1 {
			t.Errorf("a handset has %d texts", texts[number])
		}
	}
	for _, m := range w.all(t.Context(), t, "") {
		if m.Status != client.Delivered {
			t.Errorf("message %s is %s", m.ID, m.Status)
		}
	}
	t.Logf("killed after %d of 500, %d held until a person decided", taken, held)
}

func newKilledWorld(t *testing.T) *crashWorld {
	t.Helper()
	simulators, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	w := &crashWorld{
		operators: "http://" + simulators, deadline: time.Now().Add(crashPatience),
		nodes: []*crashNode{newCrashNode(t)}, seen: map[string]bool{},
	}
	w.api = w.nodes[0].api
	startProgram(t, "sandbox", "--listen", simulators)
	w.await(t, "the operators", func(ctx context.Context) bool {
		return getJSON(ctx, w.operators+"/handsets", new([]world.Handset)) == nil
	})
	// so that the kill finds calls under way
	w.fault(t, world.Fault{Operator: world.DMC, Kind: world.FaultSlow, Rate: 1, DelayMS: 300})
	w.startKilled(t)
	return w
}

func (w *crashWorld) startKilled(t *testing.T) {
	t.Helper()
	n := w.nodes[0]
	file := filepath.Join(n.data, "relais.toml")
	if err := os.WriteFile(
		file, []byte(fmt.Sprintf("sandbox_at = %q\n", w.operators)+killedDoor), 0o600,
	); err != nil {
		t.Fatal(err)
	}
	n.program = startProgram(t, "serve", "--config", file, "--listen", n.listen, "--data", n.data)
	w.await(t, "the gateway", func(ctx context.Context) bool { return n.api.Ready(ctx) == nil })
}

// publikSend sends as w.c.s. does, and returns the numbers that get a message.
func publikSend(t *testing.T, n *crashNode, to []string) (accepted []string) {
	t.Helper()
	body, err := json.Marshal(
		map[string]any{"message": "Bonjour", "from": "MAIRIE", "to": to, "counter": nil},
	)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		fmt.Sprintf("http://%s/sfr-dmc/town/send/?nostop=1", n.listen), strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got struct {
		Data struct {
			Messages []struct{ To string }
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", answer.StatusCode, err)
	}
	for _, m := range got.Data.Messages {
		accepted = append(accepted, m.To)
	}
	return accepted
}
