package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/api"
	"relais/campaign/ledger"
	"relais/person"
	"relais/reason"
	"relais/sms"
)

// forgotten has the retention take what nobody touched any more.
func (d *door) forgotten(until time.Time) {
	d.t.Helper()
	p := person.CampaignPurge{Account: "town", Untouched: until, Ended: until, Begun: until, At: today, Limit: 100}
	for range 20 {
		done, err := d.store.PurgeCampaigns(d.t.Context(), p)
		if err != nil {
			d.t.Fatal(err)
		}
		if !done.Some {
			return
		}
		p.After = done.Next
	}
	d.t.Fatal("a retention has no end")
}

// The file of a campaign that is kept no longer is not there, and whoever needs it is told.
func TestCampaignFileIsForgotten(t *testing.T) {
	d := open(t)
	id := d.campaign(wishes).ID.String()
	into[api.CampaignLook](t, d.do(put("/v1/campaigns/"+id+"/file", people)), http.StatusOK)
	d.forgotten(today.Add(time.Hour))
	if c := into[api.Campaign](t, d.get("/v1/campaigns/"+id), http.StatusOK); c.File != nil || c.Status != ledger.Draft {
		t.Errorf("%+v", c)
	}
	check := request{method: "POST", path: "/v1/campaigns/" + id + "/check"}
	got := d.do(check)
	got.problem(http.StatusUnprocessableEntity, "campaign_file_forgotten")
	golden(t, "campaign file forgotten", strings.ReplaceAll(transcript(check)+got.transcript(), id, someID))
	into[api.CampaignLook](t, d.do(put("/v1/campaigns/"+id+"/file", people)), http.StatusOK)
	into[api.Campaign](t, d.post("/v1/campaigns/"+id+"/check", ""), http.StatusAccepted)
}

// The export of a person has the rows of campaigns, and the erasure takes them.
func TestRowsOfAPerson(t *testing.T) {
	d := open(t)
	doc := openAPI(t, d)
	made := d.campaign(wishes)
	if _, err := d.store.MoveCampaign(t.Context(), "town", made.ID, ledger.Move{
		Mark: ledger.Mark{At: today, By: "user:anne"}, From: ledger.Statuses, To: ledger.Checking,
	}); err != nil {
		t.Fatal(err)
	}
	claim := ledger.Claim{Account: "town", Campaign: made.ID, Version: made.Version}
	rows := []ledger.Row{
		{Row: 2, Number: "+33639980001", Reference: "7", Values: map[string]string{"nom": "Zoé"}, Text: "Bonjour Zoé", State: ledger.Waiting},
		{Row: 3, Number: "+33639980002", State: ledger.Waiting},
		{Row: 4, Number: "+33639980001", State: ledger.Skipped, Reason: reason.Of("duplicate", nil)},
	}
	if err := d.store.AddRows(t.Context(), claim, rows, ledger.Progress{}); err != nil {
		t.Fatal(err)
	}
	before, raw := d.export()
	if len(before.Rows) != 2 || before.Rows[0].Row != 2 || before.Rows[0].Campaign != made.ID ||
		before.Rows[0].Name != "Vœux" || before.Rows[0].Text != "Bonjour Zoé" || before.Rows[0].Values["nom"] != "Zoé" ||
		before.Rows[0].Reference != "7" || before.Rows[1].State != "skipped" || before.Rows[1].Code != "duplicate" {
		t.Errorf("%s", raw)
	}
	if doc.operation(get("/v1/people/0639980001/export")) == nil {
		t.Error("the export is not in the description of the API")
	}
	var erased api.EraseAnswer
	d.post("/v1/people/0639980001/erase", "").as(http.StatusOK, &erased)
	if erased.Rows != 2 {
		t.Errorf("%+v", erased)
	}
	if after, raw := d.export(); len(after.Rows) != 0 {
		t.Errorf("after the erasure: %s", raw)
	}
	found, _, err := d.store.CampaignRows(t.Context(), ledger.RowQuery{Account: "town", Campaign: made.ID, Limit: 5})
	if err != nil || len(found) != 3 || found[0].Number != sms.NoNumber || found[0].State != ledger.Skipped ||
		found[1].Number != "+33639980002" || found[1].State != ledger.Waiting {
		t.Errorf("%+v, %v", found, err)
	}
}
