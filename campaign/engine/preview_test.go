package engine_test

import (
	"slices"
	"testing"
	"time"

	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/sms"
)

// TestARowIsPreviewed: by the gateway, as it would leave, or with why it does not.
func TestARowIsPreviewed(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.draft(t, "Bonjour ((nom))", people)
		if _, err := w.PreviewRow(t.Context(), "default", c.ID, 2); code(err) != "campaign_not_checked " {
			t.Errorf("%v", err)
		}
		c = w.ready(t, "Bonjour ((nom))", people)
		p, err := w.PreviewRow(t.Context(), "default", c.ID, 3)
		if err != nil || !p.Refused.IsZero() || len(p.Result.Messages) != 1 {
			t.Fatalf("%+v, %v", p, err)
		}
		if m := p.Result.Messages[0]; m.Text != "Bonjour Léa" || m.To != "+33639980002" || m.Connector != "ovh" || m.Segments != 1 {
			t.Errorf("%+v", m)
		}
		for row, want := range map[int]string{4: "duplicate", 5: "number_scientific"} {
			if p, err := w.PreviewRow(t.Context(), "default", c.ID, row); err != nil || p.Refused.Code.Wire() != want || p.Result != nil {
				t.Errorf("%+v, %v; want %s", p, err, want)
			}
		}
		for _, row := range []int{-1, 0, 1, 6} {
			if _, err := w.PreviewRow(t.Context(), "default", c.ID, row); code(err) != "campaign_row_unknown /row" {
				t.Errorf("row %d: %v", row, err)
			}
		}
		if sent := o.sent(); len(sent) > 0 {
			t.Errorf("a preview sends: %+v", sent)
		}
	})
}

// TestSomebodySendsARowToThemselves: it leaves as any message, stands in the timeline and in
// no result.
func TestSomebodySendsARowToThemselves(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		c := w.ready(t, "Bonjour ((nom))", people)
		own := engine.Test{Row: 3, To: "06 39 98 00 77", By: by}
		for field, wrong := range map[string]engine.Test{
			"number_too_short /to":      {Row: 3, To: "0639", By: by},
			"campaign_row_unknown /row": {Row: 9, To: own.To, By: by},
			"campaign_row_skipped /row": {Row: 4, To: own.To, By: by},
		} {
			for range 6 { // what is refused uses up nothing
				if _, err := w.Test(t.Context(), "default", c.ID, wrong); refusedAs(err) != field {
					t.Errorf("%v, want %s", refusedAs(err), field)
				}
			}
		}
		for range 5 {
			sent, err := w.Test(t.Context(), "default", c.ID, own)
			if err != nil || len(sent.Messages) != 1 || sent.Messages[0].Metadata["campaign_test"] != c.ID.String() {
				t.Fatalf("%+v, %v", sent, err)
			}
		}
		if _, err := w.Test(t.Context(), "default", c.ID, own); code(err) != "campaign_tests_used_up " {
			t.Errorf("%v", err)
		}
		other := own
		other.By = "user:marc"
		if _, err := w.Test(t.Context(), "default", c.ID, other); err != nil {
			t.Errorf("of somebody else: %v", err)
		}
		sleep(t, 10*time.Second)
		for _, m := range o.sent() {
			if m.To != "+33639980077" || m.Text != "Bonjour Léa" {
				t.Errorf("%+v", m)
			}
		}
		now := w.await(t, c.ID, ledger.Ready)
		if want := (ledger.Counts{Waiting: 2, Skipped: 2}); len(o.sent()) != 6 || now.Counts != want || now.Check != c.Check || now.Version != c.Version {
			t.Errorf("%d, %+v", len(o.sent()), now)
		}
		events, err := w.Timeline(t.Context(), "default", c.ID)
		tests := 0
		for _, e := range events {
			if e.Why == ledger.Tested && e.Status == ledger.Ready && slices.Contains([]sms.Actor{by, "user:marc"}, e.Actor) {
				tests++
			}
		}
		if err != nil || tests != 6 {
			t.Errorf("%+v, %v", events, err)
		}
	})
}
