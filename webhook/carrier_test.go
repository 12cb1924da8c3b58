package webhook_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"relais/webhook"
)

// there is a caller who is there and takes all.
type there struct{ took atomic.Int32 }

func (c *there) Ready(*webhook.Endpoint) bool { return true }

func (c *there) Carry(context.Context, *webhook.Endpoint, *webhook.Event, *webhook.Turn) webhook.Carried {
	c.took.Add(1)
	return webhook.Carried{}
}

// TestQuarantineOfACallerEnds: a process that did not know the format may have closed the endpoint of
// a caller; whoever is there gets what waits, and the endpoint is open again.
func TestQuarantineOfACallerEnds(t *testing.T) {
	d := open(t, t.TempDir(), local)
	defer d.close()
	caller := &there{}
	d.Carriers, d.Carries = map[string]webhook.Carrier{"lines": caller}, true
	id, err := d.ForCarrier(t.Context(), "default", "lines://town", "lines")
	if err != nil {
		t.Fatal(err)
	}
	before, err := d.store.Endpoint(t.Context(), "default", id)
	if err != nil {
		t.Fatal(err)
	}
	after := before
	after.State, after.Reason, after.Failures = webhook.Quarantined, "it did not answer", 10
	after.FailingAt, after.ProbeAt = time.Now().Add(-time.Hour), time.Now().Add(-time.Minute)
	if err := d.store.JudgeEndpoint(t.Context(), before, after); err != nil {
		t.Fatal(err)
	}
	const events = 3
	for range events {
		tellOne(t, d.store, before)
	}
	d.Start()
	d.settled(before, 0)
	if n := caller.took.Load(); n != events {
		t.Errorf("%d events were carried, want %d", n, events)
	}
	for {
		got, err := d.store.Endpoint(t.Context(), "default", id)
		if err != nil {
			t.Fatal(err)
		}
		if got.State == webhook.Active {
			break
		}
	}
}
