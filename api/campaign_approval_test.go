package api_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/api"
	"relais/auth"
	"relais/campaign/ledger"
	"relais/gateway"
)

// approving is an account whose campaigns somebody else has to approve.
func approving(g *gateway.Options, o *api.Options) {
	account := g.Account
	g.Account = func(name string) gateway.Account {
		a := account(name)
		a.Approval.Rows = 1
		return a
	}
	o.Campaigns.Account = g.Account
}

// judged begins a campaign, and keeps a check of one row as the gateway would.
func (d *door) judged() (path string) {
	d.t.Helper()
	c := d.campaign(wishes)
	path = "/v1/campaigns/" + c.ID.String()
	into[api.CampaignLook](d.t, d.do(put(path+"/file", people)), http.StatusOK)
	checking := into[api.Campaign](d.t, d.post(path+"/check", ""), http.StatusAccepted)
	ctx, claim := d.t.Context(), ledger.Claim{Account: "town", Campaign: c.ID, Version: checking.Version, Fence: 1}
	if err := d.store.Lead(ctx, claim); err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.store.BeginRows(ctx, claim); err != nil {
		d.t.Fatal(err)
	}
	rows := []ledger.Row{{Row: 2, Number: "+33639980001", Text: "Bonjour", State: ledger.Waiting}}
	if err := d.store.AddRows(ctx, claim, rows, ledger.Progress{Done: 1, Total: 1}); err != nil {
		d.t.Fatal(err)
	}
	report := `{"what": {"check": "c_1", "rows": {"total": 1, "ready": 1}}}`
	if err := d.store.EndCheck(ctx, claim, ledger.Checked{At: today, Check: "c_1", Report: json.RawMessage(report)}); err != nil {
		d.t.Fatal(err)
	}
	return path
}

func TestCampaignsAreApproved(t *testing.T) {
	d := open(t, approving)
	named := func(path, body, key string) request { return request{method: "POST", path: path, body: body, key: key} }
	path := d.judged()
	waits := into[api.Campaign](t, d.post(path+"/start", `{"check": "c_1"}`), http.StatusOK)
	if waits.Status != ledger.Awaiting || waits.Reason != "approval_needed" || waits.Detail == "" || waits.StartedBy != "api:form" ||
		waits.StartedAt != nil || waits.ApprovedBy != "" {
		t.Fatalf("%+v", waits)
	}
	d.post(path+"/approve", `{"check": "c_1"}`).problem(http.StatusConflict, "own_approval")
	d.do(named(path+"/approve", `{"check": "c_1"}`, otherKey)).problem(http.StatusForbidden, "key_right")
	d.do(named(path+"/approve", `{"check": "c_2"}`, secondKey)).problem(http.StatusConflict, "check_outdated")
	d.do(named(path+"/start", `{"check": "c_1"}`, secondKey)).problem(http.StatusForbidden, "key_right")
	refused := into[api.Campaign](t, d.do(named(path+"/refuse", `{"check": "c_1", "sentence": "La date est fausse."}`, secondKey)), http.StatusOK)
	if refused.Status != ledger.Draft || refused.Check != "" || refused.Reason != "approval_refused" || refused.StartedBy != "" {
		t.Errorf("%+v", refused)
	}
	d.do(named(path+"/approve", `{"check": "c_1"}`, secondKey)).problem(http.StatusConflict, "campaign_status")
	events := into[api.CampaignTimeline](t, d.get(path+"/timeline"), http.StatusOK)
	last := events.Items[len(events.Items)-1]
	if want := "Somebody did not agree: “La date est fausse.”"; last.Detail != want || last.Actor != "api:colleague" {
		t.Errorf("%+v, want %s", last, want)
	}

	path = d.judged()
	d.post(path+"/start", `{"check": "c_1"}`)
	for range 2 {
		done := into[api.Campaign](t, d.do(named(path+"/approve", `{"check": "c_1"}`, secondKey)), http.StatusOK)
		if done.Status != ledger.Running || done.ApprovedBy != "api:colleague" || done.ApprovedAt == nil || done.StartedBy != "api:form" {
			t.Errorf("%+v", done)
		}
	}
	var told []string
	for _, e := range into[api.EventList](t, d.get("/v1/events"), http.StatusOK).Items {
		told = append(told, string(e.Type))
	}
	want := []string{
		"campaign.checked", "campaign.awaiting_approval", "campaign.refused", "campaign.checked",
		"campaign.awaiting_approval", "campaign.approved", "campaign.started",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	acts, _, err := d.store.Acts(t.Context(), auth.ActQuery{Accounts: []string{"town"}, Actor: "api:colleague", Limit: 10})
	if err != nil || len(acts) != 2 || acts[0].Code != auth.CampaignApproved || acts[1].Code != auth.CampaignRefused || acts[0].Note != "c_1" {
		t.Errorf("%+v, %v", acts, err)
	}
}

func TestCampaignApprovalRefusals(t *testing.T) {
	waits := ledger.Campaign{Status: ledger.Awaiting, Check: "c_1", CreatedBy: "api:form"}
	waits.Counts.Waiting = 1
	d := open(t, func(_ *gateway.Options, o *api.Options) { o.Campaigns.Store = oneStore{o.Campaigns.Store, waits} })
	path := "/v1/campaigns/" + someID
	for _, tc := range []refusal{
		{"campaign own approval", 409, "own_approval", "", request{method: "POST", path: path + "/approve", body: `{"check": "c_1"}`}},
		{"campaign refused without a sentence", 422, "refusal_without_sentence", "/sentence", request{
			method: "POST", path: path + "/refuse", body: `{"check": "c_1", "sentence": " "}`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := d.in(t).do(tc.request)
			p := got.problem(tc.status, tc.code)
			if tc.field != "" && (len(p.Errors) == 0 || p.Errors[0].Field != tc.field) {
				t.Errorf("%+v", p)
			}
			golden(t, tc.name, transcript(tc.request)+got.transcript())
		})
	}
}
