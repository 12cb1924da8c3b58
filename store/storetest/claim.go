package storetest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/gateway"
	"relais/lane"
	"relais/sms"
	"relais/webhook"
)

func claimOrder(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{
		to: "+33639980003", class: sms.Marketing, due: start.Add(-time.Hour),
		valid: 48 * time.Hour,
	})
	accept(t, s, draft{to: "+33639980002", due: start})
	accept(t, s, draft{to: "+33639980001", due: start.Add(-time.Minute)})
	accept(t, s, draft{to: "+33639980000", class: sms.OTP, due: start})
	accept(t, s, draft{to: "+33639980004", class: sms.OTP, due: start.Add(time.Minute)})
	accept(t, s, draft{to: "+33639980005", connector: "sfr"})

	got := numbers(claim(t, s, lane.Claim{}).Calls)
	want := [][]sms.Number{{"+33639980000"}, {"+33639980001"}, {"+33639980002"}, {"+33639980003"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
	rest := claim(t, s, lane.Claim{})
	if len(rest.Calls) != 0 || !rest.Next.Equal(start.Add(time.Minute)) {
		t.Errorf("second claim = %d calls, next due %v; want none and %v", len(rest.Calls), rest.Next,
			start.Add(time.Minute))
	}
	if none := claim(t, s, lane.Claim{Connector: "nobody"}); len(none.Calls) != 0 || !none.Next.IsZero() {
		t.Errorf("claim of an idle connector = %+v", none)
	}
}

func farDates(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{class: sms.OTP, due: start.Add(24 * time.Hour), count: 50})
	accept(t, s, draft{to: "+33639980001", class: sms.Marketing})
	got := numbers(claim(t, s, lane.Claim{Calls: 5}).Calls)
	if diff := cmp.Diff([][]sms.Number{{"+33639980001"}}, got); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
}

func claimPacks(t *testing.T, open func(t *testing.T) Store) {
	for _, tc := range []struct {
		name  string
		claim lane.Claim
		sizes []int
		short int
	}{
		{"one a call", lane.Claim{Calls: 3, Batch: 1}, []int{1, 1, 1}, 0},
		{"mixed texts fill a batch", lane.Claim{Calls: 2, Batch: 20}, []int{20, 1}, 0},
		{"one text a call", lane.Claim{Calls: 10, Batch: 4, SameText: true}, []int{4, 4, 2, 4, 4, 3}, 0},
		{"no more calls than asked", lane.Claim{Calls: 1, Batch: 4, SameText: true}, []int{4}, 0},
		{"no more segments than allowed", lane.Claim{Calls: 10, Batch: 1, Segments: 7}, []int{1, 1, 1}, 0},
		{"whole calls only", lane.Claim{Calls: 10, Batch: 4, SameText: true, Segments: 15}, []int{4}, 0},
		{"none without all of its segments", lane.Claim{Calls: 10, Batch: 20, Segments: 39}, nil, 40},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := open(t)
			accept(t, s, draft{count: 10, text: "one", due: start.Add(-time.Minute)})
			accept(t, s, draft{count: 11, text: "two"})
			var sizes []int
			claimed := claim(t, s, tc.claim)
			for _, call := range claimed.Calls {
				sizes = append(sizes, len(call))
			}
			if diff := cmp.Diff(tc.sizes, sizes); diff != "" || claimed.Short != tc.short {
				t.Errorf("%d segments short, want %d; sizes of calls (-want +got):\n%s", claimed.Short, tc.short, diff)
			}
		})
	}
}

func claimRace(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{count: 300})
	var all sync.WaitGroup
	var mu sync.Mutex
	seen := map[sms.ID]int{}
	for range 20 {
		all.Go(func() {
			claimed, err := s.Claim(t.Context(), lane.Claim{Connector: "ovh", Calls: 5, Batch: 5, Now: start})
			if err != nil {
				t.Errorf("Claim: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, call := range claimed.Calls {
				for _, m := range call {
					seen[m.ID]++
				}
			}
		})
	}
	all.Wait()
	if len(seen) != 300 {
		t.Errorf("%d different messages were claimed, want 300", len(seen))
	}
	for id, times := range seen {
		if times != 1 {
			t.Errorf("message %v was claimed %d times", id, times)
		}
	}
}

func claimExpires(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	stale := accept(t, s, draft{due: start.Add(-2 * time.Hour), valid: time.Hour})[0]
	claimed := claim(t, s, lane.Claim{})
	if len(claimed.Calls) != 0 || claimed.Expired != 1 {
		t.Errorf("claimed %d calls and %d expired, want 0 and 1", len(claimed.Calls), claimed.Expired)
	}
	if got := read(t, s, stale); got.Status != sms.Expired || got.Reason != "validity_over" {
		t.Errorf("message is %s (%s), want expired (validity_over)", got.Status, got.Reason)
	}
}

func claimWrites(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{text: "le texte"})
	m := claimOne(t, s)
	if m.Status != sms.Submitting || m.Attempt != 1 || m.Text != "le texte" || m.Sender != "RELAIS" ||
		m.Segments != 2 {
		t.Errorf("claimed message = %+v", m)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	if got := read(t, s, m); got.Status != sms.Submitting || got.Attempt != 1 {
		t.Errorf("stored message is %s at attempt %d, want submitting at 1", got.Status, got.Attempt)
	}
	events := timeline(t, s, m)
	if last := events[len(events)-1]; last.Status != sms.Submitting || last.Attempt != 1 ||
		last.Actor != "lane:ovh" {
		t.Errorf("last event = %+v", last)
	}
}

// ahead is what a clock shows that runs an hour fast.
var ahead = start.Add(time.Hour)

// sentByClockSetBack: messages that a fast clock put off go at once, what a caller
// dated stays. What was due when it was accepted needs nothing for that.
func sentByClockSetBack(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	accept(t, s, draft{due: start.Add(2 * time.Hour)}) // dated, by a clock that was right
	dated := draft{due: start.Add(3 * time.Hour)}.acceptance()
	fresh := draft{due: ahead}.acceptance()
	for _, a := range []*gateway.Acceptance{dated, fresh} {
		a.At, a.Drafts[0].AcceptedAt, a.Drafts[0].UpdatedAt = ahead, ahead, ahead
		if _, err := s.Accept(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	accept(t, s, draft{})
	retried := claimOne(t, s)
	retry := move(retried, sms.Queued, "retry")
	retry.Event.At, retry.DueAt = ahead, ahead.Add(time.Minute)
	settle(t, s, retry)
	accept(t, s, draft{})
	throttled := claimOne(t, s)
	refund := move(throttled, sms.Queued, "throttled")
	refund.Event.At, refund.DueAt, refund.Refund = ahead, ahead.Add(time.Second), true
	settle(t, s, refund)

	found, err := s.Ahead(t.Context(), "ovh", start, 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []sms.ID
	var moves []lane.Move
	for _, m := range found {
		got = append(got, m.ID)
		m.DueAt = start
		moves = append(moves, lane.Move{
			Message: m, To: "ovh",
			Event: sms.Event{At: start, Status: sms.Queued, Code: "clock_set_back", Attempt: m.Attempt},
		})
	}
	if len(got) != 2 || !slices.Contains(got, retried.ID) || !slices.Contains(got, throttled.ID) {
		t.Fatalf("put off by the clock: %v, want the one that is retried and the one that was throttled", got)
	}
	if n, err := s.Move(t.Context(), moves); err != nil || n != 2 {
		t.Fatalf("%d moved, %v", n, err)
	}
	if again, err := s.Ahead(t.Context(), "ovh", start, 10); err != nil || len(again) != 0 {
		t.Errorf("%d are still put off, %v", len(again), err)
	}
	if claimed := claim(t, s, lane.Claim{}); len(claimed.Calls) != 3 {
		t.Errorf("%d calls, want the two and the fresh one: what was dated is not due", len(claimed.Calls))
	}
}

// questionsHastenedByClockSetBack: so do those that were asked under the wrong clock about a doubt
// that is older. One that waits its turn goes on waiting.
func questionsHastenedByClockSetBack(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	pauses := lane.AskPauses()
	for asks := range pauses {
		accept(t, s, draft{})
		m := claimOne(t, s)
		doubt := move(m, sms.Uncertain, "no_clear_answer")
		doubt.AskAt = start.Add(pauses[0])
		settle(t, s, doubt)
		next := ahead.Add(pauses[asks])
		if asks == 3 {
			next = start.Add(pauses[asks])
		}
		if err := s.AskAgain(t.Context(), m, asks, next, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Hasten(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	if asked, err := s.Doubtful(t.Context(), "ovh", "", start, 20); err != nil || len(asked) != len(pauses)-1 {
		t.Errorf("%d questions are due, %v; want those of the wrong clock, %d", len(asked), err, len(pauses)-1)
	}
}

// hastenedByClockSetBack: so do questions and webhooks.
func hastenedByClockSetBack(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	e := endpoint(t, s, "")
	accept(t, s, draft{})
	doubt := move(claimOne(t, s), sms.Uncertain, "no_clear_answer")
	doubt.Event.At, doubt.AskAt = ahead, ahead.Add(time.Minute)
	settle(t, s, doubt)

	if early, err := s.Doubtful(t.Context(), "ovh", "", start, 10); err != nil || len(early) != 0 {
		t.Fatalf("%d questions are due, %v", len(early), err)
	}
	if early := due(t, s, e, start, nil); len(early) != 0 {
		t.Fatalf("%d webhooks are due", len(early))
	}
	failing := endpoint(t, s, "")
	well := failing
	failing.State, failing.FailingAt, failing.ProbeAt = webhook.Quarantined, ahead, ahead.Add(time.Minute)
	if err := s.ChangeEndpoint(t.Context(), well, failing); err != nil {
		t.Fatal(err)
	}
	if err := s.Hasten(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Endpoint(t.Context(), "default", failing.ID); err != nil || !got.ProbeAt.Equal(start) {
		t.Errorf("the endpoint is tried at %s, %v; want %s", got.ProbeAt, err, start)
	}
	if asked, err := s.Doubtful(t.Context(), "ovh", "", start, 10); err != nil || len(asked) != 1 {
		t.Errorf("%d questions are due, %v; want 1", len(asked), err)
	}
	if told := due(t, s, e, start, nil); len(told) != 1 {
		t.Errorf("%d webhooks are due, want that of the doubt", len(told))
	}
}
