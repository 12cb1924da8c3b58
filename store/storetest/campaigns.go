package storetest

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/auth"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// newCampaign is a draft, with letters that a database may stumble over.
func newCampaign() ledger.Campaign {
	return ledger.Campaign{
		Account: "default", ID: sms.NewID(start), Version: 1, Status: ledger.Draft, CreatedAt: start,
		CreatedBy: "user:anne",
		Content: ledger.Content{
			Name: "Vœux", Text: "Bonjour ((prénom|Madame, Monsieur)) \u202e'\"\n", Class: sms.Transactional,
			Sender: "MAIRIE", Connector: "ovh", StartAt: start.Add(time.Hour),
			Options: ledger.Options{Column: "Portable", Header: 3, Duplicates: "first", Rate: 60},
		},
	}
}

func addCampaign(t *testing.T, s Store) ledger.Campaign {
	t.Helper()
	made := newCampaign()
	if err := s.AddCampaign(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	made.Events = 1
	return made
}

var byAnne = ledger.Mark{At: start.Add(time.Minute), By: "user:anne"}

// campaignDiff compares campaigns, whose JSON a database may keep without spaces.
func campaignDiff(want, got ledger.Campaign) string { return cmp.Diff(want, got) }

func campaignsKept(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	first, second := addCampaign(t, s), addCampaign(t, s)
	elsewhere := newCampaign()
	elsewhere.Account = "other"
	if err := s.AddCampaign(t.Context(), elsewhere); err != nil {
		t.Fatal(err)
	}
	next := first.Content
	next.Name, next.Class, next.Options = "Autres vœux", sms.Marketing, ledger.Options{GSM: true}
	if _, err := s.ChangeCampaign(t.Context(), "default", first.ID, 2, next, byAnne); !errors.Is(err, ledger.ErrOutdated) {
		t.Errorf("a version that is not there: %v", err)
	}
	if _, err := s.ChangeCampaign(t.Context(), "other", first.ID, 1, next, byAnne); !errors.Is(err, ledger.ErrUnknown) {
		t.Errorf("from another account: %v", err)
	}
	changed, err := s.ChangeCampaign(t.Context(), "default", first.ID, 1, next, byAnne)
	first.Content, first.Version = next, 2
	if diff := campaignDiff(first, changed); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t)
	kept, err := s.Campaign(t.Context(), "default", first.ID)
	if diff := campaignDiff(first, kept); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	page, more, err := s.Campaigns(t.Context(), ledger.Query{Account: "default", Limit: 1})
	if diff := cmp.Diff([]ledger.Campaign{second}, page); err != nil || !more || diff != "" {
		t.Errorf("%v %v %s", err, more, diff)
	}
	page, more, err = s.Campaigns(t.Context(), ledger.Query{
		Account: "default", Status: ledger.Draft, Before: second.ID, Limit: 1,
	})
	if diff := cmp.Diff([]ledger.Campaign{first}, page); err != nil || more || diff != "" {
		t.Errorf("%v %v %s", err, more, diff)
	}
	if err := s.DropCampaign(t.Context(), "default", second.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.DropCampaign(t.Context(), "default", second.ID); !errors.Is(err, ledger.ErrUnknown) {
		t.Errorf("one that was dropped: %v", err)
	}
	if _, err := s.Campaign(t.Context(), "default", second.ID); !errors.Is(err, ledger.ErrUnknown) {
		t.Errorf("one that was dropped is read: %v", err)
	}
	events, err := s.CampaignEvents(t.Context(), "default", first.ID)
	want := []ledger.Event{{At: start, Actor: "user:anne", Status: ledger.Draft}}
	if diff := cmp.Diff(want, events); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

// campaignForgotten: of a dropped campaign nothing is left, of others everything.
func campaignForgotten(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	kept, _ := checkedCampaign(t, s, rowsOf(3)...)
	c, _ := checkedCampaign(t, s, rowsOf(3)...)
	upload := sms.NewID(start)
	for n := range 3 {
		if err := s.PutChunk(t.Context(), c.Account, c.ID, upload, n, []byte("sealed")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DropCampaign(t.Context(), c.Account, c.ID); err != nil {
		t.Fatal(err)
	}
	for _, id := range []sms.ID{kept.ID, c.ID} {
		for gone := false; !gone; {
			var err error
			if gone, err = s.ForgetCampaign(t.Context(), c.Account, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	rows := func(id sms.ID) int {
		found, _, err := s.CampaignRows(t.Context(), ledger.RowQuery{Account: c.Account, Campaign: id, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	if rows(kept.ID) != 3 || rows(c.ID) != 0 {
		t.Errorf("%d rows of one that was kept, %d of one that was dropped", rows(kept.ID), rows(c.ID))
	}
	if _, err := s.Chunk(t.Context(), c.Account, c.ID, upload, 0); !errors.Is(err, ledger.ErrUnknown) {
		t.Errorf("its file: %v", err)
	}
	if events, err := s.CampaignEvents(t.Context(), c.Account, c.ID); err != nil || len(events) != 0 {
		t.Errorf("its timeline: %v, %v", events, err)
	}
	if left, err := s.Active(t.Context(), ledger.Dropped); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
}

func campaignRace(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	old := addCampaign(t, s)
	var changed, outdated atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			switch _, err := s.ChangeCampaign(t.Context(), "default", old.ID, 1, old.Content, byAnne); {
			case err == nil:
				changed.Add(1)
			case errors.Is(err, ledger.ErrOutdated):
				outdated.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if changed.Load() != 1 || outdated.Load() != 7 {
		t.Errorf("%d changed it, %d were told", changed.Load(), outdated.Load())
	}
}

// filesOfRetries: a campaign is a retry as long as it has the file of one.
func filesOfRetries(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c := addCampaign(t, s)
	next := c.Content
	next.Options.From = ledger.Origin{Campaign: sms.NewID(start), Root: sms.NewID(start)}
	c, err := s.ChangeCampaign(t.Context(), "default", c.ID, c.Version, next, byAnne)
	if err != nil {
		t.Fatal(err)
	}
	for _, retry := range []bool{true, false} {
		file := ledger.File{Upload: sms.NewID(start), Name: "inscrits.csv", SHA256: "ab", Size: 6, Chunks: 2}
		put := file
		put.Retry = retry
		got, err := s.PutFile(t.Context(), "default", c.ID, c.Version, put, nil, byAnne)
		if err != nil {
			t.Fatal(err)
		}
		want := next.Options.From
		want.Retry = retry
		if c = campaignNow(t, s, &c); c.Options.From != want || c.File != file || got.File != file {
			t.Errorf("%+v of %+v", c.Options.From, c.File)
		}
	}
}

func campaignFiles(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c := addCampaign(t, s)
	lost, upload := sms.NewID(start), sms.NewID(start)
	for _, id := range []sms.ID{lost, upload} {
		for n := range 2 {
			if err := s.PutChunk(t.Context(), "default", c.ID, id, n, []byte{byte(n), 0, 255}); err != nil {
				t.Fatal(err)
			}
		}
	}
	file := ledger.File{Upload: upload, Name: "inscrits.csv", SHA256: "ab", Size: 6, Chunks: 2}
	look := json.RawMessage(`{"format":"csv"}`)
	if _, err := s.PutFile(t.Context(), "default", c.ID, 7, file, look, byAnne); !errors.Is(err, ledger.ErrOutdated) {
		t.Errorf("a version that is not there: %v", err)
	}
	got, err := s.PutFile(t.Context(), "default", c.ID, 1, file, look, byAnne)
	c.File, c.Look, c.Version = file, look, 2
	if diff := campaignDiff(c, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	part, err := s.Chunk(t.Context(), "default", c.ID, upload, 1)
	if err != nil || !slices.Equal(part, []byte{1, 0, 255}) {
		t.Errorf("%v %v", part, err)
	}
	for _, ask := range []struct {
		account string
		upload  sms.ID
		n       int
	}{{"default", upload, 2}, {"default", lost, 0}, {"other", upload, 0}} {
		if _, err := s.Chunk(t.Context(), ask.account, c.ID, ask.upload, ask.n); !errors.Is(err, ledger.ErrUnknown) {
			t.Errorf("%+v: %v", ask, err)
		}
	}
	if err := s.DropChunks(t.Context(), "default", c.ID, upload); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Chunk(t.Context(), "default", c.ID, upload, 0); !errors.Is(err, ledger.ErrUnknown) {
		t.Errorf("a part that was dropped: %v", err)
	}
}

// moveTo moves a campaign from wherever it is.
func moveTo(t *testing.T, s Store, c *ledger.Campaign, to ledger.Status) {
	t.Helper()
	m := ledger.Move{Mark: byAnne, From: ledger.Statuses, To: to}
	moved, err := s.MoveCampaign(t.Context(), c.Account, c.ID, m)
	if err != nil {
		t.Fatalf("%s to %s: %v", c.Status, to, err)
	}
	*c = moved
}

// rowsOf makes rows that wait, from the second, below the names of the columns.
func rowsOf(count int) (rows []ledger.Row) {
	for i := range count {
		rows = append(rows, ledger.Row{
			Row: 2 + i, Number: sms.Number("+336399800" + string(rune('0'+i/10)) + string(rune('0'+i%10))), Reference: "é",
			Values: map[string]string{"Prénom": "Zoé '\""}, State: ledger.Waiting,
			Text: "Bonjour Zoé '\"",
		})
	}
	return rows
}

// checked is a campaign that is ready, with rows that wait.
func checkedCampaign(t *testing.T, s Store, rows ...ledger.Row) (ledger.Campaign, ledger.Claim) {
	t.Helper()
	c := addCampaign(t, s)
	claim := checkRows(t, s, &c, rows...)
	return c, claim
}

// checkRows has rows judged as they are.
func checkRows(t *testing.T, s Store, c *ledger.Campaign, rows ...ledger.Row) ledger.Claim {
	t.Helper()
	moveTo(t, s, c, ledger.Checking)
	claim := ledger.Claim{Account: c.Account, Campaign: c.ID, Version: c.Version, Fence: 3}
	if err := s.Lead(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	if empty, err := s.BeginRows(t.Context(), claim); err != nil || !empty {
		t.Fatal(empty, err)
	}
	if err := s.AddRows(t.Context(), claim, rows, ledger.Progress{Done: 5, Total: 10}); err != nil {
		t.Fatal(err)
	}
	done := ledger.Checked{
		At: start.Add(time.Hour), Check: "c_1", Report: json.RawMessage(`{"check":"c_1"}`), Look: json.RawMessage(`{}`),
	}
	if err := s.EndCheck(t.Context(), claim, done); err != nil {
		t.Fatal(err)
	}
	now, err := s.Campaign(t.Context(), c.Account, c.ID)
	if err != nil || now.Status != ledger.Ready || now.Check != "c_1" || string(now.Report) != `{"check":"c_1"}` {
		t.Fatalf("%+v, %v", now, err)
	}
	*c = now
	return claim
}

func campaignChecked(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	rows := rowsOf(3)
	rows[1].State, rows[1].Reason = ledger.Skipped, reason.Of("duplicate", reason.Args{"row": reason.Count(2)})
	rows[1].Code = "duplicate"
	c, claim := checkedCampaign(t, s, rows...)
	if want := (ledger.Counts{Waiting: 2, Skipped: 1}); c.Counts != want {
		t.Errorf("%+v, want %+v", c.Counts, want)
	}
	found, more, err := s.CampaignRows(t.Context(), ledger.RowQuery{Account: "default", Campaign: c.ID, After: 2, Limit: 1})
	if diff := cmp.Diff(rows[1:2], found); err != nil || !more || diff != "" {
		t.Errorf("%v %v %s", err, more, diff)
	}
	found, more, err = s.CampaignRows(t.Context(), ledger.RowQuery{
		Account: "default", Campaign: c.ID, State: ledger.Skipped, Code: "duplicate", Limit: 5,
	})
	if diff := cmp.Diff(rows[1:2], found); err != nil || more || diff != "" {
		t.Errorf("%v %v %s", err, more, diff)
	}
	if _, err := s.BeginRows(t.Context(), claim); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("a check that has ended: %v", err)
	}
	moveTo(t, s, &c, ledger.Checking)
	if err := s.Lead(t.Context(), ledger.Claim{Account: "default", Campaign: c.ID, Fence: 4}); err != nil {
		t.Fatal(err)
	}
	if err := s.Lead(t.Context(), claim); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("a lower fence: %v", err)
	}
	if err := s.AddRows(t.Context(), claim, rows, ledger.Progress{}); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("rows by a lower fence: %v", err)
	}
	claim.Fence = 4
	if empty, err := s.BeginRows(t.Context(), claim); err != nil || !empty {
		t.Fatal(empty, err)
	}
	edited, err := s.ChangeCampaign(t.Context(), "default", c.ID, c.Version, c.Content, byAnne)
	if err != nil || edited.Status != ledger.Draft || edited.Check != "" || edited.Report != nil {
		t.Errorf("%+v, %v", edited, err)
	}
	if err := s.AddRows(t.Context(), claim, rows, ledger.Progress{}); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("rows of an earlier version: %v", err)
	}
	if err := s.EndCheck(t.Context(), claim, ledger.Checked{}); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("the end of a check of an earlier version: %v", err)
	}
}

// taking is an acceptance of rows of a campaign.
func taking(c *ledger.Campaign, fence int64, rows ...int) *gateway.Acceptance {
	a := draft{count: len(rows)}.acceptance()
	a.Taking = &ledger.Taking{Campaign: c.ID, Fence: fence, Rows: rows}
	return a
}

func countsOf(t *testing.T, s Store, c *ledger.Campaign) ledger.Counts {
	t.Helper()
	now, err := s.Campaign(t.Context(), c.Account, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return now.Counts
}

func messagesOf(t *testing.T, s Store) int {
	t.Helper()
	found, _, err := s.Search(t.Context(), search.Query{Account: "default", Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func rowsTaken(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c, claim := checkedCampaign(t, s, rowsOf(5)...)
	refuse := func(want error, all ...*gateway.Acceptance) {
		t.Helper()
		counts, before := countsOf(t, s, &c), messagesOf(t, s)
		if _, err := s.AcceptBatch(t.Context(), all); !errors.Is(err, want) {
			t.Errorf("a batch: %v, want %v", err, want)
		}
		if len(all) == 1 {
			if _, err := s.Accept(t.Context(), all[0]); !errors.Is(err, want) {
				t.Errorf("one: %v, want %v", err, want)
			}
		}
		if now := countsOf(t, s, &c); now != counts || messagesOf(t, s) != before {
			t.Errorf("%+v, was %+v; %d messages, were %d", now, counts, messagesOf(t, s), before)
		}
	}
	refuse(ledger.ErrStopped, taking(&c, 3, 2)) // it does not run yet
	moveTo(t, s, &c, ledger.Running)
	refuse(ledger.ErrStopped, taking(&c, 2, 2)) // another node has it
	refuse(ledger.ErrTaken, taking(&c, 3, 99))
	first := taking(&c, 3, 2, 3)
	if _, err := s.Accept(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	refuse(ledger.ErrTaken, taking(&c, 3, 3))
	refuse(ledger.ErrTaken, taking(&c, 3, 4), taking(&c, 3, 2))
	refuse(ledger.ErrTaken, taking(&c, 3, 4), draft{}.acceptance(), taking(&c, 3, 4))
	if _, err := s.AcceptBatch(t.Context(), []*gateway.Acceptance{taking(&c, 3, 4), taking(&c, 3, 5)}); err != nil {
		t.Fatal(err)
	}
	if want := (ledger.Counts{Waiting: 1, Taken: 4}); countsOf(t, s, &c) != want {
		t.Errorf("%+v, want %+v", countsOf(t, s, &c), want)
	}
	if n, err := s.FedAhead(t.Context(), "default", c.ID, 3); err != nil || n != 3 {
		t.Errorf("%d wait, %v", n, err)
	}
	waiting, err := s.WaitingRows(t.Context(), "default", c.ID, 10)
	if err != nil || len(waiting) != 1 || waiting[0].Row != 6 {
		t.Errorf("%+v, %v", waiting, err)
	}
	waiting[0].Reason = reason.Of("opted_out", nil)
	stale := claim
	stale.Fence = 2
	if err := s.SkipRows(t.Context(), stale, waiting); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("skipped by another node: %v", err)
	}
	if err := s.SkipRows(t.Context(), claim, waiting); err != nil {
		t.Fatal(err)
	}
	if err := s.SkipRows(t.Context(), claim, waiting); !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("skipped twice: %v", err)
	}
	moveTo(t, s, &c, ledger.Paused)
	refuse(ledger.ErrStopped, taking(&c, 3, 6))
	taken, err := s.TakenRows(t.Context(), "default", c.ID, 2, 2)
	if err != nil || len(taken) != 2 || taken[0].Row != 3 || taken[0].Status != sms.Queued ||
		taken[0].Message != first.Drafts[1].ID {
		t.Errorf("%+v, %v", taken, err)
	}
}

// takeRace: two feeders that take the same rows at once store one message for each.
func takeRace(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const rows = 40
	c, _ := checkedCampaign(t, s, rowsOf(rows)...)
	moveTo(t, s, &c, ledger.Running)
	var all sync.WaitGroup
	for feeder := range 4 {
		var order [][]int
		for i := 0; i < rows; i += 2 {
			order = append(order, []int{2 + (i+feeder*6)%rows, 2 + (i+1+feeder*6)%rows})
		}
		all.Go(func() {
			for _, pair := range order {
				_, err := s.AcceptBatch(t.Context(), []*gateway.Acceptance{taking(&c, 3, pair...)})
				if err != nil && !errors.Is(err, ledger.ErrTaken) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if want := (ledger.Counts{Taken: rows}); countsOf(t, s, &c) != want || messagesOf(t, s) != rows {
		t.Errorf("%+v and %d messages, want %+v", countsOf(t, s, &c), messagesOf(t, s), want)
	}
	taken, err := s.TakenRows(t.Context(), "default", c.ID, 0, rows+1)
	ids := map[sms.ID]bool{}
	for _, row := range taken {
		ids[row.Message] = row.Status == sms.Queued
	}
	if err != nil || len(ids) != rows || len(taken) != rows {
		t.Errorf("%d rows with %d messages, %v", len(taken), len(ids), err)
	}
}

func rowsEnd(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c, claim := checkedCampaign(t, s, rowsOf(7)...)
	moveTo(t, s, &c, ledger.Running)
	if _, err := s.Accept(t.Context(), taking(&c, 3, 2, 3, 4, 5)); err != nil {
		t.Fatal(err)
	}
	finish := ledger.Move{
		Mark: byAnne, From: []ledger.Status{ledger.Running}, To: ledger.Finishing, Without: []ledger.State{ledger.Waiting},
	}
	if _, err := s.MoveCampaign(t.Context(), "default", c.ID, finish); !errors.Is(err, ledger.ErrStatus) {
		t.Errorf("it ends with rows that wait: %v", err)
	}
	taken, err := s.TakenRows(t.Context(), "default", c.ID, 0, 10)
	if err != nil || len(taken) != 4 {
		t.Fatalf("%+v, %v", taken, err)
	}
	at := start.Add(time.Hour)
	end := func(i int, state ledger.State, status sms.Status, price sms.Money) {
		taken[i].State, taken[i].Status, taken[i].Price, taken[i].Segments, taken[i].At = state, status, price, 2, at
		taken[i].Code = string(status)
	}
	end(0, ledger.Ended, sms.Delivered, 5)
	end(1, ledger.Ended, sms.Rejected, 7)
	taken[2].State, taken[2].Code, taken[2].Status = ledger.Waiting, "", ""
	taken[3].State, taken[3].Code, taken[3].Status = ledger.RowCanceled, "", ""
	former := claim
	former.Fence--
	if err := s.EndRows(t.Context(), former, taken); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("by a node that led before: %v", err)
	}
	other := slices.Clone(taken)
	other[2].Message = taken[0].Message
	if err := s.EndRows(t.Context(), claim, other); !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("a row that has another message: %v", err)
	}
	twice := append(slices.Clone(taken), taken[0])
	if err := s.EndRows(t.Context(), claim, twice); !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("a row that ends twice: %v", err)
	}
	if err := s.EndRows(t.Context(), claim, taken); err != nil {
		t.Fatal(err)
	}
	want := ledger.Counts{
		Waiting: 4, Canceled: 1, Ended: ledger.Outcomes{Delivered: 1, Rejected: 1, Segments: 4, Price: 12},
	}
	if got := countsOf(t, s, &c); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	again, err := s.WaitingRows(t.Context(), "default", c.ID, 1)
	if err != nil || len(again) != 1 || again[0].Row != taken[2].Row || !again[0].Message.IsZero() {
		t.Errorf("%+v, %v", again, err)
	}
	if err := s.EndRows(t.Context(), claim, taken[:1]); !errors.Is(err, ledger.ErrTaken) {
		t.Errorf("a row that has ended: %v", err)
	}
	if _, err := s.CancelRows(t.Context(), "default", c.ID, 3); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("canceled while it runs: %v", err)
	}
	moveTo(t, s, &c, ledger.Canceling)
	over := finish
	over.From, over.To, over.Without = []ledger.Status{ledger.Canceling}, ledger.Canceled,
		[]ledger.State{ledger.Waiting, ledger.Taken}
	if _, err := s.MoveCampaign(t.Context(), "default", c.ID, over); !errors.Is(err, ledger.ErrStatus) {
		t.Errorf("it is canceled with rows that wait: %v", err)
	}
	for _, n := range []int{3, 1} {
		if got, err := s.CancelRows(t.Context(), "default", c.ID, 3); err != nil || got != n {
			t.Errorf("%d rows canceled, %v; want %d", got, err, n)
		}
	}
	ended, err := s.MoveCampaign(t.Context(), "default", c.ID, over)
	if err != nil || ended.Status != ledger.Canceled || ended.EndedAt.IsZero() || ended.Counts.Canceled != 5 {
		t.Errorf("%+v, %v", ended, err)
	}
}

// campaignMoves tries every move from every status.
func campaignMoves(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	reach := map[ledger.Status][]ledger.Status{
		ledger.Checking: {ledger.Checking}, ledger.Ready: {ledger.Checking, ledger.Ready},
	}
	for _, path := range [][]ledger.Status{
		{ledger.Ready, ledger.Awaiting},
		{ledger.Ready, ledger.Scheduled},
		{ledger.Ready, ledger.Running},
		{ledger.Running, ledger.Paused},
		{ledger.Running, ledger.Finishing},
		{ledger.Finishing, ledger.Finished},
		{ledger.Running, ledger.Canceling},
		{ledger.Canceling, ledger.Canceled},
	} {
		reach[path[1]] = append(slices.Clone(reach[path[0]]), path[1])
	}
	for _, from := range ledger.Statuses {
		for _, to := range ledger.Statuses {
			c := addCampaign(t, s)
			for _, step := range reach[from] {
				moveTo(t, s, &c, step)
			}
			moved, err := s.MoveCampaign(t.Context(), "default", c.ID, ledger.Move{
				Mark: byAnne, From: ledger.Statuses, To: to, Why: "by_person",
			})
			if from.May(to) && (err != nil || moved.Status != to || moved.Why != "by_person") ||
				!from.May(to) && !errors.Is(err, ledger.ErrStatus) {
				t.Errorf("%s to %s: %s, %v", from, to, moved.Status, err)
			}
		}
	}
	c, _ := checkedCampaign(t, s)
	_, err := s.MoveCampaign(t.Context(), "default", c.ID, ledger.Move{
		Mark: byAnne, From: []ledger.Status{ledger.Ready}, To: ledger.Running, Check: "c_2",
	})
	if !errors.Is(err, ledger.ErrOutdated) {
		t.Errorf("another check: %v", err)
	}
}

// keysAndMakers holds that nobody agrees to what they wrote or started with a key of their own.
func keysAndMakers(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	if err := s.AddAccount(t.Context(), auth.Account{Name: "other", CreatedAt: start}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []auth.Key{
		{Account: "default", ID: "k1", Name: "forms", MadeBy: "user:anne"},
		{Account: "default", ID: "k2", Name: "night", MadeBy: "user:anne"},
		{Account: "default", ID: "k3", Name: "town", MadeBy: "user:bruno"},
		{Account: "default", ID: "k4", Name: "machine"},
		{Account: "default", ID: "k5", Name: "again", MadeBy: "user:anne", CreatedAt: start},
		{Account: "default", ID: "k6", Name: "again", MadeBy: "user:bruno", CreatedAt: start.Add(time.Hour)},
		{Account: "other", ID: "k7", Name: "machine", MadeBy: "user:anne"},
	} {
		if err := s.AddKey(t.Context(), key, auth.HashOf(key.ID)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.RevokeKey(t.Context(), "k5", start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		wrote, started, agrees sms.Actor
		own                    bool
	}{
		{"api:forms", "api:forms", "user:anne", true},
		{"user:chloe", "api:forms", "user:anne", true},
		{"user:anne", "user:chloe", "api:forms", true},
		{"api:forms", "user:chloe", "api:night", true},
		{"api:forms", "api:forms", "api:forms", true},
		{"api:again", "api:again", "user:bruno", true},
		{"api:again", "api:again", "user:anne", true}, // who made the one of before
		{"api:forms", "api:forms", "user:bruno", false},
		{"api:forms", "api:forms", "api:town", false},
		{"api:machine", "api:machine", "user:anne", false},
		{"user:anne", "user:anne", "api:machine", false},
	} {
		c := newCampaign()
		c.CreatedBy = "user:emile"
		if err := s.AddCampaign(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		seen, err := s.ChangeCampaign(t.Context(), "default", c.ID, 1, c.Content, ledger.Mark{At: start, By: one.wrote})
		if err != nil {
			t.Fatal(err)
		}
		checkRows(t, s, &seen, rowsOf(1)...)
		m := ledger.Move{Mark: ledger.Mark{At: start, By: one.started}, From: ledger.Statuses, To: ledger.Awaiting}
		if _, err := s.MoveCampaign(t.Context(), "default", c.ID, m); err != nil {
			t.Fatal(err)
		}
		read, err := s.Campaign(t.Context(), "default", c.ID)
		if err != nil {
			t.Fatal(err)
		}
		page, _, err := s.Campaigns(t.Context(), ledger.Query{Account: "default", Limit: 1})
		if err != nil || len(page) != 1 {
			t.Fatal(page, err)
		}
		person := one.agrees.Kind() == "user"
		if person && (read.Own(one.agrees) != one.own || page[0].Own(one.agrees) != one.own) {
			t.Errorf("%+v: own %v, on a page %v", one, read.Own(one.agrees), page[0].Own(one.agrees))
		}
		m.By, m.To, m.Second = one.agrees, ledger.Running, true
		if _, err := s.MoveCampaign(t.Context(), "default", c.ID, m); errors.Is(err, ledger.ErrOwn) != one.own ||
			!one.own && err != nil {
			t.Errorf("%+v: %v", one, err)
		}
	}
}
