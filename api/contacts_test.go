package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"relais/api"
	"relais/contact"
	"relais/gateway"
)

const zoesPath = "/v1/contacts/%2B33639980001"

// group makes one.
func (d *door) group(name string) api.Group {
	d.t.Helper()
	return into[api.Group](d.t, d.post("/v1/groups", `{"name": "`+name+`"}`), http.StatusCreated)
}

// contact makes one, in a group.
func (d *door) contact(number string, g api.Group) api.Contact {
	d.t.Helper()
	return into[api.Contact](d.t, d.post("/v1/contacts", `{"number": "`+number+`", "values": {"Nom": " Zoé ", "Ville": ""}, "groups": ["`+
		g.ID.String()+`"]}`), http.StatusCreated)
}

const agrees = `{"purpose": "Agenda", "source": "formulaire", "proof": "J'accepte", "given_at": "2025-01-15T09:00:00+01:00"}`

// TestContactsAndWhatTheyAgreedTo: a contact is made, changed by version, agrees, withdraws, is found
// in the export of the person, and goes.
func TestContactsAndWhatTheyAgreedTo(t *testing.T) {
	d := open(t)
	g := d.group("Amis")
	c := d.contact("06 39 98 00 01", g)
	if c.Number != "+33639980001" || len(c.Values) != 1 || c.Values["Nom"] != "Zoé" || len(c.Groups) != 1 || c.Version != 1 {
		t.Errorf("%+v", c)
	}
	c = into[api.Contact](t, d.post(zoesPath+"/consents", agrees), http.StatusOK)
	if len(c.Consents) != 1 || !c.Consents[0].InForce || c.Consents[0].NotedBy != "api:form" || c.Version != 2 {
		t.Errorf("%+v", c)
	}
	changed := withHeader(put(zoesPath, `{"values": {"Nom": "Léa"}}`), "If-Match", `"2"`)
	c = into[api.Contact](t, d.do(changed), http.StatusOK)
	if c.Values["Nom"] != "Léa" || len(c.Groups) != 0 || len(c.Consents) != 1 {
		t.Errorf("%+v", c)
	}
	c = into[api.Contact](t, d.post(zoesPath+"/withdraw", `{"purpose": "AGENDA", "source": "téléphone"}`), http.StatusOK)
	if one := c.Consents[0]; one.InForce || one.WithdrawnAt == nil || one.WithdrawnBy != "api:form" || one.WithdrawnSource != "téléphone" {
		t.Errorf("%+v", one)
	}
	d.contact("0639980002", g)
	page := into[api.ContactList](t, d.get("/v1/contacts?limit=1"), http.StatusOK)
	if len(page.Items) != 1 || page.Items[0].Number != "+33639980001" || page.Next == "" {
		t.Errorf("%+v", page)
	}
	page = into[api.ContactList](t, d.get("/v1/contacts?limit=1&cursor="+strings.ReplaceAll(page.Next, "+", "%2B")), http.StatusOK)
	if len(page.Items) != 1 || page.Items[0].Number != "+33639980002" || page.Next != "" {
		t.Errorf("%+v", page)
	}
	of := into[api.ContactList](t, d.get("/v1/contacts?group="+g.ID.String()), http.StatusOK)
	if len(of.Items) != 1 {
		t.Errorf("%+v", of)
	}
	if got := d.do(request{method: "DELETE", path: zoesPath}); got.StatusCode != http.StatusNoContent {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	export := into[api.PersonExport](t, d.get("/v1/people/%2B33639980001/export"), http.StatusOK)
	if len(export.Contacts) != 1 || export.Contacts[0].DroppedAt == nil || len(export.Contacts[0].Consents) != 1 {
		t.Errorf("%+v", export.Contacts)
	}
	if gone := into[api.EraseAnswer](t, d.post("/v1/people/%2B33639980001/erase", ""), http.StatusOK); gone.Contacts != 1 {
		t.Errorf("%+v", gone)
	}
	export = into[api.PersonExport](t, d.get("/v1/people/%2B33639980001/export"), http.StatusOK)
	if export.Contacts == nil || len(export.Contacts) != 0 {
		t.Errorf("%+v", export.Contacts)
	}
}

// TestAnyVersion: * in If-Match names whichever version is present (RFC 9110, section 13.1.1), and what is no
// version of ours names none.
func TestAnyVersion(t *testing.T) {
	d := open(t)
	g := d.group("Amis")
	d.contact("0639980001", g)
	campaign := d.campaign(wishes)
	list := into[api.List](t, d.post("/v1/lists", `{"name": "Cantine"}`), http.StatusCreated)
	template := into[api.Template](t, d.post("/v1/templates", `{"name": "Menu", "text": "Bonjour"}`), http.StatusCreated)
	for _, change := range []request{
		put(zoesPath, `{"values": {"Nom": "Eva"}}`),
		put("/v1/groups/"+g.ID.String(), `{"name": "Amies"}`),
		put("/v1/lists/"+list.ID.String(), `{"name": "Garderie"}`),
		put("/v1/templates/"+template.ID.String(), `{"name": "Menu", "text": "Bonsoir"}`),
		{method: "PATCH", path: "/v1/campaigns/" + campaign.ID.String(), body: `{"name": "a"}`},
	} {
		for _, tc := range []struct {
			match  string
			status int
		}{
			{"*", http.StatusOK}, {`"0"`, http.StatusPreconditionFailed}, {`"*"`, http.StatusPreconditionFailed}, {`"-1"`, http.StatusPreconditionFailed},
		} {
			if got := d.do(withHeader(change, "If-Match", tc.match)); got.StatusCode != tc.status {
				t.Errorf("%s with %s: %d %s", change.path, tc.match, got.StatusCode, got.body)
			}
		}
	}
	changed := into[api.Template](t, d.get("/v1/templates/"+template.ID.String()), http.StatusOK)
	if changed.Text != "Bonsoir" || changed.Version != 2 {
		t.Errorf("%+v", changed)
	}
	if c := into[api.Contact](t, d.get(zoesPath), http.StatusOK); c.Values["Nom"] != "Eva" || c.Version != 2 {
		t.Errorf("%+v", c)
	}
}

// TestAClockThatIsAhead: a consent of a moment ahead was given now.
func TestAClockThatIsAhead(t *testing.T) {
	d := open(t)
	made := d.contact("0639980001", d.group("Amis"))
	ahead := made.MadeAt.Add(time.Minute).Format(time.RFC3339)
	c := into[api.Contact](t, d.post(zoesPath+"/consents", `{"purpose": "Agenda", "source": "x", "given_at": "`+ahead+`"}`), http.StatusOK)
	if one := c.Consents[0]; one.GivenAt != one.NotedAt {
		t.Errorf("%+v", one)
	}
}

func TestGroupsAreChangedByVersion(t *testing.T) {
	d := open(t)
	g := d.group("Amis")
	d.contact("0639980001", g)
	path := "/v1/groups/" + g.ID.String()
	now := into[api.Group](t, d.do(withHeader(put(path, `{"name": "Amies", "note": "é"}`), "If-Match", `"1"`)), http.StatusOK)
	if now.Name != "Amies" || now.Version != 2 || now.Members != 1 {
		t.Errorf("%+v", now)
	}
	if all := into[api.GroupList](t, d.get("/v1/groups"), http.StatusOK); len(all.Items) != 1 || all.Items[0] != now {
		t.Errorf("%+v", all)
	}
	campaign := d.campaign(`{"name": "Menu", "class": "marketing", "text": "Bonjour ((nom))"}`)
	body := `{"group": "` + g.ID.String() + `", "purpose": "Agenda"}`
	look := into[api.CampaignLook](t, d.do(put("/v1/campaigns/"+campaign.ID.String()+"/recipients", body)), http.StatusOK)
	if len(look.Columns) != 2 || len(look.Questions) != 0 {
		t.Errorf("%+v", look)
	}
	c := into[api.Campaign](t, d.get("/v1/campaigns/"+campaign.ID.String()), http.StatusOK)
	if c.Group == nil || *c.Group != g.ID || c.Purpose != "Agenda" || c.List != nil {
		t.Errorf("%+v", c)
	}
	if got := d.do(request{method: "DELETE", path: path}); got.StatusCode != http.StatusNoContent {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	if one := into[api.Contact](t, d.get(zoesPath), http.StatusOK); len(one.Groups) != 0 {
		t.Errorf("%+v", one)
	}
}

func TestContactRefusals(t *testing.T) {
	d := open(t)
	g, empty := d.group("Amis"), d.group("Vide")
	d.contact("0639980001", g)
	draft := d.campaign(wishes)
	advert := d.campaign(`{"name": "Menu", "class": "marketing", "text": "Bonjour"}`)
	recipients := "/v1/campaigns/" + draft.ID.String() + "/recipients"
	d.do(put("/v1/campaigns/"+advert.ID.String()+"/recipients", `{"group": "`+g.ID.String()+`"}`))
	post := func(path, body string) request { return request{method: "POST", path: path, body: body} }
	change := put(zoesPath, `{"values": {}}`)
	groupPath := "/v1/groups/" + g.ID.String()
	many := make([]string, contact.MaxFields+1)
	for i := range many {
		many[i] = `"f` + strconv.Itoa(i) + `": "x"`
	}
	for _, tc := range []refusal{
		{"contact unknown", 404, "contact_unknown", "", get("/v1/contacts/%2B33639980009")},
		{"contact exists", 422, "contact_exists", "/number", post("/v1/contacts", `{"number": "0639980001"}`)},
		{"contact of no number", 422, "contact_number_invalid", "/number", post("/v1/contacts", `{"number": "12"}`)},
		{"contact without If-Match", 428, "if_match_missing", "If-Match", change},
		{"contact outdated", 412, "contact_outdated", "", withHeader(change, "If-Match", `"7"`)},
		{"contact too long", 422, "contact_too_long", "/values/Nom", post("/v1/contacts", `{"number": "0639980002", "values": {"Nom": "`+strings.Repeat("a", 501)+`"}}`)},
		{"contact too many", 422, "contact_too_many", "/values", post("/v1/contacts", `{"number": "0639980002", "values": {`+strings.Join(many, ", ")+`}}`)},
		{"contact control character", 422, "contact_forbidden_character", "/values/Nom", post("/v1/contacts", `{"number": "0639980002", "values": {"Nom": "a\u0007"}}`)},
		{"contact field twice", 422, "contact_field_invalid", "/values/nom", post("/v1/contacts", `{"number": "0639980002", "values": {"Nom": "a", "nom": "b"}}`)},
		{"contact of no group", 422, "group_missing", "/groups/0", post("/v1/contacts", `{"number": "0639980002", "groups": ["a"]}`)},
		{"contact of a group unknown", 422, "group_missing", "/groups", post("/v1/contacts", `{"number": "0639980002", "groups": ["`+someID+`"]}`)},
		{"contacts of a group unknown", 404, "group_unknown", "", get("/v1/contacts?group=" + someID)},
		{"consent without a purpose", 422, "consent_purpose_missing", "/purpose", post(zoesPath+"/consents", `{"purpose": " ", "source": "x"}`)},
		{"consent without a source", 422, "consent_source_missing", "/source", post(zoesPath+"/consents", `{"purpose": "Agenda", "source": ""}`)},
		{"consent in the future", 422, "consent_in_the_future", "/given_at", post(zoesPath+"/consents", `{"purpose": "Agenda", "source": "x", "given_at": "2999-01-01T00:00:00Z"}`)},
		{"consent at the zero time", 422, "consent_too_early", "/given_at", post(zoesPath+"/consents", `{"purpose": "Agenda", "source": "x", "given_at": "0001-01-01T00:00:00Z"}`)},
		{"consent before texts", 422, "consent_too_early", "/given_at", post(zoesPath+"/consents", `{"purpose": "Agenda", "source": "x", "given_at": "1989-12-31T23:59:59Z"}`)},
		{"contact field empty", 422, "contact_field_invalid", "/values/", post("/v1/contacts", `{"number": "0639980002", "values": {"": "x"}}`)},
		{"consent at no time", 422, "given_at_invalid", "/given_at", post(zoesPath+"/consents", `{"purpose": "Agenda", "source": "x", "given_at": "yesterday"}`)},
		{"consent unknown", 422, "consent_unknown", "/purpose", post(zoesPath+"/withdraw", `{"purpose": "Agenda"}`)},
		{"group without a name", 422, "group_name_missing", "/name", post("/v1/groups", `{"name": " "}`)},
		{"group name taken", 422, "group_name_taken", "/name", post("/v1/groups", `{"name": "AMIS"}`)},
		{"group outdated", 412, "group_outdated", "", withHeader(put(groupPath, `{"name": "a"}`), "If-Match", `"7"`)},
		{"group empty", 422, "group_empty", "/group", put(recipients, `{"group": "`+empty.ID.String()+`"}`)},
		{"recipients ambiguous", 422, "recipients_ambiguous", "/list", put(recipients, `{"purpose": "a"}`)},
		{"group of a campaign unknown", 422, "group_missing", "/group", put(recipients, `{"group": "`+someID+`"}`)},
		{"advertising without a purpose", 422, "campaign_purpose_missing", "/purpose", post("/v1/campaigns/"+advert.ID.String()+"/check", "")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := d.do(tc.request)
			var p api.Problem
			if err := json.Unmarshal(got.body, &p); err != nil || got.StatusCode != tc.status || p.Code != tc.code ||
				tc.field != "" && (len(p.Errors) == 0 || p.Errors[0].Field != tc.field) {
				t.Errorf("%d %s; want %d %s at %s", got.StatusCode, got.body, tc.status, tc.code, tc.field)
			}
			golden(t, tc.name, strings.NewReplacer(
				g.ID.String(), someID, empty.ID.String(), someID, draft.ID.String(), someID, advert.ID.String(), someID,
			).Replace(transcript(tc.request)+got.transcript()))
		})
	}
	crowded := open(t, func(_ *gateway.Options, o *api.Options) { o.Contacts.Store = fullGroups{o.Contacts.Store} })
	for name, asked := range map[string]request{
		"groups too many": post("/v1/groups", `{"name": "a"}`), "group full": post("/v1/contacts", `{"number": "0639980001"}`),
	} {
		got := crowded.do(asked)
		if got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%d %s", got.StatusCode, got.body)
		}
		golden(t, name, transcript(asked)+got.transcript())
	}
}

// fullGroups has as many groups as an account may have, and as many contacts in each.
type fullGroups struct{ contact.DirectoryStore }

func (fullGroups) AddGroup(context.Context, contact.Group, string) error {
	return contact.ErrGroupsMany
}

func (fullGroups) AddContact(context.Context, contact.Contact) (contact.Contact, error) {
	return contact.Contact{}, contact.ErrGroupFull
}

// TestContactsAreTheAccounts: nobody sees another account's.
func TestContactsAreTheAccounts(t *testing.T) {
	d := open(t)
	g := d.group("Amis")
	d.contact("0639980001", g)
	for _, path := range []string{zoesPath, "/v1/groups/" + g.ID.String(), "/v1/contacts?group=" + g.ID.String()} {
		got := d.do(request{method: "GET", path: path, key: otherKey})
		if got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
		}
	}
	if all := into[api.ContactList](t, d.do(request{method: "GET", path: "/v1/contacts", key: otherKey}), http.StatusOK); len(all.Items) != 0 {
		t.Errorf("%+v", all)
	}
}

// readers is a table of contacts: one who is new, one who is known, one who did not agree, one of no number.
const readers = "Nom;Mobile;Rue;Accord\nZoé;0639980001;--;15/01/2025\nLéa;639980002;;2025-02-01\nMax;0639980003;;\nEva;12;;\nAnne;0639980004;;bientôt\n"

// TestContactsFromATable: a table is checked, then what was checked is done, and nothing else.
func TestContactsFromATable(t *testing.T) {
	d := open(t)
	g := d.group("Abonnés")
	into[api.Contact](t, d.post("/v1/contacts", `{"number": "0639980001", "values": {"nom": "Zoe", "Rue": "Port", "Ville": "Lyon"}}`), http.StatusCreated)
	path := "/v1/contacts/import?name=a.csv&purpose=Agenda&source=formulaire&proof=Oui&given_column=Accord&group=" + g.ID.String()
	send := func(more, table string) answer { return d.do(request{method: "POST", path: path + more, body: table}) }
	would := into[api.ContactImport](t, send("", readers), http.StatusOK)
	if would.Applied || would.Added != 2 || would.Changed != 1 || would.Refused != 2 || would.Consents != 2 || len(would.Rows) != 5 || len(would.Skipped) != 2 {
		t.Errorf("%+v", would)
	}
	if r := would.Rows[4]; r.Row != 6 || r.Outcome != "refused" || !strings.Contains(r.Detail, "15/01/2026") {
		t.Errorf("%+v", r)
	}
	if all := into[api.ContactList](t, d.get("/v1/contacts"), http.StatusOK); len(all.Items) != 1 {
		t.Errorf("a check keeps %+v", all)
	}
	for name, refused := range map[string]answer{
		"contact import of another table": send("&check="+would.Check, readers+"Noé;0639980005;;\n"),
		"contact import of another check": send("&check=i_0", readers),
	} {
		var p api.Problem
		if err := json.Unmarshal(refused.body, &p); err != nil || refused.StatusCode != http.StatusPreconditionFailed || p.Code != "contact_import_outdated" {
			t.Errorf("%s: %d %s", name, refused.StatusCode, refused.body)
		}
	}
	golden(t, "contact import outdated", send("&check=i_0", readers).transcript())
	done := into[api.ContactImport](t, send("&check="+would.Check, readers), http.StatusOK)
	if !done.Applied || done.Added != 2 || done.Changed != 1 || done.Consents != 2 {
		t.Errorf("%+v", done)
	}
	zoe := into[api.Contact](t, d.get(zoesPath), http.StatusOK)
	if len(zoe.Values) != 2 || zoe.Values["nom"] != "Zoé" || zoe.Values["Ville"] != "Lyon" || len(zoe.Groups) != 1 || len(zoe.Consents) != 1 {
		t.Errorf("%+v", zoe)
	}
	if one := zoe.Consents[0]; one.GivenAt.Format(time.RFC3339) != "2025-01-15T12:00:00Z" || one.Purpose != "Agenda" || one.Proof != "Oui" || one.NotedBy != "api:form" {
		t.Errorf("%+v", one)
	}
	if one := into[api.Contact](t, d.get("/v1/contacts/%2B33639980003"), http.StatusOK); len(one.Consents) != 0 || one.Values["Nom"] != "Max" {
		t.Errorf("%+v", one)
	}
	if again := into[api.Group](t, d.get("/v1/groups/"+g.ID.String()), http.StatusOK); again.Members != 3 {
		t.Errorf("%+v", again)
	}
	if got := send("&check="+would.Check, readers); got.StatusCode != http.StatusPreconditionFailed {
		t.Errorf("the second click: %d %s", got.StatusCode, got.body)
	}
	if same := into[api.ContactImport](t, send("", readers), http.StatusOK); same.Unchanged != 3 || same.Added+same.Changed+same.Consents != 0 {
		t.Errorf("the same table again: %+v", same)
	}
}

func TestContactImportRefusals(t *testing.T) {
	d := open(t)
	for query, code := range map[string]string{
		"group=" + someID: "group_missing", "group=x": "group_missing", "purpose=Agenda": "consent_source_missing", "source=x": "consent_purpose_missing",
		"given_column=Accord": "consent_purpose_missing", "purpose=a&source=b&given_column=Jour": "field_without_column",
		"purpose=a&source=b&given_at=0001-01-01T00:00:00Z": "given_at_invalid", "purpose=a&source=b&given_at=1980-01-01T00:00:00Z": "consent_too_early",
	} {
		got := d.do(request{method: "POST", path: "/v1/contacts/import?" + query, body: readers})
		var p api.Problem
		if err := json.Unmarshal(got.body, &p); err != nil || got.StatusCode != http.StatusUnprocessableEntity || p.Code != code {
			t.Errorf("%s: %d %s, want %s", query, got.StatusCode, got.body, code)
		}
	}
	if got := d.do(request{method: "POST", path: "/v1/contacts/import", body: "Nom\nZoé\n"}); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}
