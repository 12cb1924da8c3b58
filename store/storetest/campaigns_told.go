package storetest

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// campaignTold: each move is an event of its account, with the move or not at all.
func campaignTold(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	c, claim := checkedCampaign(t, s, rowsOf(3)...)
	for _, to := range []ledger.Status{ledger.Running, ledger.Paused, ledger.Running} {
		moveTo(t, s, &c, to)
	}
	rows := allRows(t, s, &c)
	for i := range rows {
		rows[i].Reason = reason.Of("opted_out", nil)
	}
	if err := s.SkipRows(t.Context(), claim, rows); err != nil {
		t.Fatal(err)
	}
	_, err := s.MoveCampaign(t.Context(), "default", c.ID, ledger.Move{
		Mark: byAnne, From: []ledger.Status{ledger.Paused}, To: ledger.Running,
	})
	if !errors.Is(err, ledger.ErrStatus) {
		t.Fatal(err)
	}
	moveTo(t, s, &c, ledger.Finishing)
	moveTo(t, s, &c, ledger.Finished)
	other := addCampaign(t, s)
	moveTo(t, s, &other, ledger.Checking)
	failed := ledger.Claim{Account: "default", Campaign: other.ID, Version: other.Version}
	if err := s.EndCheck(t.Context(), failed, ledger.Checked{At: start, Problem: reason.Of("no_rows", nil)}); err != nil {
		t.Fatal(err)
	}
	var told []webhook.CampaignData
	var kinds []webhook.Type
	for _, e := range feed(t, s, "default", webhook.Types...) {
		var d webhook.CampaignData
		if err := json.Unmarshal(e.Data, &d); err != nil || d.ID != e.Subject {
			t.Errorf("%s: %v", e.Data, err)
		}
		kinds, told = append(kinds, e.Type), append(told, d)
	}
	want := []webhook.Type{
		webhook.CampaignChecked, webhook.CampaignStarted, webhook.CampaignPaused, webhook.CampaignResumed,
		webhook.CampaignFinished, webhook.CampaignChecked,
	}
	if !slices.Equal(kinds, want) {
		t.Fatalf("%v, want %v", kinds, want)
	}
	first := webhook.CampaignData{
		ID: c.ID, Name: "Vœux", Status: "ready", Actor: sms.ActorGateway, At: start.Add(time.Hour), Check: "c_1",
		Rows: webhook.CampaignRows{Waiting: 3},
	}
	if diff := cmp.Diff(first, told[0]); diff != "" {
		t.Error(diff)
	}
	if d := told[4]; d.Status != "finished" || d.Rows != (webhook.CampaignRows{Skipped: 3}) || d.Actor != "user:anne" {
		t.Errorf("%+v", d)
	}
	if d := told[5]; d.Status != "draft" || d.Reason != "no_rows" {
		t.Errorf("%+v", d)
	}
	if found := feed(t, s, "other", webhook.Types...); len(found) != 0 {
		t.Errorf("another account is told: %+v", found)
	}
}
