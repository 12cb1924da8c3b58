package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/campaign/ledger"
	"relais/sms"
)

// campaignTests: somebody makes so many tests in a time, of all campaigns of an account.
func campaignTests(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const most = 3
	first, second := addCampaign(t, s), addCampaign(t, s)
	since := start.Add(time.Hour)
	by := func(actor sms.Actor, minute int) ledger.Mark {
		return ledger.Mark{At: since.Add(time.Duration(minute) * time.Minute), By: actor}
	}
	note := func(c *ledger.Campaign, m ledger.Mark) error {
		return s.NoteTest(t.Context(), c.Account, c.ID, m, since, most)
	}
	if err := note(&first, by("user:anne", -1)); err != nil { // too old to count
		t.Fatal(err)
	}
	var sent, refused atomic.Int32
	var all sync.WaitGroup
	for n := range 2 * most {
		c := []*ledger.Campaign{&first, &second}[n%2]
		all.Go(func() {
			switch err := note(c, by("user:anne", n+1)); {
			case err == nil:
				sent.Add(1)
			case errors.Is(err, ledger.ErrTests):
				refused.Add(1)
			default:
				t.Errorf("%v", err)
			}
		})
	}
	all.Wait()
	if sent.Load() != most || refused.Load() != most {
		t.Errorf("%d sent, %d refused", sent.Load(), refused.Load())
	}
	if err := note(&first, by("user:marc", 9)); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	gone := ledger.Campaign{Account: "other", ID: first.ID}
	if err := note(&gone, by("user:anne", 9)); !errors.Is(err, ledger.ErrUnknown) {
		t.Errorf("from another account: %v", err)
	}
	kept, err := s.Campaign(t.Context(), "default", first.ID)
	events, failed := s.CampaignEvents(t.Context(), "default", first.ID)
	if err != nil || failed != nil || kept.Status != ledger.Draft || kept.Why != "" || kept.Events != len(events) {
		t.Errorf("%+v, %+v, %v, %v", kept, events, err, failed)
	}
	if last := events[len(events)-1]; last.Why != ledger.Tested || last.Status != ledger.Draft {
		t.Errorf("%+v", last)
	}
}
