package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"relais/lane"
	"relais/reason"
	"relais/sms"
)

func settleMoves(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{})
	m := claimOne(t, s)
	tr := move(m, sms.Submitted, "operator_accepted")
	tr.ProviderID = "5100000001"
	tr.Event.Detail = reason.Verbatim("In words.")
	if applied := settle(t, s, tr); applied != 1 {
		t.Fatalf("applied %d, want 1", applied)
	}
	got := read(t, s, m)
	if got.Status != sms.Submitted || got.ProviderID != "5100000001" || got.Reason != "operator_accepted" ||
		!got.UpdatedAt.Equal(tr.Event.At) {
		t.Errorf("message = %+v", got)
	}
	events := timeline(t, s, m)
	if diff := cmp.Diff(tr.Event, events[len(events)-1]); diff != "" {
		t.Errorf("last event (-want +got):\n%s", diff)
	}
}

func settleFits(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{count: 2})
	claimed := claim(t, s, lane.Claim{})
	first, second := claimed.Calls[0][0], claimed.Calls[1][0]
	late := move(first, sms.Submitted, "late")
	late.Attempt++
	stranger := move(second, sms.Submitted, "stranger")
	stranger.Account = "other"
	if applied := settle(t, s, late, stranger, move(second, sms.Submitted, "fits")); applied != 1 {
		t.Errorf("applied %d, want 1", applied)
	}
	if got := read(t, s, first); got.Status != sms.Submitting {
		t.Errorf("a transition of another attempt moved the message to %s", got.Status)
	}
	if applied := settle(t, s, move(second, sms.Uncertain, "again")); applied != 0 {
		t.Error("a transition was applied to a message that had moved on")
	}
	if events := timeline(t, s, second); len(events) != 3 {
		t.Errorf("%d events, want 3: accepted, attempt, fits", len(events))
	}
}

func settleIllegal(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	m := accept(t, s, draft{})[0]
	if _, err := s.Settle(t.Context(), []sms.Transition{move(m, sms.Uncertain, "no")}); err == nil {
		t.Error("queued became uncertain")
	}
	if got := read(t, s, m); got.Status != sms.Queued {
		t.Errorf("message is %s, want queued", got.Status)
	}
	good := accept(t, s, draft{})[0]
	if applied := settle(t, s, move(good, sms.Canceled, "canceled_by_caller")); applied != 1 {
		t.Error("the store does not work after a refused transition")
	}
}

func settleRefund(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{})
	tr := move(claimOne(t, s), sms.Queued, "batch_refused")
	tr.Refund, tr.Solo, tr.DueAt = true, true, start.Add(-time.Second)
	settle(t, s, tr)
	accept(t, s, draft{count: 2})
	calls := claim(t, s, lane.Claim{Batch: 10}).Calls
	if len(calls) != 2 || len(calls[0]) != 1 || len(calls[1]) != 2 {
		t.Fatalf("calls = %v, want the solo message alone, then the two others", numbers(calls))
	}
	if m := calls[0][0]; m.Attempt != 1 || !m.Solo || !m.DueAt.Equal(tr.DueAt) {
		t.Errorf("solo message = attempt %d, solo %v, due %v; want 1, true, %v", m.Attempt, m.Solo, m.DueAt,
			tr.DueAt)
	}
}

func expireSweeps(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	stale := accept(t, s, draft{valid: time.Minute, count: 3})
	fresh := accept(t, s, draft{valid: time.Hour})[0]
	n, err := s.Expire(t.Context(), start.Add(time.Minute))
	if err != nil || n != 3 {
		t.Fatalf("Expire = %d, %v; want 3", n, err)
	}
	for _, m := range stale {
		if got := read(t, s, m); got.Status != sms.Expired {
			t.Errorf("stale message is %s", got.Status)
		}
	}
	if got := read(t, s, fresh); got.Status != sms.Queued {
		t.Errorf("fresh message is %s", got.Status)
	}
}

func recoverHolds(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{count: 3})
	sending := claim(t, s, lane.Claim{Calls: 2})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	n, err := s.Recover(t.Context(), "", start.Add(time.Minute))
	if err != nil || n != 2 {
		t.Fatalf("Recover = %d, %v; want 2", n, err)
	}
	for _, call := range sending.Calls {
		if got := read(t, s, call[0]); got.Status != sms.Uncertain || got.Reason != "process_died" {
			t.Errorf("message is %s (%s), want uncertain (process_died)", got.Status, got.Reason)
		}
	}
	if left := claim(t, s, lane.Claim{}); len(left.Calls) != 1 {
		t.Errorf("%d messages can still be claimed, want 1: the one that was not being sent", len(left.Calls))
	}
}

func backlogCounts(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{count: 3, due: start.Add(-time.Minute)})
	accept(t, s, draft{count: 2, connector: "sfr"})
	settle(t, s, move(claimOne(t, s), sms.Submitted, "operator_accepted"))
	settle(t, s, move(claimOne(t, s), sms.Uncertain, "no_clear_answer"))
	got, err := s.Backlog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []lane.Backlog{
		{Connector: "ovh", Status: sms.Queued, Messages: 1, Oldest: start.Add(-time.Minute)},
		{Connector: "ovh", Status: sms.Uncertain, Messages: 1, Oldest: start.Add(-time.Minute)},
		{Connector: "sfr", Status: sms.Queued, Messages: 2, Oldest: start},
	}
	order := cmpopts.SortSlices(func(a, b lane.Backlog) bool {
		return a.Connector+string(a.Status) < b.Connector+string(b.Status)
	})
	if diff := cmp.Diff(want, got, order); diff != "" {
		t.Errorf("backlog (-want +got):\n%s", diff)
	}
}
