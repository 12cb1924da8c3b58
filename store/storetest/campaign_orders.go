package storetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/campaign/ledger"
	"relais/reason"
)

// campaignsOrdered: what a program sends to many runs with all its rows from the moment that it is kept.
func campaignsOrdered(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c := newCampaign()
	c.CreatedBy = "passerelle:town/forms"
	c.Options.Order = ledger.Order{Special: true, Metadata: `{"passerelle":"town"}`, Notes: `["é"]`}
	rows := rowsOf(4)
	rows[2].State, rows[2].Reason = ledger.Skipped, reason.Of("opted_out", nil)
	if err := s.AddRunning(t.Context(), c, rows); err != nil {
		t.Fatal(err)
	}
	got := campaignNow(t, s, &c)
	want := c
	want.Status, want.StartedAt, want.StartedBy, want.Events = ledger.Running, c.CreatedAt, c.CreatedBy, 1
	want.Counts = ledger.Counts{Waiting: 3, Skipped: 1}
	if diff := campaignDiff(want, got); diff != "" {
		t.Error(diff)
	}
	rows[2].Code = "opted_out"
	kept, _, err := s.CampaignRows(t.Context(), ledger.RowQuery{Account: c.Account, Campaign: c.ID, Limit: 10})
	if diff := cmp.Diff(rows, kept); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	active, err := s.Active(t.Context(), ledger.Running)
	if err != nil || len(active) != 1 || active[0].ID != c.ID || active[0].Options.Order != c.Options.Order {
		t.Errorf("%+v, %v", active, err)
	}
	claim := ledger.Claim{Account: c.Account, Campaign: c.ID, Version: 1, Fence: 1}
	if err := s.Lead(t.Context(), claim); err != nil {
		t.Error(err)
	}
	if left, err := s.WaitingRows(t.Context(), c.Account, c.ID, 10); err != nil || len(left) != 3 {
		t.Errorf("%d rows wait, %v", len(left), err)
	}
	// A second one of the same id is no second sending.
	if err := s.AddRunning(t.Context(), c, rows); err == nil {
		t.Error("the same campaign was kept twice")
	}
}
