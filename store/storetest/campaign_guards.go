package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/campaign/ledger"
	"relais/inbox"
	"relais/reason"
	"relais/sms"
)

// runningWith is a campaign that runs, of which rows have ended as they say.
func runningWith(t *testing.T, s Store, statuses ...sms.Status) (ledger.Campaign, []ledger.Row) {
	t.Helper()
	c, claim := checkedCampaign(t, s, rowsOf(len(statuses)+1)...)
	moveTo(t, s, &c, ledger.Running)
	var lines []int
	for i := range statuses {
		lines = append(lines, 2+i)
	}
	if _, err := s.Accept(t.Context(), taking(&c, claim.Fence, lines...)); err != nil {
		t.Fatal(err)
	}
	rows, err := s.TakenRows(t.Context(), c.Account, c.ID, 0, 100)
	if err != nil || len(rows) != len(statuses) {
		t.Fatal(rows, err)
	}
	for i := range rows {
		rows[i].State, rows[i].Status, rows[i].At = ledger.Ended, statuses[i], start.Add(time.Hour)
	}
	if err := s.EndRows(t.Context(), claim, rows); err != nil {
		t.Fatal(err)
	}
	return c, rows
}

// guardsCount: rows that end are counted with them, until a person lets the campaign go on.
func guardsCount(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c, _ := runningWith(t, s, sms.Delivered, sms.Rejected, sms.Undelivered)
	now, err := s.Campaign(t.Context(), c.Account, c.ID)
	want := ledger.Watch{Spans: []ledger.Span{{From: start.Add(time.Hour), Rows: 3, Failed: 2}}}
	if diff := cmp.Diff(want, now.Watch); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	saw := reason.Of("errors", reason.Args{"count": reason.Count(2), "of": reason.Count(3)})
	paused, err := s.MoveCampaign(t.Context(), c.Account, c.ID, ledger.Move{
		Mark: byAnne, From: []ledger.Status{ledger.Running}, To: ledger.Paused, Why: "errors", Saw: saw,
	})
	if err != nil || !paused.Saw.Equal(saw) {
		t.Errorf("%+v, %v", paused, err)
	}
	now, err = s.Campaign(t.Context(), c.Account, c.ID)
	if err != nil || !now.Saw.Equal(saw) || now.Why != "errors" || len(now.Watch.Spans) != 1 {
		t.Errorf("%+v, %v", now, err)
	}
	later := ledger.Mark{At: start.Add(2 * time.Hour), By: "user:anne"}
	resumed, err := s.MoveCampaign(t.Context(), c.Account, c.ID, ledger.Move{
		Mark: later, From: []ledger.Status{ledger.Paused}, To: ledger.Running,
	})
	if err != nil || !resumed.Saw.IsZero() {
		t.Errorf("%+v, %v", resumed, err)
	}
	now, err = s.Campaign(t.Context(), c.Account, c.ID)
	if diff := cmp.Diff(ledger.Watch{Since: later.At}, now.Watch); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	events, err := s.CampaignEvents(t.Context(), c.Account, c.ID)
	if n := len(events); err != nil || n < 2 || !events[n-2].Saw.Equal(saw) || !events[n-1].Saw.IsZero() {
		t.Errorf("%+v, %v", events, err)
	}
}

// whoAnswered: of those whose rows ended, who opted out by an answer since.
func whoAnswered(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	statuses := make([]sms.Status, 9)
	for i := range statuses {
		statuses[i] = sms.Delivered
	}
	c, rows := runningWith(t, s, statuses...)
	other, _ := runningWith(t, s, sms.Delivered)
	settled := rows[0].At
	change := func(i int, source inbox.Source, after time.Duration, message sms.ID) inbox.OptOutChange {
		at := settled.Add(after)
		return inbox.OptOutChange{
			ID: sms.NewID(at), Account: c.Account, Number: rows[i].Number, Added: true, Source: source, Message: message,
			Actor: sms.ActorGateway, At: at,
		}
	}
	unsure := change(5, inbox.FromReply, time.Minute, sms.ID{})
	unsure.Provisional = true
	stranger := change(6, inbox.FromReply, time.Minute, sms.ID{})
	stranger.Number = "+33639989999"
	for _, one := range []inbox.OptOutChange{
		change(0, inbox.FromReply, time.Minute, sms.ID{}),
		change(1, inbox.FromDecision, time.Minute, rows[1].Message),
		change(2, inbox.FromOperator, time.Minute, rows[2].Message),
		change(3, inbox.FromOperator, time.Minute, sms.ID{}),        // on its own list: perhaps for years
		change(4, inbox.FromReply, time.Minute, sms.NewID(settled)), // to another message
		unsure, stranger,
		change(7, inbox.FromAPI, time.Minute, sms.ID{}),
		change(8, inbox.FromReply, -time.Minute, sms.ID{}), // before
	} {
		if made, err := s.ChangeOptOuts(t.Context(), []inbox.OptOutChange{one}); err != nil || made != 1 {
			t.Fatal(made, err)
		}
	}
	for _, tc := range []struct {
		id   sms.ID
		from time.Time
		want int
	}{
		{c.ID, settled, 3},
		{c.ID, settled.Add(time.Second), 0}, // their rows ended before
		{sms.NewID(start), settled, 0},
	} {
		if n, err := s.CampaignOptOuts(t.Context(), c.Account, tc.id, tc.from); err != nil || n != tc.want {
			t.Errorf("%d since %s, %v; want %d", n, tc.from, err, tc.want)
		}
	}
	if n, err := s.CampaignOptOuts(t.Context(), "other", other.ID, settled); err != nil || n != 0 {
		t.Errorf("%d of another account, %v", n, err)
	}
}

// campaignWaits: what a campaign waits for is kept by who feeds it, while it runs.
func campaignWaits(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c, claim := checkedCampaign(t, s, rowsOf(2)...)
	if err := s.CampaignWaits(t.Context(), claim, ledger.ForRate); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("one that does not run: %v", err)
	}
	moveTo(t, s, &c, ledger.Running)
	former := claim
	former.Fence--
	if err := s.CampaignWaits(t.Context(), former, ledger.ForRate); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("by a node that led before: %v", err)
	}
	if err := s.CampaignWaits(t.Context(), claim, ledger.ForWindow); err != nil {
		t.Fatal(err)
	}
	now, err := s.Campaign(t.Context(), c.Account, c.ID)
	if err != nil || now.WaitingFor != ledger.ForWindow {
		t.Errorf("%q, %v", now.WaitingFor, err)
	}
	moveTo(t, s, &c, ledger.Paused)
	if now, err = s.Campaign(t.Context(), c.Account, c.ID); err != nil || now.WaitingFor != "" || c.WaitingFor != "" {
		t.Errorf("paused, and waits for %q, %v", now.WaitingFor, err)
	}
}
