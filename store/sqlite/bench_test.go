package sqlite_test

import (
	"fmt"
	"testing"
	"time"

	"relais/gateway"
	"relais/sms"
	"relais/store/sqlite"
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
	a := &gateway.Acceptance{Actor: "api:bench", At: now, Decisions: []gateway.Decision{{Code: "class", Detail: "Class transactional, the account's default."}}}
	for i := range recipients {
		a.Drafts = append(a.Drafts, gateway.Draft{Message: sms.Message{
			ID: sms.NewID(now), Submission: submission, Account: "default", To: sms.Number(fmt.Sprintf("+336399800%02d", i)),
			Text: "Votre rendez-vous est demain à 10 h.", Class: sms.Transactional, Encoding: sms.GSM7, Segments: 1,
			Connector: "ovh", DueAt: now, ExpiresAt: now.Add(time.Hour), AcceptedAt: now,
		}})
	}
	return a
}
