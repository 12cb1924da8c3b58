package storetest

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/campaign/ledger"
	"relais/person"
	"relais/reason"
	"relais/sms"
)

// filedCampaign is one that is ready, with a file in so many parts.
func filedCampaign(t *testing.T, s Store, parts int, rows ...ledger.Row) (ledger.Campaign, ledger.Claim) {
	t.Helper()
	c := addCampaign(t, s)
	file := ledger.File{Upload: sms.NewID(start), Name: "inscrits.csv", SHA256: "ab", Size: 6, Chunks: parts}
	for n := range parts {
		if err := s.PutChunk(t.Context(), "default", c.ID, file.Upload, n, []byte("sealed")); err != nil {
			t.Fatal(err)
		}
	}
	look := json.RawMessage(`{"format":"csv"}`)
	c, err := s.PutFile(t.Context(), "default", c.ID, c.Version, file, look, byAnne)
	if err != nil {
		t.Fatal(err)
	}
	return c, checkRows(t, s, &c, rows...)
}

// forgottenFile is what is left of the file of a campaign.
func forgottenFile(c *ledger.Campaign) ledger.File {
	return ledger.File{Upload: c.File.Upload, Name: c.File.Name}
}

// campaignNow is a campaign as it is kept.
func campaignNow(t *testing.T, s Store, c *ledger.Campaign) ledger.Campaign {
	t.Helper()
	now, err := s.Campaign(t.Context(), c.Account, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

func allRows(t *testing.T, s Store, c *ledger.Campaign) []ledger.Row {
	t.Helper()
	found, _, err := s.CampaignRows(t.Context(), ledger.RowQuery{Account: c.Account, Campaign: c.ID, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// partsOf counts the parts of the file that a campaign had.
func partsOf(t *testing.T, s Store, c *ledger.Campaign) (n int) {
	t.Helper()
	for ; ; n++ {
		_, err := s.Chunk(t.Context(), c.Account, c.ID, c.File.Upload, n)
		if errors.Is(err, ledger.ErrUnknown) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// endAll ends every row of a campaign that runs, and the campaign.
func endAll(t *testing.T, s Store, c *ledger.Campaign, claim ledger.Claim) {
	t.Helper()
	rows := allRows(t, s, c)
	for i := range rows {
		rows[i].Reason = reason.Of("opted_out", nil)
	}
	if err := s.SkipRows(t.Context(), claim, rows); err != nil {
		t.Fatal(err)
	}
	moveTo(t, s, c, ledger.Finishing)
	moveTo(t, s, c, ledger.Finished)
}

// forget makes all steps of a retention.
func forget(t *testing.T, s Store, p person.CampaignPurge) (rows int) {
	t.Helper()
	p.Account, p.At = "default", start.Add(time.Hour)
	const most = 50
	for range most {
		done, err := s.PurgeCampaigns(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if !done.Some {
			return rows
		}
		rows, p.After = rows+done.Changed, done.Next
	}
	t.Fatal("a retention has no end")
	return rows
}

func campaignsForgotten(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c, claim := filedCampaign(t, s, 45, rowsOf(7)...)
	moveTo(t, s, &c, ledger.Running)
	runs, _ := filedCampaign(t, s, 2, rowsOf(2)...)
	moveTo(t, s, &runs, ledger.Running)
	endAll(t, s, &c, claim)
	before, after := byAnne.At.Add(-2*time.Hour), byAnne.At.Add(time.Second)
	for _, p := range []person.CampaignPurge{
		{Ended: before, Begun: before, Untouched: before, Limit: 3}, {Limit: 3}, {Begun: before, Hide: hide, Limit: 3},
	} {
		if n := forget(t, s, p); n != 0 {
			t.Errorf("%+v: %d rows", p, n)
		}
	}
	if now := campaignNow(t, s, &c); now.File != c.File || partsOf(t, s, &c) != 45 {
		t.Errorf("%+v with %d parts", now.File, partsOf(t, s, &c))
	}
	if n := forget(t, s, person.CampaignPurge{Ended: after, Untouched: after, Limit: 3}); n != 7 {
		t.Errorf("%d rows lost their values, want 7", n)
	}
	want := c
	want.File, want.Look = forgottenFile(&c), nil
	if diff := campaignDiff(want, campaignNow(t, s, &c)); diff != "" || partsOf(t, s, &c) != 0 {
		t.Errorf("%d parts, %s", partsOf(t, s, &c), diff)
	}
	for _, row := range allRows(t, s, &c) {
		if row.Values != nil || row.Text != "" || !row.Number.Known() || row.State != ledger.Skipped {
			t.Errorf("%+v", row)
		}
	}
	if n := forget(t, s, person.CampaignPurge{Begun: after, Hide: hide, Limit: 3}); n != 7 {
		t.Errorf("%d numbers were hidden, want 7", n)
	}
	for i, row := range allRows(t, s, &c) {
		if row.Number != hide(rowsOf(7)[i].Number) {
			t.Errorf("%+v", row)
		}
	}
	for _, p := range []person.CampaignPurge{{Ended: after, Begun: after, Limit: 3}, {Begun: after, Hide: hide, Limit: 3}} {
		if n := forget(t, s, p); n != 0 {
			t.Errorf("again: %d rows", n)
		}
	}
	if diff := campaignDiff(runs, campaignNow(t, s, &runs)); diff != "" || partsOf(t, s, &runs) != 2 ||
		allRows(t, s, &runs)[0].Text == "" {
		t.Errorf("one that runs: %s", diff)
	}
}

func idleForgotten(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	ready, _ := filedCampaign(t, s, 2, rowsOf(7)...)
	waits, _ := filedCampaign(t, s, 2, rowsOf(2)...)
	moveTo(t, s, &waits, ledger.Scheduled)
	bare := addCampaign(t, s)
	lost, later := sms.NewID(start), start.Add(3*time.Hour)
	if err := s.PutChunk(t.Context(), "default", bare.ID, lost, 0, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	touched := start.Add(time.Hour) // by the end of its check
	if n := forget(t, s, person.CampaignPurge{Untouched: touched, Ended: later, Begun: later, Limit: 3}); n != 0 {
		t.Errorf("touched since: %d rows", n)
	}
	if n := forget(t, s, person.CampaignPurge{Untouched: later, Limit: 3}); n != 7 {
		t.Errorf("%d rows went, want 7", n)
	}
	now := campaignNow(t, s, &ready)
	if now.Status != ledger.Draft || now.Version <= ready.Version || now.Check != "" || now.Report != nil ||
		now.Look != nil || now.Counts != (ledger.Counts{}) || now.File != forgottenFile(&ready) ||
		now.Text != ready.Text || len(allRows(t, s, &ready)) != 0 || partsOf(t, s, &ready) != 0 {
		t.Errorf("%+v with %d rows and %d parts", now, len(allRows(t, s, &ready)), partsOf(t, s, &ready))
	}
	events, err := s.CampaignEvents(t.Context(), "default", ready.ID)
	want := ledger.Event{
		At: start.Add(time.Hour), Actor: sms.ActorGateway, Status: ledger.Draft, Why: ledger.KeptTooLong,
	}
	if diff := cmp.Diff(want, events[len(events)-1]); err != nil || diff != "" || len(events) != now.Events {
		t.Errorf("%v %s", err, diff)
	}
	if diff := campaignDiff(waits, campaignNow(t, s, &waits)); diff != "" || partsOf(t, s, &waits) != 2 {
		t.Errorf("one that is scheduled: %s", diff)
	}
	if _, err := s.Chunk(t.Context(), "default", bare.ID, lost, 0); !errors.Is(err, ledger.ErrUnknown) {
		t.Errorf("an upload that nobody ended: %v", err)
	}
	// Whoever goes on is not robbed again of what comes now.
	again := ledger.File{Upload: sms.NewID(later), Name: "b.csv", SHA256: "cd", Size: 6, Chunks: 1}
	if err := s.PutChunk(t.Context(), "default", ready.ID, again.Upload, 0, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	if n := forget(t, s, person.CampaignPurge{Untouched: later.Add(-time.Minute), Limit: 3}); n != 0 {
		t.Errorf("%d rows went", n)
	}
	ready, err = s.PutFile(t.Context(), "default", ready.ID, now.Version, again, nil, ledger.Mark{At: later, By: "user:anne"})
	if err != nil || partsOf(t, s, &ready) != 1 {
		t.Errorf("%d parts, %v", partsOf(t, s, &ready), err)
	}
	forget(t, s, person.CampaignPurge{Untouched: later.Add(time.Minute), Limit: 3})
	if n := partsOf(t, s, &ready); n != 0 {
		t.Errorf("%d parts of another file stay", n)
	}
}

// rowsErased: a row of a person who is erased has nothing of them, gets no message when it
// waits, and the file that has them is gone. One whose message is under way stays, as the
// message does.
// sentencesForgotten: what somebody wrote who did not agree may name people. It is there for as long as
// the table, and goes with a person who is in that.
func sentencesForgotten(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	sentence := reason.Of(ledger.RefusedByPerson, reason.Args{"sentence": reason.Name("Mme Dupont n'est pas d'accord")})
	refused := func(rows ...ledger.Row) ledger.Campaign {
		c, _ := filedCampaign(t, s, 1, rows...)
		moveTo(t, s, &c, ledger.Awaiting)
		c, err := s.MoveCampaign(t.Context(), "default", c.ID, ledger.Move{
			Mark: byAnne, From: []ledger.Status{ledger.Awaiting}, To: ledger.Draft, Why: ledger.RefusedByPerson, Saw: sentence,
		})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	said := func(c *ledger.Campaign) reason.Code {
		events, err := s.CampaignEvents(t.Context(), "default", c.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Why == ledger.RefusedByPerson {
				return e.Saw.Code
			}
		}
		return ""
	}
	kept, erased, other := refused(rowsOf(2)[:1]...), refused(rowsOf(2)[1:]...), refused(rowsOf(3)[2:]...)
	erase(t, s, person.Erasure{Numbers: []sms.Number{rowsOf(2)[1].Number}})
	if said(&kept) != ledger.RefusedByPerson || said(&erased) != ledger.SentenceForgotten || said(&other) != ledger.RefusedByPerson {
		t.Errorf("%s, %s, %s", said(&kept), said(&erased), said(&other))
	}
	if now := campaignNow(t, s, &erased); now.Saw.Code != ledger.SentenceForgotten || now.Why != ledger.RefusedByPerson {
		t.Errorf("%+v", now.Saw)
	}
	forget(t, s, person.CampaignPurge{Untouched: start.Add(3 * time.Hour), Limit: 3})
	if now := campaignNow(t, s, &kept); said(&kept) != ledger.SentenceForgotten || !now.Saw.IsZero() {
		t.Errorf("%s, %+v", said(&kept), now.Saw)
	}
}

func rowsErased(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c, claim := filedCampaign(t, s, 3, rowsOf(4)...)
	other, _ := filedCampaign(t, s, 3, rowsOf(1)...)
	moveTo(t, s, &c, ledger.Running)
	rows := allRows(t, s, &c)
	rows[0].Reason = reason.Of("opted_out", nil)
	if err := s.SkipRows(t.Context(), claim, rows[:1]); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accept(t.Context(), taking(&c, 3, rows[1].Row)); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{2, 0, 1} { // the first stands in the other one too
		if done := erase(t, s, person.Erasure{Numbers: []sms.Number{rows[i].Number}}); done.Rows != want {
			t.Errorf("row %d: %+v, want %d", i, done, want)
		}
	}
	found := allRows(t, s, &c)
	for _, i := range []int{0, 2} {
		row := found[i]
		if row.Number != sms.NoNumber || row.Text != "" || row.Values != nil || row.Reference != "" ||
			row.State != ledger.Skipped {
			t.Errorf("%+v", row)
		}
	}
	if found[0].Code != "opted_out" || found[2].Code != "recipient_erased" || !found[2].Reason.Is(ledger.PersonErased) {
		t.Errorf("%+v", found)
	}
	if found[1].Number != rows[1].Number || found[1].State != ledger.Taken || found[3].Text == "" {
		t.Errorf("others: %+v", found)
	}
	now := campaignNow(t, s, &c)
	if want := (ledger.Counts{Waiting: 1, Taken: 1, Skipped: 2}); now.Counts != want {
		t.Errorf("%+v, want %+v", now.Counts, want)
	}
	if now.File != forgottenFile(&c) || now.Look != nil || partsOf(t, s, &c) != 0 || now.Status != ledger.Running {
		t.Errorf("%+v, %d parts", now, partsOf(t, s, &c))
	}
	if now := campaignNow(t, s, &other); partsOf(t, s, &other) != 0 || now.Counts != (ledger.Counts{Skipped: 1}) {
		t.Errorf("another campaign: %+v", now)
	}
	if _, err := s.Accept(t.Context(), taking(&c, 3, rows[2].Row)); !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("a row of the erased is taken: %v", err)
	}
}

// remindersErased: nothing says which appointment a person who is erased had, nor when.
func remindersErased(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c, _ := remindersReady(t, s, nil, false, func(series sms.ID) []ledger.Row {
		return []ledger.Row{reminderOf(series, 2, "Durand", 10), reminderOf(series, 3, "Petit", 10)}
	})
	moveTo(t, s, &c, ledger.Running)
	rows := allRows(t, s, &c)
	if done := erase(t, s, person.Erasure{Numbers: []sms.Number{rows[0].Number}}); done.Rows != 1 {
		t.Errorf("%+v", done)
	}
	found := allRows(t, s, &c)
	if of := found[0].Appointment; of.Key != "" || !of.Meets.IsZero() || !of.Due.IsZero() {
		t.Errorf("%+v", of)
	}
	if found[1].Appointment != rows[1].Appointment {
		t.Errorf("another one: %+v", found[1])
	}
}

// remindersForgotten: with the values of its rows, a campaign that has ended forgets the appointments
// that are over. By the others a newer table knows whom it reminded.
func remindersForgotten(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c, claim := remindersReady(t, s, nil, false, func(series sms.ID) []ledger.Row {
		return []ledger.Row{
			reminderOf(series, 2, "over", -30), reminderOf(series, 3, "over elsewhere", -5), reminderOf(series, 4, "comes", 60),
		}
	})
	moveTo(t, s, &c, ledger.Running)
	before := allRows(t, s, &c)
	endAll(t, s, &c, claim)
	if n := forget(t, s, person.CampaignPurge{Ended: byAnne.At.Add(time.Second), Limit: 2}); n != 3 {
		t.Errorf("%d rows were changed, want 3", n)
	}
	for i, row := range allRows(t, s, &c) {
		want := before[i].Appointment
		if i == 0 {
			want.Key, want.Meets, want.Due = "", time.Time{}, time.Time{}
		}
		if row.Appointment != want || row.Values != nil || row.Text != "" {
			t.Errorf("%+v, want %+v", row, want)
		}
	}
}

func fileErased(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c, _ := filedCampaign(t, s, 60, rowsOf(3)...)
	upload := sms.NewID(start) // of somebody who brings the next file at the same time
	if err := s.PutChunk(t.Context(), "default", c.ID, upload, 0, []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	steps := 0
	for more := true; more; steps++ {
		done, err := s.Erase(t.Context(), person.Erasure{
			Numbers: []sms.Number{rowsOf(1)[0].Number}, Limit: 10,
			Audit: person.AuditEntry{ID: sms.NewID(start), Account: "default", At: start, Actor: "api:x", Action: person.Erased},
		})
		if err != nil {
			t.Fatal(err)
		}
		more = done.More
	}
	if n := partsOf(t, s, &c); n != 0 || steps < 3 || campaignNow(t, s, &c).Counts != (ledger.Counts{Waiting: 2, Skipped: 1}) {
		t.Errorf("%d parts after %d steps, %+v", n, steps, campaignNow(t, s, &c).Counts)
	}
	if _, err := s.Chunk(t.Context(), "default", c.ID, upload, 0); err != nil {
		t.Errorf("the next file: %v", err)
	}
}

func checkErased(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c, claim := filedCampaign(t, s, 1, rowsOf(1)...)
	moveTo(t, s, &c, ledger.Checking)
	if _, err := s.BeginRows(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	erase(t, s, person.Erasure{Numbers: []sms.Number{"+33639980099"}}) // it may come next
	if err := s.AddRows(t.Context(), claim, rowsOf(2), ledger.Progress{}); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("a check that may have read a person who was erased goes on: %v", err)
	}
	now := campaignNow(t, s, &c)
	claim.Version = now.Version
	if err := s.AddRows(t.Context(), claim, rowsOf(2), ledger.Progress{}); err != nil || now.Status != ledger.Checking {
		t.Errorf("%s, %v", now.Status, err)
	}
}

// personReminders: what is exported of a person has the appointments.
func personReminders(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c, _ := remindersReady(t, s, nil, false, func(series sms.ID) []ledger.Row {
		return []ledger.Row{reminderOf(series, 2, "rdv 12", 10)}
	})
	of := allRows(t, s, &c)[0]
	found, _, err := s.PersonRows(t.Context(), person.RowsQuery{Account: "default", Number: of.Number, Limit: 2})
	if err != nil || len(found) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	want := person.Appointment{Key: "rdv 12", Rule: "2h", Meets: of.Appointment.Meets, Due: of.Appointment.Due}
	if found[0].Appointment != want {
		t.Errorf("%+v, want %+v", found[0].Appointment, want)
	}
}

func personRows(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	first, _ := checkedCampaign(t, s, rowsOf(3)...)
	second, _ := checkedCampaign(t, s, rowsOf(2)...)
	third, _ := checkedCampaign(t, s, rowsOf(2)...)
	moveTo(t, s, &first, ledger.Running)
	a := taking(&first, 3, 3)
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	dropped, _ := checkedCampaign(t, s, rowsOf(2)...)
	if err := s.DropCampaign(t.Context(), "default", dropped.ID); err != nil {
		t.Fatal(err)
	}
	q := person.RowsQuery{Account: "default", Number: rowsOf(2)[1].Number, Limit: 2}
	var got []person.CampaignRow
	for more := true; more; {
		var page []person.CampaignRow
		var err error
		if page, more, err = s.PersonRows(t.Context(), q); err != nil || len(page) == 0 {
			t.Fatal(page, err)
		}
		got, q.After = append(got, page...), page[len(page)-1].RowPlace
	}
	row := person.CampaignRow{
		Name: "Vœux", Reference: "é", Values: map[string]string{"Prénom": "Zoé '\""}, Text: "Bonjour Zoé '\"",
	}
	var want []person.CampaignRow
	for i, c := range []ledger.Campaign{first, second, third} {
		one := row
		one.State, one.RowPlace = string(ledger.Waiting), person.RowPlace{Campaign: c.ID, Row: 3}
		if i == 0 {
			one.State, one.Message, one.Code = string(ledger.Taken), a.Drafts[0].ID, "accepted"
		}
		want = append(want, one)
	}
	slices.SortFunc(want, func(a, b person.CampaignRow) int { return slices.Compare(a.Campaign[:], b.Campaign[:]) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	q.Account, q.After = "other", person.RowPlace{}
	if found, _, err := s.PersonRows(t.Context(), q); err != nil || len(found) != 0 {
		t.Errorf("of another account: %v, %v", found, err)
	}
}
