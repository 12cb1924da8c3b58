package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"relais/campaign/ledger"
	"relais/person"
	"relais/sms"
)

// campaignsOnce: of campaigns that send the same, none starts within a time of one that sent it, or is about to.
func campaignsOnce(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const since = 30 * 24 * time.Hour
	begin := func(c *ledger.Campaign, to ledger.Status, at time.Time) error {
		moved, err := s.MoveCampaign(t.Context(), c.Account, c.ID, ledger.Move{
			Mark: ledger.Mark{At: at, By: byAnne.By}, From: []ledger.Status{c.Status}, To: to,
			StartAt: at.Add(time.Hour), SentSince: at.Add(-since),
		})
		if err == nil {
			*c = moved
		}
		return err
	}
	refused := func(what string, err error, earlier *ledger.Campaign) {
		t.Helper()
		var before *ledger.SentBeforeError
		if !errors.As(err, &before) || before.Campaign != earlier.ID {
			t.Errorf("%s: %v, want it refused for %s", what, err, earlier.ID)
		}
	}
	first, again, other, unknown := sending(t, s, "a"), sending(t, s, "a"), sending(t, s, "b"), sending(t, s, "")
	if err := begin(&first, ledger.Scheduled, start); err != nil {
		t.Fatal(err)
	}
	refused("what is scheduled", begin(&again, ledger.Running, start), &first)
	for _, c := range []*ledger.Campaign{&other, &unknown} {
		if err := begin(c, ledger.Running, start); err != nil {
			t.Error(err)
		}
	}
	another := sending(t, s, "")
	if err := begin(&another, ledger.Running, start); err != nil {
		t.Errorf("of neither is it known what it sends: %v", err)
	}
	moveTo(t, s, &first, ledger.Canceling)
	if err := begin(&again, ledger.Running, start); err != nil {
		t.Errorf("the first was canceled before any left: %v", err)
	}
	late := sending(t, s, "a")
	refused("a month later but for a moment", begin(&late, ledger.Running, start.Add(since)), &again)
	if err := begin(&late, ledger.Running, start.Add(since+time.Second)); err != nil {
		t.Errorf("a month later: %v", err)
	}
	theirs := sending(t, s, "c")
	const many = 4
	var wait sync.WaitGroup
	var started [many]error
	for i := range many {
		c := sending(t, s, "c")
		wait.Go(func() { started[i] = begin(&c, ledger.Running, start) })
	}
	wait.Wait()
	yes := 0
	for _, err := range started {
		if err == nil {
			yes++
		} else if !errors.As(err, new(*ledger.SentBeforeError)) {
			t.Error(err)
		}
	}
	if err := begin(&theirs, ledger.Running, start); yes != 1 || err == nil {
		t.Errorf("%d of %d that started at once do, want 1; %v", yes, many, err)
	}
	erase(t, s, person.Erasure{Numbers: []sms.Number{rowsOf(1)[0].Number}})
	theirs = sending(t, s, "c")
	if err := begin(&theirs, ledger.Running, start); err != nil {
		t.Errorf("who got the first one was erased: %v", err)
	}
}

// sending is a campaign that was checked; what it sends is the same as that of another one by a hash.
func sending(t *testing.T, s Store, hash string) ledger.Campaign {
	t.Helper()
	c := addCampaign(t, s)
	moveTo(t, s, &c, ledger.Checking)
	claim := ledger.Claim{Account: c.Account, Campaign: c.ID, Version: c.Version, Fence: 3}
	err := s.Lead(t.Context(), claim)
	if err == nil {
		err = s.AddRows(t.Context(), claim, rowsOf(1), ledger.Progress{})
	}
	if err == nil {
		err = s.EndCheck(t.Context(), claim, ledger.Checked{At: start, Check: "c_1", Messages: hash})
	}
	if err == nil {
		c, err = s.Campaign(t.Context(), c.Account, c.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}
