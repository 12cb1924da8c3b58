package engine_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/campaign/ledger"
	"relais/sms"
)

// reversed is a table with its rows the other way round.
func reversed(table string) string {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	slices.Reverse(lines[1:])
	return strings.Join(lines, "\n") + "\n"
}

// TestTheSameCampaignTwice: the same texts to the same numbers are sent once more by who means it alone,
// whatever the order of the rows.
func TestTheSameCampaignTwice(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		table := list(5)
		starts := func(c *ledger.Campaign) error {
			_, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by)
			return err
		}
		first := w.ready(t, "Bonjour ((nom))", table)
		if err := starts(&first); err != nil {
			t.Fatal(err)
		}
		again := w.ready(t, "Bonjour ((nom))", reversed(table))
		err := starts(&again)
		if code(err) != "sent_before " || !strings.Contains(err.Error(), first.ID.String()) {
			t.Fatal(err)
		}
		if now, _ := w.Campaign(t.Context(), "default", again.ID); now.Status != ledger.Ready {
			t.Errorf("it is %s", now.Status)
		}
		for name, other := range map[string]ledger.Campaign{
			"another text":     w.ready(t, "Bonsoir ((nom))", table),
			"a row less":       w.ready(t, "Bonjour ((nom))", list(4)),
			"no field, a text": w.ready(t, "Bonjour", table),
		} {
			if err := starts(&other); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		twice := w.ready(t, "Bonsoir", table)
		if err := starts(&twice); err != nil {
			t.Errorf("another text without fields: %v", err)
		}
		for range 2 { // the second call finds it started
			if _, err := w.StartAgain(t.Context(), "default", again.ID, again.Check, time.Time{}, by); err != nil {
				t.Fatal(err)
			}
		}
		w.await(t, again.ID, ledger.Finishing, ledger.Finished)
	})
}

// TestTheSameBeforeItLeft: a campaign counts from when it is to start, and no more once it was canceled before
// any of it left.
func TestTheSameBeforeItLeft(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		table := list(3)
		planned, again := w.ready(t, "Bonjour ((nom))", table), w.ready(t, "Bonjour ((nom))", table)
		if _, err := w.Start(t.Context(), "default", planned.ID, planned.Check, time.Now().Add(time.Hour), by); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Start(t.Context(), "default", again.ID, again.Check, time.Time{}, by); code(err) != "sent_before " {
			t.Fatal(err)
		}
		if _, err := w.Cancel(t.Context(), "default", planned.ID, by); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Start(t.Context(), "default", again.ID, again.Check, time.Time{}, by); err != nil {
			t.Error(err)
		}
		once(t, o, 0)
	})
}

// TestTheSameAtOnce: of several that start at the same moment one does.
func TestTheSameAtOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, o *operator) {
		var all []ledger.Campaign
		for range 4 {
			all = append(all, w.ready(t, "Bonjour ((nom))", list(3)))
		}
		var wait sync.WaitGroup
		started := make([]bool, len(all))
		for i, c := range all {
			wait.Go(func() {
				_, err := w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, sms.Actor("user:anne"))
				if started[i] = err == nil; err != nil && code(err) != "sent_before " {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if n := len(slices.DeleteFunc(started, func(s bool) bool { return !s })); n != 1 {
			t.Errorf("%d started, want 1", n)
		}
	})
}
