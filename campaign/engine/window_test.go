package engine_test

import (
	"fmt"
	"testing"
	"time"

	"relais/campaign/engine"
	"relais/campaign/ledger"
	"relais/connector"
	"relais/gateway"
	"relais/lane"
	"relais/sms"
)

// started starts a campaign of so many rows, of which something is changed before.
func (w *world) started(t *testing.T, rows int, change func(*ledger.Content)) ledger.Campaign {
	t.Helper()
	c := w.draft(t, "Bonjour ((nom))", list(rows))
	change(&c.Content)
	c, err := w.Change(t.Context(), "default", c.ID, c.Version, c.Content, by)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
		t.Fatal(err)
	}
	c = w.await(t, c.ID, ledger.Ready)
	if c, err = w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by); err != nil {
		t.Fatal(err)
	}
	return c
}

// optioned starts a campaign of so many rows with options.
func (w *world) optioned(t *testing.T, rows int, o ledger.Options) ledger.Campaign {
	t.Helper()
	return w.started(t, rows, func(c *ledger.Content) { c.Options = o })
}

// clock is a time of day, from now on.
func clock(after time.Duration) string { return time.Now().UTC().Add(after).Format("15:04") }

func (w *world) waitsFor(t *testing.T, c *ledger.Campaign, want ledger.Wait) {
	t.Helper()
	now, err := w.Campaign(t.Context(), "default", c.ID)
	if err != nil || now.WaitingFor != want || now.Status != ledger.Running {
		t.Errorf("%s waits for %q, want %q; %v", now.Status, now.WaitingFor, want, err)
	}
}

// TestHoursOfACampaign: it leaves within them, and at their end what waits is taken back.
func TestHoursOfACampaign(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, o *operator) {
		const rows = 900
		c := w.optioned(t, rows, ledger.Options{
			Hours: clock(2*time.Minute) + "-" + clock(3*time.Minute) + "," + clock(5*time.Minute) + "-24:00",
		})
		sleep(t, time.Minute)
		w.waitsFor(t, &c, ledger.ForWindow)
		if n := len(o.sent()); n != 0 {
			t.Errorf("%d left before", n)
		}
		sleep(t, 2*time.Minute+10*time.Second)
		sent := len(o.sent())
		if sent < 300 || sent >= rows {
			t.Errorf("%d left in a minute", sent)
		}
		w.waitsFor(t, &c, ledger.ForWindow)
		sleep(t, time.Minute)
		if n := len(o.sent()); n != sent {
			t.Errorf("%d left between", n-sent)
		}
		sleep(t, 3*time.Minute)
		once(t, o, rows)
	})
}

// TestHoursOfWhatIsQueuedAgain: a message in doubt that the operator turns out not to have waits
// for the hours as well, where it does not leave at once.
func TestHoursOfWhatIsQueuedAgain(t *testing.T) {
	const rows = 9
	silently(t, rows, func(t *testing.T, w *world, o *operator) {
		c := w.optioned(t, rows, ledger.Options{
			Hours:  clock(0) + "-" + clock(2*time.Minute) + "," + clock(time.Hour) + "-24:00",
			Guards: ledger.Guards{Doubt: -1},
		})
		w.await(t, c.ID, ledger.Finishing)
		sleep(t, 3*time.Minute)
		o.setBusy(true)
		again := 0
		for _, row := range w.rows(t, c.ID) {
			m, err := w.store.Message(t.Context(), "default", row.Message)
			if err == nil && m.Status == sms.Uncertain {
				again++
				err = w.gateway.Resolve(t.Context(), m, lane.NotTaken, by)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		sleep(t, 20*time.Second)
		o.setBusy(false)
		sleep(t, 40*time.Minute)
		w.waitsFor(t, &c, ledger.ForWindow)
		if n := len(o.sent()); n != rows || again != 1 {
			t.Errorf("%d left, %d were to leave again", n, again)
		}
		sleep(t, 20*time.Minute)
		if n := len(o.sent()); n != rows+again {
			t.Errorf("%d left in the hours, want %d", n, rows+again)
		}
	})
}

// TestNothingLeavesAfterTheEnd: what waits for an operator that is down is taken back, and left out.
func TestNothingLeavesAfterTheEnd(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, o *operator) {
		const rows = 400
		o.setBusy(true)
		c := w.optioned(t, rows, ledger.Options{EndBy: time.Now().Add(time.Minute).Format(time.RFC3339)})
		sleep(t, 2*time.Minute)
		o.setBusy(false)
		c = w.await(t, c.ID, ledger.Finished)
		sleep(t, time.Hour)
		if n := len(o.sent()); n != 0 || c.Counts.Skipped != rows {
			t.Errorf("%d left, %+v", n, c.Counts)
		}
	})
}

// TestRowsThatAreTooLate are left out; those that the operator has are not.
func TestRowsThatAreTooLate(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, o *operator) {
		const rows = 2000
		end := time.Now().Add(30 * time.Second)
		c := w.optioned(t, rows, ledger.Options{EndBy: end.Format(time.RFC3339)})
		c = w.await(t, c.ID, ledger.Finishing)
		sent := len(o.sent())
		if sent == rows || c.Counts.Taken != sent || c.Counts.Skipped != rows-sent {
			t.Errorf("%d of %d left, %+v", sent, rows, c.Counts)
		}
		found, _, err := w.Rows(t.Context(), ledger.RowQuery{
			Account: "default", Campaign: c.ID, Code: "too_late", State: ledger.Skipped, Limit: rows,
		})
		if err != nil || len(found) != rows-sent {
			t.Errorf("%d, %v", len(found), err)
		}
	})
}

func TestTimesThatAreNone(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world, _ *operator) {
		soon := time.Now().Add(time.Hour)
		minutes := "00:00-00:01"
		for hour := range 20 {
			minutes += fmt.Sprintf(",%02d:30-%02d:31", hour, hour)
		}
		for _, tc := range []struct {
			content ledger.Content
			want    string
		}{
			{ledger.Content{Options: ledger.Options{EndBy: "demain"}}, "campaign_end /options/end_by"},
			{ledger.Content{Options: ledger.Options{EndBy: soon.Format(time.RFC3339)}, StartAt: soon}, "campaign_end_past /options/end_by"},
			{ledger.Content{Options: ledger.Options{Hours: "12:00-09:00"}}, "campaign_hours /options/hours"},
			{ledger.Content{Options: ledger.Options{Hours: minutes}}, "campaign_hours /options/hours"},
			{ledger.Content{Options: ledger.Options{Days: "lundi"}}, "campaign_hours /options/days"},
			{ledger.Content{Options: ledger.Options{Days: "mon-sun,mon"}}, "campaign_hours /options/days"},
		} {
			tc.content.Name = "a"
			if _, err := w.Create(t.Context(), "default", tc.content, by); code(err) != tc.want {
				t.Errorf("%+v: %v, want %s", tc.content.Options, err, tc.want)
			}
		}
		c := w.draft(t, "Bonjour ((nom))", list(3))
		c.Options.EndBy = soon.Format(time.RFC3339)
		c, err := w.Change(t.Context(), "default", c.ID, c.Version, c.Content, by)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Check(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		c = w.await(t, c.ID, ledger.Ready)
		for _, at := range []time.Duration{0, 2 * time.Hour} {
			_, err := w.Start(t.Context(), "default", c.ID, c.Check, soon.Add(at), by)
			if code(err) != "campaign_end_past /options/end_by" {
				t.Errorf("%v", err)
			}
		}
		sleep(t, 2*time.Hour)
		_, err = w.Start(t.Context(), "default", c.ID, c.Check, time.Time{}, by)
		if code(err) != "campaign_end_past /options/end_by" {
			t.Errorf("%v", err)
		}
	})
}

func TestWhatACampaignWaitsFor(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, o *operator) {
		c := w.optioned(t, 5000, ledger.Options{Rate: 60})
		sleep(t, time.Minute)
		w.waitsFor(t, &c, ledger.ForRate)
		fast := w.optioned(t, 5001, ledger.Options{Duplicates: "none"})
		sleep(t, 10*time.Second)
		w.waitsFor(t, &fast, "")
		if _, err := w.Pause(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		if c, err := w.Campaign(t.Context(), "default", c.ID); err != nil || c.WaitingFor != "" {
			t.Errorf("paused, it waits for %q, %v", c.WaitingFor, err)
		}
	})
}

// TestACampaignWaitsForItsConnector: one that takes nothing, and one that is gone.
func TestACampaignWaitsForItsConnector(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, o *operator) {
		c := w.started(t, 3000, func(c *ledger.Content) { c.Connector = "ovh" })
		o.mu.Lock()
		o.barred = true
		o.mu.Unlock()
		sleep(t, 10*time.Second)
		w.waitsFor(t, &c, ledger.ForConnector)
		w.door.gone(true)
		c = w.await(t, c.ID, ledger.Paused)
		if c.Why != engine.ConnectorGone || c.Saw.IsZero() {
			t.Errorf("%s: %+v", c.Why, c.Saw)
		}
	})
}

// TestNoCreditPausesACampaign: once it is known that it is used up, and again only by a later
// word of the operator.
func TestNoCreditPausesACampaign(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, o *operator) {
		c := w.started(t, 3000, func(c *ledger.Content) { c.Connector = "ovh" })
		w.door.balance(&connector.Balance{Unit: "credits", At: time.Now().Add(-time.Second)}) // of before the start
		sleep(t, 5*time.Second)
		w.waitsFor(t, &c, "")
		w.door.balance(&connector.Balance{Unit: "credits", At: time.Now()})
		if c = w.await(t, c.ID, ledger.Paused); c.Why != engine.Credit {
			t.Errorf("%s", c.Why)
		}
		sleep(t, time.Minute)
		if _, err := w.Resume(t.Context(), "default", c.ID, by); err != nil {
			t.Fatal(err)
		}
		sleep(t, 5*time.Second)
		w.waitsFor(t, &c, "")
		w.door.balance(&connector.Balance{Unit: "credits", At: time.Now()})
		w.await(t, c.ID, ledger.Paused)
	})
}

// TestRoutesChooseWhereACampaignNamesNoConnector: the credit of the one of its account says nothing.
func TestRoutesChooseWhereACampaignNamesNoConnector(t *testing.T) {
	slowly(t, func(t *testing.T, w *world, _ *operator) {
		w.Account = func(name string) gateway.Account {
			return gateway.Account{Name: name, Region: "FR", Connector: "ovh"}
		}
		c := w.optioned(t, 3000, ledger.Options{})
		sleep(t, 5*time.Second)
		w.door.balance(&connector.Balance{Unit: "credits", At: time.Now()})
		sleep(t, 5*time.Second)
		w.waitsFor(t, &c, "")
	})
}
