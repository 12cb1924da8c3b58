package engine_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/inbox"
	"relais/reason"
	"relais/sms"
)

// TestTheCheckSaysWhatIsTooLate: of 300 rows, one a second, 60 have their turn before the end.
func TestTheCheckSaysWhatIsTooLate(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		for _, tc := range []struct {
			after time.Duration
			late  int
		}{{time.Minute, 240}, {time.Hour, 0}} {
			c := w.draft(t, "Bonjour ((nom))", list(300))
			next := c.Content
			next.Options.Rate, next.Options.EndBy = 60, time.Now().Add(tc.after).Format(time.RFC3339)
			c, err := w.Change(t.Context(), "default", c.ID, c.Version, next, by)
			if err == nil {
				_, err = w.Check(t.Context(), "default", c.ID, by)
			}
			if err != nil {
				t.Fatal(err)
			}
			c = w.await(t, c.ID, ledger.Ready)
			r, err := campaign.ReadReport(c.Report, reason.English)
			late := slices.ContainsFunc(r.Warnings, func(s campaign.Said) bool {
				return s.Code == "campaign_ends_before" && strings.HasPrefix(s.Detail, strconv.Itoa(tc.late)+" rows")
			})
			if err != nil || late != (tc.late > 0) {
				t.Errorf("%v: %+v, %v", tc.after, r.Warnings, err)
			}
		}
	})
}

// TestTheCheckSaysWhatTheGatewayKnows: who opted out gets no message of advertising, texts have
// their STOP clause, and the report says by which connector they leave, and until when.
func TestTheCheckSaysWhatTheGatewayKnows(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		const rows = 700 // more than are judged together
		out := inbox.OptOutChange{
			ID: sms.NewID(time.Now()), Account: "default", Number: "+33639980650", Added: true, Source: inbox.FromAPI,
			Actor: by, At: time.Now(),
		}
		if _, err := w.store.ChangeOptOuts(t.Context(), []inbox.OptOutChange{out}); err != nil {
			t.Fatal(err)
		}
		c := w.draft(t, "Bonjour ((nom)) "+strings.Repeat("a", 140), list(rows))
		next := c.Content
		next.Class, next.Options.Rate = sms.Marketing, 60
		c, err := w.Change(t.Context(), "default", c.ID, c.Version, next, by)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		c = w.await(t, c.ID, ledger.Ready)
		r, err := campaign.ReadReport(c.Report, reason.English)
		if err != nil || r.Forecast == nil || len(r.Forecast.Routes) != 1 || len(r.Skipped) != 1 || len(r.Families) != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		if want := (ledger.Counts{Waiting: rows - 1, Skipped: 1}); c.Counts != want || r.Rows.Ready != rows-1 ||
			r.Skipped[0].Code != "opted_out" || r.Skipped[0].First[0] != 652 {
			t.Errorf("%+v, %+v", c.Counts, r.Skipped)
		}
		route := r.Forecast.Routes[0]
		if route.Connector != "ovh" || route.Messages != rows-1 || route.Segments != r.Segments.Total || route.PerMinute != 60 ||
			r.Families[0].Messages != rows-1 || r.Families[0].Segments != r.Segments.Total || r.Forecast.WithoutPrice != rows-1 {
			t.Errorf("%+v, %+v", r.Forecast, r.Families)
		}
		f := r.Forecast
		if f.Last == nil || f.Last.Sub(f.Start).Round(time.Second) != (rows-2)*time.Second {
			t.Errorf("from %s to %v", f.Start, f.Last)
		}
		for _, row := range w.rows(t, c.ID) {
			if opted := row.Number == out.Number; opted != (row.State == ledger.Skipped) || opted && !row.Reason.Is(inbox.CodeOptedOut) {
				t.Errorf("%+v", row)
			}
		}
	})
}
