package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestNodeThatDiesIsTakenOver kills the node that has the lanes while clients
// submit. The other one takes them over within the lease, the session with the SMSC
// with its lane, and every message stands on its handset once.
func TestNodeThatDiesIsTakenOver(t *testing.T) {
	w := newCrashWorld(t, true, 2)
	w.subscribe(t)
	var clients sync.WaitGroup
	for n := range crashClients {
		clients.Go(func() { w.submitAll(t.Context(), t, 0, n) })
	}
	w.await(t, "the first messages", func(context.Context) bool {
		return w.acknowledged.Load() >= crashClients
	})
	owner, other := w.nodes[0], w.nodes[1]
	if other.does(t.Context(), t, "lane:ovh") {
		owner, other = other, owner
	}
	if !owner.does(t.Context(), t, "lane:ovh") || other.does(t.Context(), t, "lane:ovh") {
		t.Fatal("the lane is not one node's alone")
	}
	w.await(t, "the session with the SMSC at one node", func(ctx context.Context) bool {
		const session = `relais_sessions{connector="smsc"} `
		return owner.shows(ctx, t, session)+other.shows(ctx, t, session) == "1"
	})
	owner.kill(t)
	begun := time.Now()
	for _, duty := range []string{"lane:ovh", "lane:sfr", "lane:smsc", "gateway", "webhooks"} {
		w.await(t, "the other node to do "+duty, func(ctx context.Context) bool {
			return other.does(ctx, t, duty)
		})
	}
	took := time.Since(begun)
	t.Logf("its duties were the other's after %v; the lease is %v", took.Round(time.Millisecond), crashLease)
	if most := crashLease + crashLease/3 + time.Second; took > most { // it asks three times in a lease
		t.Errorf("that took %v, want at most %v", took, most)
	}
	w.await(t, "the session with the SMSC at the other node", func(ctx context.Context) bool {
		return other.shows(ctx, t, `relais_sessions{connector="smsc"} `) == "1"
	})
	clients.Wait()
	w.start(t, owner) // the operators push to the node that told them last
	w.drain(t)
	held := w.decide(t)
	w.drain(t)
	w.compare(t, 1, held)
	w.compareWebhooks(t)
}

// does asks the metrics of a node for a duty.
func (n *crashNode) does(ctx context.Context, t *testing.T, duty string) bool {
	t.Helper()
	return n.shows(ctx, t, fmt.Sprintf("relais_duty{duty=%q} ", duty)) == "1"
}

// shows asks the metrics of a node for the value of a series; empty: it has none.
func (n *crashNode) shows(ctx context.Context, t *testing.T, series string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.listen+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := n.api.HTTP.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if value, found := strings.CutPrefix(lines.Text(), series); found {
			return value
		}
	}
	return ""
}
