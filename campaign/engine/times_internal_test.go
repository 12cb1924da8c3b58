package engine

import (
	"context"
	"testing"
	"time"

	"relais/campaign/ledger"
	"relais/gateway"
	"relais/sms"
)

// anytime is a gateway by which messages leave at any time.
type anytime struct{ Forecaster }

func (anytime) Rate(string) float64 { return 0 }

func (anytime) Forecast(
	_ context.Context, _ string, _ []gateway.Submission, at time.Time,
) ([]gateway.Outcome, error) {
	return []gateway.Outcome{{Result: &gateway.Result{Messages: []gateway.Draft{{Message: sms.Message{DueAt: at}}}}}}, nil
}

// TestTimesOfACampaignWithHours: the forecast goes on where its hours begin again.
func TestTimesOfACampaignWithHours(t *testing.T) {
	zone := time.FixedZone("", int(time.Hour.Seconds()))
	tuesday := time.Date(2026, 12, 1, 10, 0, 0, 0, zone)
	for _, tc := range []struct {
		hours, days string
		rows        int
		end         time.Duration // after the start; 0: none
		last        time.Duration
		late        int
	}{
		{"", "", 30_000, 0, 29_999 * time.Minute, 0},
		{"09:00-12:00", "", 120, 0, 119 * time.Minute, 0},
		{"09:00-12:00", "", 121, 0, 23 * time.Hour, 0},
		{"09:00-12:00", "", 301, 0, 47 * time.Hour, 0},
		{"09:00-10:02,11:58-24:00", "", 5, 0, 2 * time.Hour, 0},
		{"", "tue", 14*60 + 1, 0, 7*24*time.Hour - 10*time.Hour, 0},
		{"09:00-12:00", "", 300, 8 * time.Hour, 25*time.Hour + 59*time.Minute, 180},
		{"", "", 100, time.Hour, 99 * time.Minute, 40},
		{"11:00-12:00", "", 10, 30 * time.Minute, time.Hour + 9*time.Minute, 10},
	} {
		c := &ledger.Campaign{}
		c.Options = ledger.Options{Hours: tc.hours, Days: tc.days, Rate: 1}
		if tc.end > 0 {
			c.Options.EndBy = tuesday.Add(tc.end).Format(time.RFC3339)
		}
		f := newForecast(anytime{}, c, tuesday.UTC())
		f.zone = zone
		_, last, late, err := f.times(t.Context(), "ovh", &way{messages: tc.rows})
		if err != nil || last.Sub(tuesday) != tc.last || late != tc.late {
			t.Errorf("%+v: the last one after %s, %d are late, %v", tc, last.Sub(tuesday), late, err)
		}
	}
}
