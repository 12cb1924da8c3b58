package sqlite_test

import (
	"fmt"
	"testing"
	"time"

	"relais/gateway"
	"relais/lane"
	"relais/reason"
	"relais/sms"
	"relais/store/sqlite"
	"relais/store/storetest"
)

func BenchmarkAccept(b *testing.B) {
	for _, recipients := range []int{1, 100} {
		b.Run(fmt.Sprintf("recipients=%d", recipients), func(b *testing.B) {
			s, err := sqlite.OpenExclusive(b.Context(), b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			b.SetParallelism(32)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := s.Accept(b.Context(), acceptance(recipients)); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N*recipients)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

func acceptance(recipients int) *gateway.Acceptance {
	now := time.Now()
	submission := sms.NewID(now)
	a := &gateway.Acceptance{Actor: "api:bench", At: now, Decisions: []reason.Reason{reason.Written("class", "Class transactional, the account's default.", "")}}
	for i := range recipients {
		a.Drafts = append(a.Drafts, gateway.Draft{Message: sms.Message{
			ID: sms.NewID(now), Submission: submission, Account: "default", To: sms.Number(fmt.Sprintf("+336399800%02d", i)),
			Text: "Votre rendez-vous est demain à 10 h.", Class: sms.Transactional, Encoding: sms.GSM7, Segments: 1,
			Connector: "ovh", DueAt: now, ExpiresAt: now.Add(time.Hour), AcceptedAt: now, UpdatedAt: now,
		}})
	}
	return a
}

// BenchmarkClaim claims ten messages at a time of one account, whatever else waits.
func BenchmarkClaim(b *testing.B) {
	for _, tc := range []struct {
		name     string
		accounts int           // that have one message each
		later    time.Duration // until these are due
	}{
		{"alone", 0, 0},
		{"beside 1000 accounts with dates to come", 1000, time.Hour},
		{"with 1000 accounts", 1000, 0},
	} {
		b.Run(tc.name, func(b *testing.B) {
			s, err := sqlite.OpenExclusive(b.Context(), b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			fill := func(a *gateway.Acceptance) {
				if _, err := s.Accept(b.Context(), a); err != nil {
					b.Fatal(err)
				}
			}
			for i := range tc.accounts {
				a := acceptance(1)
				a.Drafts[0].Account, a.Drafts[0].DueAt = fmt.Sprintf("account-%d", i), a.Drafts[0].DueAt.Add(tc.later)
				fill(a)
			}
			claim := lane.Claim{Connector: "ovh", Calls: 10, Batch: 1, Now: time.Now().Add(30 * time.Minute)}
			remember(&claim)
			for left := 0; b.Loop(); left -= 10 {
				if left < 200 {
					b.StopTimer()
					for range 20 {
						fill(acceptance(100))
					}
					left += 2000
					b.StartTimer()
				}
				if claimed, err := s.Claim(b.Context(), claim); err != nil || len(claimed.Calls) != 10 {
					b.Fatalf("%d calls, %v", len(claimed.Calls), err)
				}
			}
		})
	}
}

func remember(c *lane.Claim) { c.Rota = lane.NewRota() }

func BenchmarkLife(b *testing.B) {
	s, err := sqlite.OpenExclusive(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	storetest.BenchmarkLife(b, s)
}
