package storetest

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"relais/inbox"
	"relais/lane"
	"relais/sms"
	"relais/webhook"
)

// BenchmarkLife measures what a store does in the life of a message: accept, claim, answer,
// receipt, webhook, in groups of 24. It reports the processor time of this process for each
// message; that of a database server is not in it.
func BenchmarkLife(b *testing.B, s Store) {
	const group = 24
	ctx := b.Context()
	now := time.Now().UTC()
	e := webhook.Endpoint{
		ID: sms.NewID(now), Account: "default", URL: "https://example.org/",
		Events: []webhook.Type{webhook.MessageDelivered}, Secret: []byte("sealed"), Origin: webhook.OfAPI,
		State: webhook.Active, CreatedAt: now,
	}
	if _, err := s.AddEndpoint(ctx, e); err != nil {
		b.Fatal(err)
	}
	one := func(number int) {
		for _, step := range []func(context.Context, Store, webhook.Endpoint, int, int) error{
			acceptAll, sendAll, tellAll,
		} {
			if err := step(ctx, s, e, number, group); err != nil {
				b.Fatal(err)
			}
		}
	}
	for i := range 20 {
		one(-1 - i)
	}
	b.ResetTimer()
	before := processorTime(b)
	for i := 0; i < b.N; i += group {
		one(i)
	}
	n := (b.N + group - 1) / group * group
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(n), "cpu-us/message")
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// acceptAll makes as many requests at once.
func acceptAll(ctx context.Context, s Store, _ webhook.Endpoint, number, group int) error {
	errs := make([]error, group)
	var requests sync.WaitGroup
	for i := range group {
		now := time.Now().UTC()
		d := draft{to: sms.Number(fmt.Sprintf("+336399%05d", (number+i+1000)*7919%100000)), accepted: now, due: now}
		a := d.acceptance()
		requests.Go(func() { _, errs[i] = s.Accept(ctx, a) })
	}
	requests.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// sendAll claims what waits, and stores the operator's answers, then its receipts.
func sendAll(ctx context.Context, s Store, _ webhook.Endpoint, number, group int) error {
	claimed, err := s.Claim(ctx, lane.Claim{Connector: "ovh", Calls: group, Batch: 1, Now: time.Now()})
	if err != nil {
		return err
	}
	if len(claimed.Calls) != group {
		return fmt.Errorf("%d calls, want %d", len(claimed.Calls), group)
	}
	answers := make([]sms.Transition, group)
	receipts := make([]sms.Receipt, group)
	now := time.Now().UTC()
	for i, call := range claimed.Calls {
		answers[i] = move(call[0], sms.Submitted, "submitted")
		answers[i].ProviderID = fmt.Sprintf("p%08d-%d", number+1000, i)
		answers[i].ReceiptBy, answers[i].Event.At = now.Add(72*time.Hour), now
		receipts[i] = sms.Receipt{
			ProviderID: answers[i].ProviderID, Status: sms.Delivered, Reason: "delivered", Code: "1", At: now,
		}
	}
	settled, err := s.Settle(ctx, answers)
	if err != nil || settled.Applied != group {
		return fmt.Errorf("%d answers, want %d: %w", settled.Applied, group, err)
	}
	received, err := s.Receive(ctx, &inbox.Reception{Connector: "ovh", Pushed: true, Receipts: receipts, At: now})
	if err != nil || len(received.Moved) != group {
		return fmt.Errorf("%d receipts, want %d: %w", len(received.Moved), group, err)
	}
	return nil
}

// tellAll reads the webhooks that are due, and stores that they were taken.
func tellAll(ctx context.Context, s Store, e webhook.Endpoint, _, group int) error {
	due, err := s.Due(ctx, e, time.Now(), nil, 256)
	if err != nil || len(due) != group {
		return fmt.Errorf("%d webhooks are due, want %d: %w", len(due), group, err)
	}
	taken := make([]webhook.Attempt, group)
	for i, d := range due {
		taken[i] = webhook.Attempt{
			Account: d.Account, Endpoint: d.Endpoint, Seq: d.Event.Seq, State: webhook.Delivered,
			Try: webhook.Try{At: time.Now(), Status: 200, Took: time.Millisecond},
		}
	}
	return s.SettleDeliveries(ctx, taken)
}
