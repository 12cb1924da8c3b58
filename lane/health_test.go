package lane

import (
	"testing"
	"testing/synctest"
	"time"

	"relais/connector"
	"relais/reason"
	"relais/sms"
)

var healthy = Health{ErrorRate: 0.5, Least: 4, ReceiptDelay: time.Minute, ProbeEvery: 30 * time.Second}

func TestErrorsLeaveAConnectorAndOneSuccessBringsItBack(t *testing.T) {
	h := newHealth(healthy)
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	call := func(fault connector.Fault, failed bool) {
		at = at.Add(time.Second)
		h.called(at.Add(-time.Millisecond), at, fault, failed, 1)
	}
	call(connector.Temporary, true)
	call(connector.Uncertain, true)
	call(0, false)
	if !h.why.IsZero() {
		t.Fatal("left before there were enough messages")
	}
	call(connector.Rejected, true)
	if h.why.IsZero() {
		t.Fatal("two of four failed, and it is not left")
	}
	if h.probe(at) {
		t.Error("a probe at once")
	}
	at = at.Add(healthy.ProbeEvery)
	if !h.probe(at) || h.probe(at) {
		t.Error("want one probe each ProbeEvery")
	}
	call(connector.Uncertain, true)
	if h.why.IsZero() {
		t.Error("a probe that failed brought it back")
	}
	call(0, false)
	if !h.why.IsZero() {
		t.Errorf("still left after a success: %s", h.why.In(reason.English))
	}
}

func TestRefusalsDoNotLeaveAConnector(t *testing.T) {
	h := newHealth(healthy)
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for range 20 {
		h.called(at, at, connector.Rejected, true, 1)
	}
	if !h.why.IsZero() {
		t.Errorf("left because of bad numbers: %s", h.why.In(reason.English))
	}
}

func TestLateReceiptsLeaveAConnector(t *testing.T) {
	h := newHealth(healthy)
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var ids []sms.ID
	for range 4 {
		id := sms.NewID(begin)
		ids = append(ids, id)
		h.watch(id, begin)
	}
	h.receipt(ids[0], begin.Add(10*time.Second))
	if h.missed(begin.Add(time.Minute)); !h.why.IsZero() {
		t.Fatal("left before a receipt was late")
	}
	if h.missed(begin.Add(time.Minute + time.Second)); !h.late {
		t.Fatal("three of four receipts are late, and it is not left")
	}
	late := begin.Add(2 * time.Minute)
	h.receipt(ids[1], late) // of a message from before: it proves nothing
	if h.why.IsZero() {
		t.Error("a receipt that came late brought it back")
	}
	probe := sms.NewID(late)
	h.watch(probe, late)
	if h.receipt(probe, late.Add(time.Second)); !h.why.IsZero() {
		t.Errorf("still left after a receipt in time: %s", h.why.In(reason.English))
	}
}

// Who only asks learns that a lane fails, and leaves it as it is.
func TestLookingAtALaneChangesNothing(t *testing.T) {
	for _, tc := range []struct {
		name string
		use  Use
		left bool
	}{
		{"a preview", ToLook, false},
		{"a message to send", ToSend, true},
		{"a message to try it with", ToTry, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := &condition{health: newHealth(healthy), state: Blocked, reason: "no_credit"}
			fit, why := l.fit(tc.use)
			if fit || why.In(reason.English) != "blocked, no_credit" {
				t.Errorf("fit %v, because %q", fit, why.In(reason.English))
			}
			if left := !l.health.why.IsZero(); left != tc.left {
				t.Errorf("left: %v, want %v", left, tc.left)
			}
			l.state, l.health.why, l.health.probeAt = Running, reason.Verbatim("late"), time.Time{}
			if fit, _ := l.fit(tc.use); fit != (tc.use == ToTry) || l.health.probes > 0 != (tc.use == ToTry) {
				t.Errorf("tried: %v, %d probes", fit, l.health.probes)
			}
		})
	}
}

// A connector that is blocked is tried when its pause is over, and not before, however often
// it may be probed.
func TestBlockedConnectorIsTriedAfterItsPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCondition(healthy, time.Now())
		c.enter(Blocked, "no credit", 2*healthy.ProbeEvery)
		if fit, _ := c.fit(ToSend); fit {
			t.Fatal("messages go to a connector that is blocked")
		}
		time.Sleep(healthy.ProbeEvery + time.Second)
		if fit, _ := c.fit(ToTry); fit {
			t.Error("a probe before the pause is over")
		}
		time.Sleep(healthy.ProbeEvery)
		if fit, _ := c.fit(ToTry); !fit {
			t.Error("no probe after the pause")
		}
	})
}
