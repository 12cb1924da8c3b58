package credit

import (
	"context"
	"time"

	"relais/connector"
)

// Store keeps what was read of credit.
type Store interface {
	// Credit returns what is known of a connector's credit; zero when nothing is.
	Credit(ctx context.Context, connector string, since time.Time) (Record, error)
	// KeepCredit stores a reading and the state of its alert. alert, when not nil,
	// is told to every account in the same transaction.
	KeepCredit(ctx context.Context, r Record, alert []byte) error
}

// Record is what is known of a connector's credit.
type Record struct {
	Connector string
	connector.Balance
	AlertedAt time.Time // zero: no alert is out
	MailedAt  time.Time // zero: the alert's mail has not gone
	Samples   []Sample
}

// Sample is an earlier reading.
type Sample struct {
	At     time.Time
	Amount float64
}

// SampleLife is how long a store keeps a reading.
const SampleLife = 7 * 24 * time.Hour

// burnWindow is how far back the rate looks.
const burnWindow = 24 * time.Hour

// burn is how much credit goes in an hour, by the samples of the last day. A
// rise is a top-up and no negative use.
func burn(samples []Sample) (perHour float64) {
	if len(samples) < 2 {
		return 0
	}
	used := 0.0
	for i := 1; i < len(samples); i++ {
		used += max(0, samples[i-1].Amount-samples[i].Amount)
	}
	hours := samples[len(samples)-1].At.Sub(samples[0].At).Hours()
	if hours <= 0 {
		return 0
	}
	return used / hours
}

// Forecast is when the credit is used up at the rate of the last day; zero when
// it does not go down.
func (r *Record) Forecast() (perDay float64, emptyAt time.Time) {
	perHour := burn(r.Samples)
	if perHour <= 0 {
		return 0, time.Time{}
	}
	left := time.Duration(min(r.Amount/perHour, 24*365*10) * float64(time.Hour))
	return perHour * 24, r.At.Add(left)
}
