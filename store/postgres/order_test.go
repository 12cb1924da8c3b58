package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"relais/gateway"
	"relais/inbox"
	"relais/internal/pgtest"
	"relais/lane"
	"relais/sms"
	"relais/store/table"
)

func announce(ctx context.Context, tx pgx.Tx) (seq int64, err error) {
	return within(ctx, tx, 0).Tell(table.Event{
		Type: "credit.low", Subject: sms.NewID(time.Now()), At: time.Now(), Data: []byte("{}"),
	})
}

// feedWhen reads the feed until it is as is wanted, for a minute at most: the server has
// transactions of its own, which hold it back as any other.
func feedWhen(t *testing.T, s *Store, wanted func(seqs []int64) bool) (seqs []int64) {
	t.Helper()
	for until := time.Now().Add(time.Minute); ; {
		events, err := s.Feed(t.Context(), "default", 0, nil, 100)
		if err != nil {
			t.Fatal(err)
		}
		seqs = nil
		for _, e := range events {
			seqs = append(seqs, e.Seq)
		}
		if wanted(seqs) || time.Now().After(until) {
			return seqs
		}
	}
}

// TestNothingAppearsBehindACursor: an event of a transaction that still runs has a
// smaller number than one that has ended. A reader waits for it.
func TestNothingAppearsBehindACursor(t *testing.T) {
	s := openForTest(t)
	atOnce := func([]int64) bool { return true }
	slow, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Rollback(t.Context())
	first, err := announce(t.Context(), slow)
	if err != nil {
		t.Fatal(err)
	}
	var second int64
	if err := s.transact(t.Context(), func(ctx context.Context, tx pgx.Tx) (err error) {
		second, err = announce(ctx, tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if seen := feedWhen(t, s, atOnce); len(seen) != 0 {
		t.Errorf("the feed shows %v while %d is still to come", seen, first)
	}
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	both := func(seqs []int64) bool { return len(seqs) == 2 }
	if seen := feedWhen(t, s, both); len(seen) != 2 || seen[0] != first || seen[1] != second {
		t.Errorf("the feed shows %v, want %d and %d", seen, first, second)
	}
}

func draftFor(connector string) *gateway.Acceptance {
	now := time.Now()
	return &gateway.Acceptance{Actor: "api:test", At: now, Drafts: []gateway.Draft{{Message: sms.Message{
		ID: sms.NewID(now), Submission: sms.NewID(now), Account: "default", To: "+33639980001", Text: "Bonjour", Class: sms.Transactional,
		Encoding: sms.GSM7, Segments: 1, Connector: connector, Status: sms.Queued, DueAt: now, ExpiresAt: now.Add(time.Hour), AcceptedAt: now, UpdatedAt: now,
	}}}}
}

func claimed(t *testing.T, s *Store, connector string) sms.Message {
	t.Helper()
	got, err := s.Claim(t.Context(), lane.Claim{Connector: connector, Calls: 1, Batch: 1, Now: time.Now()})
	if err != nil || len(got.Calls) != 1 {
		t.Fatalf("claimed %+v, %v; want one call", got, err)
	}
	return got.Calls[0][0]
}

func submittedAs(m sms.Message, id string) sms.Transition {
	return sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Submitting, Attempt: m.Attempt, To: sms.Submitted, ProviderID: id,
		Event: sms.Event{At: time.Now(), Status: sms.Submitted, Actor: "lane:ovh", Code: "operator_accepted", Attempt: m.Attempt},
	}
}

// TestReceiptAtTheMomentOfTheAnswer: while a message gets its operator's id, a
// receipt for it neither finds it nor is left behind.
func TestReceiptAtTheMomentOfTheAnswer(t *testing.T) {
	s := openForTest(t)
	if _, err := s.Accept(t.Context(), draftFor("ovh")); err != nil {
		t.Fatal(err)
	}
	m := claimed(t, s, "ovh")
	settling, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer settling.Rollback(t.Context())
	var rows transitionRows
	move := submittedAs(m, "10")
	if err := rows.add(&move); err != nil {
		t.Fatal(err)
	}
	batch := &pgx.Batch{}
	rows.queue(batch, func(int, string) {})
	if err := settling.SendBatch(t.Context(), batch).Close(); err != nil {
		t.Fatal(err)
	}
	received := make(chan inbox.Received, 1)
	go func() {
		got, err := s.Receive(t.Context(), &inbox.Reception{
			Connector: "ovh", Owner: "default", Pushed: true, At: time.Now(), Receipts: []sms.Receipt{{ProviderID: "10", Status: sms.Delivered}},
			PerSender: func(string) bool { return false },
		})
		if err != nil {
			t.Error(err)
		}
		received <- got
	}()
	select {
	case got := <-received:
		t.Fatalf("the receipt is %v beside the answer", got.Verdicts)
	case <-time.After(200 * time.Millisecond):
	}
	if err := settling.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := <-received; got.Verdicts[inbox.Applied] != 1 {
		t.Errorf("the receipt is %v, want applied", got.Verdicts)
	}
}

// TestEarlyReceiptIsOwedUntilItIsGiven: a failure between a settle and the receipt
// that came before it is made up by the next settle.
func TestEarlyReceiptIsOwedUntilItIsGiven(t *testing.T) {
	s := openForTest(t)
	if _, err := s.Accept(t.Context(), draftFor("ovh")); err != nil {
		t.Fatal(err)
	}
	m := claimed(t, s, "ovh")
	if _, err := s.Receive(t.Context(), &inbox.Reception{
		Connector: "ovh", Owner: "default", Pushed: true, At: time.Now(), Receipts: []sms.Receipt{{ProviderID: "10", Status: sms.Delivered}},
	}); err != nil {
		t.Fatal(err)
	}
	// The settle whose second half failed: what is left of it is what is owed.
	request := &settling{transitions: []sms.Transition{submittedAs(m, "10")}, applied: make([]bool, 1), early: make([]string, 1)}
	if err := s.settles.Do(t.Context(), request); err != nil || request.early[0] != "ovh" {
		t.Fatalf("settled %+v, %v; want a receipt at ovh", request, err)
	}
	s.owed.add(due{providerOf{"ovh", "10"}, time.Now()})
	again, err := s.Settle(t.Context(), request.transitions)
	if err != nil || again.Applied != 0 || len(again.Received) != 1 || again.Received[0] != m.ID {
		t.Errorf("the settle that came again: %+v, %v; want the message received", again, err)
	}
	if got, err := s.Message(t.Context(), "default", m.ID); err != nil || got.Status != sms.Delivered {
		t.Errorf("message %s, %v; want delivered", got.Status, err)
	}
	if left := s.owed.take(); len(left) != 0 {
		t.Errorf("still owed: %v", left)
	}
}

// TestEarlyReceiptsShareTransactions: however many come before their answers, one statement
// reads them, and they share the transactions of receipts.
func TestEarlyReceiptsShareTransactions(t *testing.T) {
	s, sent, err := openWatched(t, pgtest.Upgraded(t, Upgrade), true)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const n = 50
	var early []sms.Receipt
	var moves []sms.Transition
	for _, m := range claimedOf(t, s, n) {
		early = append(early, sms.Receipt{ProviderID: m.ID.Ref(), Status: sms.Delivered})
		moves = append(moves, submittedAs(m, m.ID.Ref()))
	}
	if _, err := s.Receive(t.Context(), pushed(early...)); err != nil {
		t.Fatal(err)
	}
	for i := range moves {
		moves[i].Event.At = moves[0].Event.At // as of one call
	}
	settled, err := s.Settle(t.Context(), moves)
	if err != nil || len(settled.Received) != n {
		t.Fatalf("%d messages received, %v; want %d", len(settled.Received), err, n)
	}
	if reads, ends := sent.times(selectEarly), sent.times(deleteTaken); reads != 1 || ends != 1 {
		t.Errorf("%d reads and %d transactions, want one of each", reads, ends)
	}
}

// TestClaimThatWasNotConfirmedGoesBack: it may have been written and was not sent.
func TestClaimThatWasNotConfirmedGoesBack(t *testing.T) {
	s := openForTest(t)
	if _, err := s.Accept(t.Context(), draftFor("ovh")); err != nil {
		t.Fatal(err)
	}
	m := claimed(t, s, "ovh")
	s.unsure.put("ovh", [][]sms.Message{{m}})
	if again := claimed(t, s, "ovh"); again.ID != m.ID || again.Attempt != 1 {
		t.Errorf("claimed %v at attempt %d; want the same at 1: the other did not count", again.ID, again.Attempt)
	}
	if left := s.unsure.of("ovh"); len(left) != 0 {
		t.Errorf("%d messages are still unsure", len(left))
	}
}

// TestTwoSettlesOfOneMessageShareNoStatement: one statement would apply one of them.
func TestTwoSettlesOfOneMessageShareNoStatement(t *testing.T) {
	s := openForTest(t)
	if _, err := s.Accept(t.Context(), draftFor("ovh")); err != nil {
		t.Fatal(err)
	}
	first := submittedAs(claimed(t, s, "ovh"), "10")
	second := first
	second.From, second.To, second.Event.Status, second.Event.Code = sms.Submitted, sms.Delivered, sms.Delivered, "delivered"
	var group []*settling
	for _, move := range []sms.Transition{first, second} {
		group = append(group, &settling{transitions: []sms.Transition{move}, applied: make([]bool, 1), early: make([]string, 1)})
	}
	if err := s.writeSettles(t.Context(), group); err != nil || !group[0].applied[0] || !group[1].applied[0] {
		t.Errorf("applied %v and %v, %v; want both", group[0].applied, group[1].applied, err)
	}
	events, _, err := s.Timeline(t.Context(), "default", first.ID)
	if err != nil || len(events) != 4 || events[3].Code != "delivered" {
		t.Errorf("timeline %+v, %v; want four events, the last delivered", events, err)
	}
}
