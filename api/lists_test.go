package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"relais/api"
	"relais/contact"
	"relais/gateway"
)

// list makes one.
func (d *door) list(body string) api.List {
	d.t.Helper()
	return into[api.List](d.t, d.post("/v1/lists", body), http.StatusCreated)
}

func listPath(l api.List) string { return "/v1/lists/" + l.ID.String() }

// filled is a list with the people of a table.
func (d *door) filled(name, query, table string) api.List {
	d.t.Helper()
	path := listPath(d.list(`{"name": "` + name + `", "source": "guichet", "purpose": "cantine"}`))
	waits := into[api.List](d.t, d.do(put(path+"/table"+query, table)), http.StatusOK)
	body := `{"table": ` + strconv.Itoa(waits.Table.Table) + `}`
	return into[api.List](d.t, d.post(path+"/fill", body), http.StatusOK)
}

const canteen = "Dossier;Nom;Portable;Remarque\n7;Zoé;0639980001;x\n8;Léa;639980002;\n8;Léa bis;0639980003;\n9;Max;6,12E+08;\n;Tom;0639980004;\n"

func TestListIsFilledFromATable(t *testing.T) {
	d := open(t)
	l := d.list(`{"name": "Cantine", "source": "guichet", "keep_days": 400}`)
	waits := into[api.List](t, d.do(put(listPath(l)+"/table?name=cantine.csv&key_column=Dossier&field=Nom", canteen)), http.StatusOK)
	d.do(put(listPath(l)+"/table", "Nom;Ville\nZoé;Lyon\n")).problem(http.StatusUnprocessableEntity, "no_phone_column")
	if still := into[api.List](t, d.get(listPath(l)), http.StatusOK); still.Table == nil || still.Table.Table != waits.Table.Table {
		t.Errorf("a table that is refused takes away the one that waits: %+v", still.Table)
	}
	w := waits.Table
	if w == nil || w.Entries != 2 || w.Added != 2 || w.Removed != 0 || w.Columns.Phone != "Portable" || w.Columns.Key != "Dossier" ||
		len(w.Columns.Fields) != 1 || len(w.Skipped) != 3 || waits.Entries != 0 {
		t.Fatalf("%+v", w)
	}
	codes := ""
	for _, s := range w.Skipped {
		codes += s.Code + " " + strconv.Itoa(s.First) + ","
	}
	if codes != "list_key_twice 4,number_scientific 5,list_key_missing 6," {
		t.Error(codes)
	}
	body := `{"table": ` + strconv.Itoa(w.Table) + `}`
	now := into[api.List](t, d.post(listPath(l)+"/fill", body), http.StatusOK)
	if now.Entries != 2 || now.Table != nil || now.FilledBy != "api:form" {
		t.Errorf("%+v", now)
	}
	page := into[api.ListEntries](t, d.get(listPath(l)+"/entries?limit=1"), http.StatusOK)
	if len(page.Items) != 1 || page.Items[0].Number != "+33639980001" || page.Items[0].Values["Nom"] != "Zoé" || page.Next == "" {
		t.Errorf("%+v", page)
	}
	page = into[api.ListEntries](t, d.get(listPath(l)+"/entries?limit=1&cursor="+page.Next), http.StatusOK)
	if len(page.Items) != 1 || page.Items[0].Key != "8" || page.Next != "" {
		t.Errorf("%+v", page)
	}
	again := into[api.List](t, d.do(put(listPath(l)+"/table?key_column=Dossier&field=Nom", "Dossier;Nom;Portable\n8;Léa;0639980009\n10;Eva;0639980010\n")), http.StatusOK)
	if a := again.Table; a.Added != 1 || a.Removed != 1 || a.Changed != 1 {
		t.Errorf("%+v", a)
	}
	body = `{"table": ` + strconv.Itoa(again.Table.Table) + `}`
	if kept := into[api.List](t, d.post(listPath(l)+"/refuse", body), http.StatusOK); kept.Table != nil || kept.Entries != 2 {
		t.Errorf("%+v", kept)
	}
	if left := into[api.List](t, d.do(request{method: "DELETE", path: listPath(l) + "/entries/8"}), http.StatusOK); left.Entries != 1 {
		t.Errorf("%+v", left)
	}
	if got := d.do(request{method: "DELETE", path: listPath(l)}); got.StatusCode != http.StatusNoContent {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	if all := into[api.Lists](t, d.get("/v1/lists"), http.StatusOK); len(all.Items) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestListWithoutAKeyGoesByNumber(t *testing.T) {
	d := open(t)
	l := d.filled("Agenda", "", people)
	if l.Entries != 2 || l.Columns.Key != "" {
		t.Errorf("%+v", l)
	}
	if left := into[api.List](t, d.do(request{method: "DELETE", path: listPath(l) + "/entries/06%2039%2098%2000%2001"}), http.StatusOK); left.Entries != 1 {
		t.Errorf("%+v", left)
	}
}

// TestCampaignTakesACopyOfAList: what becomes of the list later is nothing to the campaign.
func TestCampaignTakesACopyOfAList(t *testing.T) {
	d := open(t)
	l := d.filled("=Cantine", "?key_column=Dossier&field=Nom", canteen)
	made := d.campaign(`{"name": "Menu", "class": "marketing", "text": "Bonjour ((nom))", "options": {"encoding": "utf-16le", "header_row": 3}}`)
	path := "/v1/campaigns/" + made.ID.String()
	look := into[api.CampaignLook](t, d.do(put(path+"/recipients", `{"list": "`+l.ID.String()+`"}`)), http.StatusOK)
	if look.Header != 1 || len(look.Columns) != 3 || len(look.Questions) != 0 {
		t.Errorf("%+v", look)
	}
	if got := d.do(request{method: "DELETE", path: listPath(l)}); got.StatusCode != http.StatusNoContent {
		t.Fatalf("%d", got.StatusCode)
	}
	c := into[api.Campaign](t, d.get(path), http.StatusOK)
	if c.List == nil || *c.List != l.ID || c.File.Name != "=Cantine.csv" {
		t.Errorf("%+v", c)
	}
	file := d.do(put(path+"/file?name=a.csv", people))
	if c = into[api.Campaign](t, d.get(path), http.StatusOK); file.StatusCode != http.StatusOK || c.List != nil {
		t.Errorf("another file is still the list's: %d %+v", file.StatusCode, c)
	}
}

func TestListRefusals(t *testing.T) {
	d := open(t)
	empty, full := d.list(`{"name": "Vide"}`), d.filled("Cantine", "?key_column=Dossier", canteen)
	draft := d.campaign(wishes)
	create := func(body string) request { return request{method: "POST", path: "/v1/lists", body: body} }
	change := request{method: "PUT", path: listPath(empty), body: `{"name": "a"}`}
	table := func(query, body string) request { return put(listPath(empty)+"/table"+query, body) }
	wide := strings.Repeat("x;", contact.MaxFields+1)
	var long strings.Builder
	long.WriteString("Nom;Portable\n")
	for i := range contact.MaxEntries + 1 {
		long.WriteString("a;0" + strconv.Itoa(600_000_000+i) + "\n")
	}
	for _, tc := range []refusal{
		{"list without a name", 422, "list_name_missing", "/name", create(`{"name": " "}`)},
		{"list name taken", 422, "list_name_taken", "/name", create(`{"name": "CANTINE"}`)},
		{"list too long", 422, "list_too_long", "/source", create(`{"name": "a", "source": "` + strings.Repeat("a", 501) + `"}`)},
		{"list control character", 422, "list_forbidden_character", "/purpose", create(`{"name": "a", "purpose": "a\u0007"}`)},
		{"list days", 422, "list_keep_days_invalid", "/keep_days", create(`{"name": "a", "keep_days": 100000}`)},
		{"list without If-Match", 428, "if_match_missing", "If-Match", change},
		{"list outdated", 412, "list_outdated", "", withHeader(change, "If-Match", `"7"`)},
		{"list unknown", 404, "list_unknown", "", get("/v1/lists/" + someID)},
		{"list header row", 400, "header_row_invalid", "header_row", table("?header_row=first", people)},
		{"list hidden", 400, "hidden_invalid", "hidden", table("?hidden=perhaps", people)},
		{"list column twice", 422, "list_column_twice", "", table("?key_column=Nom&field=Nom", people)},
		{"list column unknown", 422, "field_without_column", "", table("?key_column=Dossier", people)},
		{"list too many fields", 422, "list_too_many_fields", "", table("", wide+"Portable\n"+wide+"0639980001\n")},
		{"list without a table", 400, "body_empty", "", table("", "")},
		{"list of no table", 422, "file_unreadable", "", table("", "%PDF-1.7 x")},
		{"list nothing waits", 422, "list_nothing_waits", "", request{method: "POST", path: listPath(full) + "/fill", body: `{"table": 1}`}},
		{"list entry unknown", 404, "list_entry_unknown", "", request{method: "DELETE", path: listPath(full) + "/entries/77"}},
		{"list empty", 422, "list_empty", "/list", put("/v1/campaigns/"+draft.ID.String()+"/recipients", `{"list": "`+empty.ID.String()+`"}`)},
		{"list of a campaign unknown", 422, "list_missing", "/list", put("/v1/campaigns/"+draft.ID.String()+"/recipients", `{"list": "`+someID+`"}`)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := d.do(tc.request)
			var p api.Problem
			if err := json.Unmarshal(got.body, &p); err != nil || got.StatusCode != tc.status || p.Code != tc.code ||
				tc.field != "" && (len(p.Errors) == 0 || p.Errors[0].Field != tc.field) {
				t.Errorf("%d %s; want %d %s at %s", got.StatusCode, got.body, tc.status, tc.code, tc.field)
			}
			shown := transcript(tc.request) + got.transcript()
			golden(t, tc.name, strings.NewReplacer(
				empty.ID.String(), someID, full.ID.String(), someID, draft.ID.String(), someID,
			).Replace(shown))
		})
	}
	got := d.do(put(listPath(empty)+"/table", long.String()))
	if got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	golden(t, "list too many entries", "PUT /v1/lists/"+someID+"/table\n\nNom;Portable\n…\n"+got.transcript())
	crowded := open(t, func(_ *gateway.Options, o *api.Options) { o.Lists.Store = fullLists{o.Lists.Store} })
	asked := create(`{"name": "a"}`)
	got = crowded.do(asked)
	if got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	golden(t, "lists too many", transcript(asked)+got.transcript())
}

// fullLists has as many lists as an account may have.
type fullLists struct{ contact.Store }

func (fullLists) AddList(context.Context, contact.List, string) error { return contact.ErrTooMany }

// TestPersonIsFoundOnLists: an export has the lists, and an erasure takes the person off them.
func TestPersonIsFoundOnLists(t *testing.T) {
	d := open(t)
	l := d.filled("Cantine", "?key_column=Dossier&field=Nom", canteen)
	export := into[api.PersonExport](t, d.get("/v1/people/%2B33639980001/export"), http.StatusOK)
	if len(export.Lists) != 1 || export.Lists[0].Name != "Cantine" || export.Lists[0].Values["Nom"] != "Zoé" || export.Lists[0].Key != "7" {
		t.Errorf("%+v", export.Lists)
	}
	gone := into[api.EraseAnswer](t, d.post("/v1/people/%2B33639980001/erase", ""), http.StatusOK)
	if gone.ListEntries != 1 {
		t.Errorf("%+v", gone)
	}
	if now := into[api.List](t, d.get(listPath(l)), http.StatusOK); now.Entries != 1 {
		t.Errorf("%+v", now)
	}
}

// shrinking is a store whose lists lose somebody while they are read.
type shrinking struct{ contact.Store }

func (s shrinking) Entries(ctx context.Context, q contact.EntryQuery) ([]contact.Entry, bool, error) {
	found, more, err := s.Store.Entries(ctx, q)
	return found[:max(len(found)-1, 0)], more, err
}

// TestHalfAListIsNoCampaign: a list that changes while it is copied gives no part of its people.
func TestHalfAListIsNoCampaign(t *testing.T) {
	d := open(t, func(_ *gateway.Options, o *api.Options) { o.Lists.Store = shrinking{o.Lists.Store} })
	l := d.filled("Cantine", "?key_column=Dossier&field=Nom", canteen)
	path := "/v1/campaigns/" + d.campaign(wishes).ID.String()
	got := d.do(put(path+"/recipients", `{"list": "`+l.ID.String()+`"}`))
	if got.StatusCode < 400 || !strings.Contains(string(got.body), "upload_broken") {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	if c := into[api.Campaign](t, d.get(path), http.StatusOK); c.File != nil || c.List != nil {
		t.Errorf("%+v", c)
	}
}
