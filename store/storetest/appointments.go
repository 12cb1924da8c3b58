package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/campaign/ledger"
	"relais/lane"
	"relais/reason"
	"relais/sms"
)

// reminderOf is a row that reminds of an appointment some hours after the start of tests.
func reminderOf(series sms.ID, row int, key string, hours int) ledger.Row {
	meets := start.Add(time.Duration(hours) * time.Hour)
	made := rowsOf(row - 1)[row-2]
	made.Appointment = ledger.Appointment{Series: series, Key: key, Rule: "2h", Meets: meets, Due: meets.Add(-2 * time.Hour)}
	return made
}

// remindersReady makes a campaign of reminders that is ready; of the series of another where there is one.
func remindersReady(
	t *testing.T, s Store, root *ledger.Campaign, complete bool, rows func(series sms.ID) []ledger.Row,
) (ledger.Campaign, ledger.Claim) {
	t.Helper()
	made := newCampaign()
	made.StartAt = time.Time{}
	made.Options.Appointments = ledger.Appointments{Rules: "2h", Complete: complete}
	if root != nil {
		made.Options.From = ledger.Origin{Campaign: root.ID, Root: root.ID}
	}
	if err := s.AddCampaign(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	made.Events = 1
	claim := checkRows(t, s, &made, rows(made.Series())...)
	return made, claim
}

// rowFates are the rows of a campaign by key: state, and code where there is one.
func rowFates(t *testing.T, s Store, c *ledger.Campaign) map[string]string {
	t.Helper()
	found, _, err := s.CampaignRows(t.Context(), ledger.RowQuery{Account: c.Account, Campaign: c.ID, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	var counts ledger.Counts
	for i := range found {
		fate := string(found[i].State)
		if !found[i].Reason.IsZero() {
			fate += " " + found[i].Code
		}
		all[found[i].Appointment.Key] = fate
		counts.Add(&found[i])
	}
	if now := countsOf(t, s, c); now != counts {
		t.Errorf("%+v are counted, the rows are %+v", now, counts)
	}
	return all
}

// remindersJoin: a campaign of reminders that starts takes over what waits of its appointments, and
// nothing else; what it lacks is canceled where it is complete.
func remindersJoin(complete bool) func(t *testing.T, open func(t *testing.T) Store) {
	return func(t *testing.T, open func(t *testing.T) Store) {
		s := open(t)
		first, claim := remindersReady(t, s, nil, false, func(series sms.ID) []ledger.Row {
			return []ledger.Row{
				reminderOf(series, 2, "same", 10), reminderOf(series, 3, "moved", 10), reminderOf(series, 4, "gone", 10),
				reminderOf(series, 5, "sent", 3), reminderOf(series, 6, "sent and moved", 3),
				reminderOf(series, 7, "now bad", 10), reminderOf(series, 8, "now bad and moved", 10),
			}
		})
		moveTo(t, s, &first, ledger.Running)
		stranger, _ := remindersReady(t, s, nil, false, func(series sms.ID) []ledger.Row {
			return []ledger.Row{reminderOf(series, 2, "same", 10)}
		})
		moveTo(t, s, &stranger, ledger.Running)
		due, err := s.DueRows(t.Context(), "default", first.ID, start.Add(time.Hour), 10)
		if err != nil || len(due) != 2 || due[0].Row != 5 || due[1].Appointment != reminderOf(first.ID, 6, "sent and moved", 3).Appointment {
			t.Fatalf("%+v, %v", due, err)
		}
		if _, err := s.Accept(t.Context(), taking(&first, claim.Fence, 5, 6)); err != nil {
			t.Fatal(err)
		}
		leave(t, s)
		next, _ := remindersReady(t, s, &first, complete, func(series sms.ID) []ledger.Row {
			rows := []ledger.Row{
				reminderOf(series, 2, "same", 10), reminderOf(series, 3, "moved", 20), reminderOf(series, 4, "new", 10),
				reminderOf(series, 5, "sent", 3), reminderOf(series, 6, "sent and moved", 30),
				reminderOf(series, 7, "now bad", 10), reminderOf(series, 8, "now bad and moved", 20),
			}
			for i := 5; i < 7; i++ {
				rows[i].State, rows[i].Reason = ledger.Skipped, reason.Of("no_number", nil)
			}
			return rows
		})
		waits := func() (keys []string) {
			var after ledger.SeriesPlace
			for {
				found, err := s.SeriesRows(t.Context(), "default", first.ID, after, 2)
				if err != nil {
					t.Fatal(err)
				}
				for _, row := range found {
					keys, after = append(keys, row.Key), row.SeriesPlace
				}
				if len(found) < 2 {
					return keys
				}
			}
		}
		want := []string{"gone", "moved", "now bad", "now bad and moved", "same"}
		if diff := cmp.Diff(want, waits()); diff != "" { // what is checked has not joined
			t.Errorf("before: %s", diff)
		}
		moveTo(t, s, &next, ledger.Running)
		gone := "waiting"
		if complete {
			gone = "canceled appointment_gone"
		}
		wantOld := map[string]string{
			"same": "canceled appointment_replaced", "moved": "canceled appointment_replaced", "gone": gone,
			"sent": "taken", "sent and moved": "taken", "now bad": "waiting",
			"now bad and moved": "canceled appointment_replaced",
		}
		wantNew := map[string]string{
			"same": "waiting", "moved": "waiting", "new": "waiting", "sent": "skipped appointment_reminded",
			"sent and moved": "waiting", "now bad": "skipped no_number", "now bad and moved": "skipped no_number",
		}
		if diff := cmp.Diff(wantOld, rowFates(t, s, &first)); diff != "" {
			t.Errorf("of before: %s", diff)
		}
		if diff := cmp.Diff(wantNew, rowFates(t, s, &next)); diff != "" {
			t.Errorf("new: %s", diff)
		}
		if diff := cmp.Diff(map[string]string{"same": "waiting"}, rowFates(t, s, &stranger)); diff != "" {
			t.Errorf("of another series: %s", diff)
		}
		// A pause gives the taken ones back: the one that was moved is the new one's by now.
		taken, err := s.TakenRows(t.Context(), "default", first.ID, 0, 10)
		if err != nil || len(taken) != 2 {
			t.Fatalf("%+v, %v", taken, err)
		}
		for i := range taken {
			taken[i].State, taken[i].Status, taken[i].Code = ledger.Waiting, "", ""
		}
		if err := s.EndRows(t.Context(), claim, taken); err != nil {
			t.Fatal(err)
		}
		wantOld["sent"], wantOld["sent and moved"] = "waiting", "canceled"
		if diff := cmp.Diff(wantOld, rowFates(t, s, &first)); diff != "" {
			t.Errorf("given back: %s", diff)
		}
	}
}

// leave has a lane take what is queued, which nobody recalls any more.
func leave(t *testing.T, s Store) {
	t.Helper()
	if len(claim(t, s, lane.Claim{}).Calls) == 0 {
		t.Fatal("nothing is queued")
	}
}

// remindersRecalled: what is queued of an appointment that a newer table has as well, or has no more,
// does not leave; what a lane has taken counts as given.
func remindersRecalled(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	first, fed := remindersReady(t, s, nil, false, func(series sms.ID) (rows []ledger.Row) {
		for i, key := range []string{"same", "moved", "gone", "left", "left and moved"} {
			rows = append(rows, reminderOf(series, 2+i, key, 10))
		}
		return rows
	})
	moveTo(t, s, &first, ledger.Running)
	if _, err := s.Accept(t.Context(), taking(&first, fed.Fence, 5, 6)); err != nil {
		t.Fatal(err)
	}
	leave(t, s)
	queued := taking(&first, fed.Fence, 2, 3, 4)
	if _, err := s.Accept(t.Context(), queued); err != nil {
		t.Fatal(err)
	}
	next, _ := remindersReady(t, s, &first, true, func(series sms.ID) []ledger.Row {
		return []ledger.Row{
			reminderOf(series, 2, "same", 10), reminderOf(series, 3, "moved", 20), reminderOf(series, 5, "left", 10),
			reminderOf(series, 6, "left and moved", 20),
		}
	})
	moveTo(t, s, &next, ledger.Running)
	want := map[string]string{
		"same": "canceled appointment_replaced", "moved": "canceled appointment_replaced", "gone": "canceled appointment_gone",
		"left": "taken", "left and moved": "taken",
	}
	if diff := cmp.Diff(want, rowFates(t, s, &first)); diff != "" {
		t.Errorf("of before: %s", diff)
	}
	want = map[string]string{
		"same": "waiting", "moved": "waiting", "left": "skipped appointment_reminded", "left and moved": "waiting",
	}
	if diff := cmp.Diff(want, rowFates(t, s, &next)); diff != "" {
		t.Errorf("new: %s", diff)
	}
	for i, why := range []string{"appointment_replaced", "appointment_replaced", "appointment_gone"} {
		m, err := s.Message(t.Context(), "default", queued.Drafts[i].ID)
		if err != nil || m.Status != sms.Canceled || m.Reason != why {
			t.Errorf("%s, %s, %v; want %s", m.Status, m.Reason, err, why)
		}
	}
	if n := len(claim(t, s, lane.Claim{}).Calls); n != 0 {
		t.Errorf("%d leave all the same", n)
	}
}

// giveBack makes taken rows of a campaign wait again, as a pause does.
func giveBack(t *testing.T, s Store, c *ledger.Campaign, claim ledger.Claim) {
	t.Helper()
	taken, err := s.TakenRows(t.Context(), c.Account, c.ID, 0, 10)
	if err != nil || len(taken) == 0 {
		t.Fatalf("%+v, %v", taken, err)
	}
	for i := range taken {
		taken[i].State, taken[i].Status, taken[i].Code = ledger.Waiting, "", ""
	}
	if err := s.EndRows(t.Context(), claim, taken); err != nil {
		t.Fatal(err)
	}
}

// remindersGivenBack: what a pause gives back after later campaigns of the series started waits
// again where the last of them has the appointment at its time, or says nothing of it; whatever
// became of their own rows.
func remindersGivenBack(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	keys := []string{"same", "moved, taken", "moved, ended", "moved, waiting", "other number, taken", "moved there and back", "gone", "gone and back", "moved, now bad"}
	first, claim := remindersReady(t, s, nil, false, func(series sms.ID) (rows []ledger.Row) {
		for i, key := range keys {
			rows = append(rows, reminderOf(series, 2+i, key, 10))
		}
		return rows
	})
	moveTo(t, s, &first, ledger.Running)
	if _, err := s.Accept(t.Context(), taking(&first, claim.Fence, 2, 3, 4, 5, 6, 7, 8, 9, 10)); err != nil {
		t.Fatal(err)
	}
	leave(t, s)
	next, fed := remindersReady(t, s, &first, true, func(series sms.ID) []ledger.Row {
		rows := []ledger.Row{
			reminderOf(series, 2, "same", 10), reminderOf(series, 3, "moved, taken", 20), reminderOf(series, 4, "moved, ended", 20),
			reminderOf(series, 5, "moved, waiting", 20), reminderOf(series, 6, "other number, taken", 10),
			reminderOf(series, 7, "moved there and back", 20), reminderOf(series, 8, "moved, now bad", 20),
		}
		rows[4].Number = "+33639981111"
		rows[6].State, rows[6].Reason = ledger.Skipped, reason.Of("no_number", nil)
		return rows
	})
	moveTo(t, s, &next, ledger.Running)
	if _, err := s.Accept(t.Context(), taking(&next, fed.Fence, 3, 4, 6)); err != nil {
		t.Fatal(err)
	}
	leave(t, s)
	left, err := s.TakenRows(t.Context(), "default", next.ID, 3, 1)
	if err != nil || len(left) != 1 || left[0].Row != 4 {
		t.Fatalf("%+v, %v", left, err)
	}
	left[0].State, left[0].Status = ledger.Ended, sms.Delivered
	if err := s.EndRows(t.Context(), fed, left); err != nil {
		t.Fatal(err)
	}
	last, _ := remindersReady(t, s, &first, false, func(series sms.ID) []ledger.Row {
		return []ledger.Row{reminderOf(series, 7, "moved there and back", 10), reminderOf(series, 9, "gone and back", 10)}
	})
	moveTo(t, s, &last, ledger.Running)
	giveBack(t, s, &first, claim)
	want := map[string]string{
		"same": "waiting", "moved, taken": "canceled", "moved, ended": "canceled", "moved, waiting": "canceled",
		"other number, taken": "canceled", "moved there and back": "waiting", "gone": "canceled", "gone and back": "waiting",
		"moved, now bad": "canceled",
	}
	if diff := cmp.Diff(want, rowFates(t, s, &first)); diff != "" {
		t.Error(diff)
	}
}

// remindersRace: of campaigns of a series that start at once, each appointment is with one.
func remindersRace(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	rows := func(series sms.ID) (all []ledger.Row) {
		for i := range 20 {
			all = append(all, reminderOf(series, 2+i, string(rune('a'+i)), 10))
		}
		return all
	}
	first, fed := remindersReady(t, s, nil, false, rows)
	moveTo(t, s, &first, ledger.Running)
	const others = 4
	all := []ledger.Campaign{first}
	for range others {
		next, _ := remindersReady(t, s, &first, true, rows)
		all = append(all, next)
	}
	var racing sync.WaitGroup
	racing.Go(func() { // a feeder takes rows meanwhile
		for row := 2; row < 8; row++ {
			_, _ = s.Accept(t.Context(), taking(&first, fed.Fence, row)) // it is told where somebody was faster
		}
	})
	racing.Go(func() { // and a lane what is queued
		for range 10 {
			claim(t, s, lane.Claim{Calls: 1})
		}
	})
	for i := range others {
		racing.Go(func() {
			_, err := s.MoveCampaign(t.Context(), "default", all[1+i].ID, ledger.Move{
				Mark: byAnne, From: []ledger.Status{ledger.Ready}, To: ledger.Running,
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	racing.Wait()
	reminders := map[string]int{}
	for i := range all {
		taken, err := s.TakenRows(t.Context(), "default", all[i].ID, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range taken {
			if row.Status.Final() {
				t.Errorf("%s is given, and its message %s", row.Appointment.Key, row.Status)
			}
		}
		for key, fate := range rowFates(t, s, &all[i]) {
			if fate == "waiting" || fate == "taken" {
				reminders[key]++
			}
		}
	}
	for _, row := range rows(first.ID) {
		if n := reminders[row.Appointment.Key]; n != 1 {
			t.Errorf("%d reminders of %s", n, row.Appointment.Key)
		}
	}
}
