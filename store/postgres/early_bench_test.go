package postgres

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"relais/inbox"
	"relais/internal/pgtest"
	"relais/lane"
	"relais/sms"
)

// BenchmarkReceipts settles messages and receives their receipts, 64 at a time, in a
// database whose commits take 10 ms longer than they would. Receipts that come before the
// operator's answer is settled are kept first, which is one commit more.
func BenchmarkReceipts(b *testing.B) {
	for _, early := range []bool{false, true} {
		b.Run(fmt.Sprintf("early=%v", early), func(b *testing.B) { benchReceipts(b, early) })
	}
}

const slowCommits = "&options=-c%20commit_delay%3D10000%20-c%20commit_siblings%3D0"

func benchReceipts(b *testing.B, early bool) {
	s, err := Open(b.Context(), pgtest.Database(b)+slowCommits, true)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	messages := make(chan sms.Message, b.N)
	for _, m := range claimedOf(b, s, b.N) {
		messages <- m
	}
	close(messages)
	var workers sync.WaitGroup
	b.ResetTimer()
	for range 64 {
		workers.Go(func() {
			for m := range messages {
				steps := []func() error{
					func() error {
						_, err := s.Settle(b.Context(), []sms.Transition{submittedAs(m, m.ID.Ref())})
						return err
					},
					func() error {
						_, err := s.Receive(b.Context(), pushed(sms.Receipt{ProviderID: m.ID.Ref(), Status: sms.Delivered}))
						return err
					},
				}
				if early {
					steps[0], steps[1] = steps[1], steps[0]
				}
				for _, step := range steps {
					if err := step(); err != nil {
						b.Error(err)
					}
				}
			}
		})
	}
	workers.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lives/s")
	var undelivered int
	if err := s.pool.QueryRow(b.Context(), "SELECT count(*) FROM messages WHERE status <> 'delivered'").
		Scan(&undelivered); err != nil || undelivered > 0 {
		b.Errorf("%d messages have not got their receipt, %v", undelivered, err)
	}
}

func pushed(receipts ...sms.Receipt) *inbox.Reception {
	return &inbox.Reception{Connector: "ovh", Owner: "default", Pushed: true, At: time.Now(), Receipts: receipts}
}

// claimedOf accepts n messages and claims them.
func claimedOf(t testing.TB, s *Store, n int) (all []sms.Message) {
	t.Helper()
	a := draftFor("ovh")
	for range n - 1 {
		a.Drafts = append(a.Drafts, draftFor("ovh").Drafts...)
		a.Drafts[len(a.Drafts)-1].Submission = a.Drafts[0].Submission
	}
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	got, err := s.Claim(t.Context(), lane.Claim{Connector: "ovh", Calls: n, Batch: 1, Now: time.Now()})
	if err != nil || len(got.Calls) != n {
		t.Fatalf("claimed %d, %v; want %d calls", len(got.Calls), err, n)
	}
	for _, call := range got.Calls {
		all = append(all, call...)
	}
	return all
}
