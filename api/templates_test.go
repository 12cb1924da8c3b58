package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"relais/api"
	"relais/gateway"
	"relais/sms"
	"relais/template"
)

// keepTemplate puts a template into the store, by an id that stays the same.
func (d *door) keepTemplate(id, name, text string) {
	d.t.Helper()
	parsed, err := sms.ParseID(id)
	if err != nil {
		d.t.Fatal(err)
	}
	made := template.Template{
		Account: "town", ID: parsed, Version: 1, Latest: 1, MadeAt: today, MadeBy: "user:anne",
		Content: template.Content{
			Name: name, Text: text, Class: sms.Transactional, Sender: "MAIRIE", Circle: template.Everyone,
		},
	}
	if err := d.store.AddTemplate(d.t.Context(), made, "="+strings.ToLower(name)); err != nil {
		d.t.Fatal(err)
	}
}

var (
	rendezvous = sms.NewID(today).String()
	putAway    = sms.NewID(today).String()
)

func (d *door) templates() {
	d.t.Helper()
	d.keepTemplate(rendezvous, "rendezvous",
		"Bonjour ((prénom|Madame, Monsieur)), rendez-vous le ((date)).((pièces?? Apportez vos papiers.))")
	d.keepTemplate(putAway, "ancien", "Bonjour")
	id, _ := sms.ParseID(putAway)
	if err := d.store.ArchiveTemplate(d.t.Context(), "town", id, today, putAway); err != nil {
		d.t.Fatal(err)
	}
}

func into[T any](t *testing.T, a answer, status int) T {
	t.Helper()
	var v T
	if a.StatusCode != status {
		t.Fatalf("%d %s; want %d", a.StatusCode, a.body, status)
	}
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTemplatesAreMadeChangedAndPutAway(t *testing.T) {
	d := open(t)
	made := d.post("/v1/templates", `{"name": "Prêt", "folder": "Médiathèque", "text": "((titre)) vous attend.", "circle": "approvers"}`)
	first := into[api.Template](t, made, http.StatusCreated)
	if made.Header.Get("ETag") != `"1"` || first.Fields[0] != (api.TemplateField{Name: "titre", Required: true}) ||
		first.MadeBy != "api:form" {
		t.Errorf("%s", made.body)
	}
	path := "/v1/templates/" + first.ID.String()
	change := func(match, text string) answer {
		return d.do(request{
			method: "PUT", path: path, header: map[string]string{"If-Match": match},
			body: `{"name": "Prêt", "folder": "Médiathèque", "text": "` + text + `", "circle": "approvers"}`,
		})
	}
	if same := into[api.Template](t, change(`"1"`, "((titre)) vous attend."), http.StatusOK); same.Version != 1 {
		t.Errorf("the same content made version %d", same.Version)
	}
	if next := change(`"1"`, "((titre)) est arrivé."); next.StatusCode != http.StatusOK || next.Header.Get("ETag") != `"2"` {
		t.Fatalf("%d %s", next.StatusCode, next.body)
	}
	if late := change(`"1"`, "autre"); late.StatusCode != http.StatusPreconditionFailed {
		t.Errorf("a colleague's change is overwritten: %d", late.StatusCode)
	}
	old := into[api.Template](t, d.get(path+"?version=1"), http.StatusOK)
	if old.Text != "((titre)) vous attend." || old.Latest != 2 {
		t.Errorf("%+v", old)
	}
	if all := into[api.TemplateVersions](t, d.get(path+"/versions?limit=1"), http.StatusOK); len(all.Items) != 1 ||
		all.Items[0].Version != 2 || all.Next != "2" {
		t.Errorf("%+v", all)
	}
	if all := into[api.TemplateVersions](t, d.get(path+"/versions?cursor=2"), http.StatusOK); len(all.Items) != 1 ||
		all.Items[0].Version != 1 || all.Next != "" {
		t.Errorf("%+v", all)
	}
	if other := d.do(request{method: "GET", path: path, key: otherKey}); other.StatusCode != http.StatusNotFound {
		t.Errorf("another account sees it: %d", other.StatusCode)
	}
	if gone := d.do(request{method: "DELETE", path: path}); gone.StatusCode != http.StatusNoContent {
		t.Fatalf("%d %s", gone.StatusCode, gone.body)
	}
	if list := into[api.TemplateList](t, d.get("/v1/templates"), http.StatusOK); len(list.Items) != 0 {
		t.Errorf("%+v", list)
	}
	if list := into[api.TemplateList](t, d.get("/v1/templates?archived=true"), http.StatusOK); len(list.Items) != 1 {
		t.Errorf("%+v", list)
	}
	into[api.Template](t, d.post(path+"/restore", ""), http.StatusOK)
	if list := into[api.TemplateList](t, d.get("/v1/templates"), http.StatusOK); len(list.Items) != 1 {
		t.Errorf("%+v", list)
	}
}

func TestMessagesAreMadeWithTemplates(t *testing.T) {
	d := open(t)
	d.templates()
	sent := into[api.SubmitAnswer](t, d.post("/v1/messages", `{"to": ["+33639980001", "+33639980002"],
		"template": "`+rendezvous+`", "values": {"DATE": "3/12", "pieces": "peut-être"}}`), http.StatusAccepted)
	m := into[api.MessageWithTimeline](t, d.get("/v1/messages/"+sent.Messages[0].ID.String()), http.StatusOK)
	if m.Text != "Bonjour Madame, Monsieur, rendez-vous le 3/12." || m.Sender != "MAIRIE" ||
		len(sent.Warnings) == 0 || sent.Warnings[0].Code != string(template.CodeDoubtful) {
		t.Errorf("%+v %+v", m, sent.Warnings)
	}
	if !strings.Contains(string(d.get("/v1/messages/"+sent.Messages[0].ID.String()).body), string(template.CodeMade)) {
		t.Error("the timeline does not name the template")
	}
	if used := into[api.Template](t, d.get("/v1/templates/"+rendezvous), http.StatusOK); used.Uses != 2 || used.UsedAt == nil {
		t.Errorf("used %d times", used.Uses)
	}
	batch := d.post("/v1/batches", `{"messages": [
		{"to": "+33639980001", "template": "`+rendezvous+`", "values": {"date": "4/12", "prénom": "Zoé"}},
		{"to": "+33639980001", "template": "`+rendezvous+`"}]}`)
	if outcome := into[api.BatchAnswer](t, batch, http.StatusAccepted); len(outcome.Items) != 2 ||
		!strings.Contains(string(batch.body), string(template.CodeNoValue)) {
		t.Errorf("%s", batch.body)
	}
	shown := into[api.PreviewAnswer](t, d.post("/v1/messages/preview", `{"to": "+33639980001",
		"template": "`+rendezvous+`", "values": {"date": "3/12"}}`), http.StatusOK)
	if shown.Text.Written.Text != "Bonjour Madame, Monsieur, rendez-vous le 3/12." {
		t.Errorf("%+v", shown.Text)
	}
}

func TestTemplateIsPreviewedWithoutARecipient(t *testing.T) {
	d := open(t)
	d.templates()
	path := "/v1/templates/" + rendezvous + "/preview"
	shown := into[api.TemplatePreview](t, d.post(path, `{"values": {"prénom": "Chloé", "date": "3 févr. œ"}}`), http.StatusOK)
	if shown.Text != "Bonjour Chloé, rendez-vous le 3 févr. œ." || len(shown.Cost.Costly) != 1 ||
		shown.Cost.Written.Encoding != sms.UCS2 || shown.Cost.Written.Segments != 1 {
		t.Errorf("%+v", shown)
	}
	bare := into[api.TemplatePreview](t, d.post(path, `{}`), http.StatusOK)
	if bare.Text != "" || len(bare.Missing) != 1 || bare.Cost.Written.Text != "Bonjour , rendez-vous le ." {
		t.Errorf("%+v", bare)
	}
	if used := into[api.Template](t, d.get("/v1/templates/"+rendezvous), http.StatusOK); used.Uses != 0 {
		t.Error("a preview counts as a use")
	}
}

func TestTemplateRefusals(t *testing.T) {
	d := open(t)
	d.templates()
	create := func(body string) request { return request{method: "POST", path: "/v1/templates", body: body} }
	change := request{
		method: "PUT", path: "/v1/templates/" + rendezvous, body: `{"name": "a", "text": "b"}`,
	}
	use := func(rest string) request {
		return message(`{"to": "+33639980001", "template": "` + rendezvous + `"` + rest + `}`)
	}
	for _, tc := range []refusal{
		{"template field unclosed", 422, "field_syntax", "/text", create(`{"name": "a", "text": "Bonjour ((nom"}`)},
		{"template field nested", 422, "field_syntax", "/text", create(`{"name": "a", "text": "((a??((b))))"}`)},
		{"template without a name", 422, "template_name_missing", "/name", create(`{"name": " ", "text": "b"}`)},
		{"template without a text", 422, "template_text_missing", "/text", create(`{"name": "a", "text": " "}`)},
		{"template name taken", 422, "template_name_taken", "/name", create(`{"name": "Rendez-Vous", "text": "b"}`)},
		{"template too long", 422, "template_too_long", "/text", create(
			`{"name": "a", "text": "` + strings.Repeat("a", template.MaxText+1) + `"}`,
		)},
		{"template control character", 422, "template_forbidden_character", "/text", create(`{"name": "a", "text": "a\u0007"}`)},
		{"template sender unfit", 422, "template_sender_unfit", "/sender", create(`{"name": "a", "text": "b", "sender": "MAIRIE DE LYON"}`)},
		{"template class unknown", 422, "class_unknown", "/class", create(`{"name": "a", "text": "b", "class": "sms"}`)},
		{"template circle unknown", 422, "template_circle_unknown", "/circle", create(`{"name": "a", "text": "b", "circle": "all"}`)},
		{"template for answers with fields", 422, "template_answer_fields", "/answer", create(`{"name": "a", "text": "((b))", "answer": true}`)},
		{"template without If-Match", 428, "if_match_missing", "If-Match", change},
		{"template outdated", 412, "template_outdated", "If-Match", withHeader(change, "If-Match", `"7"`)},
		{"template unknown", 404, "template_unknown", "", get("/v1/templates/" + someID)},
		{"template of a message unknown", 422, "template_missing", "/template", message(
			`{"to": "+33639980001", "template": "` + someID + `"}`,
		)},
		{"template put away", 422, "template_archived", "/template", message(
			`{"to": "+33639980001", "template": "` + putAway + `"}`,
		)},
		{"template value missing", 422, "field_without_value", "/values", use(`, "values": {"prénom": "Zoé"}`)},
		{"template value unknown", 422, "field_unknown", "/values/dat", use(`, "values": {"dat": "1"}`)},
		{"template and text", 422, "text_and_template", "/text", use(`, "text": "a", "values": {"date": "1"}`)},
		{"template value with a control character", 422, "text_forbidden_character", "/values", use(`, "values": {"date": "\u0007"}`)},
		{"values without a template", 422, "template_missing", "/values", message(
			`{"to": "+33639980001", "text": "a", "values": {"date": "1"}}`,
		)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := d.do(tc.request)
			var p api.Problem
			if err := json.Unmarshal(got.body, &p); err != nil || got.StatusCode != tc.status || p.Code != tc.code ||
				tc.field != "" && (len(p.Errors) == 0 || p.Errors[0].Field != tc.field) {
				t.Errorf("%d %s; want %d %s at %s", got.StatusCode, got.body, tc.status, tc.code, tc.field)
			}
			shown := transcript(tc.request) + got.transcript()
			golden(t, tc.name, strings.NewReplacer(rendezvous, someID, putAway, someID).Replace(shown))
		})
	}
	full := open(t, func(_ *gateway.Options, o *api.Options) { o.Templates.Store = fullStore{o.Templates.Store} })
	asked := create(`{"name": "a", "text": "b"}`)
	got := full.do(asked)
	if got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	golden(t, "templates too many", transcript(asked)+got.transcript())
}

// fullStore has as many templates as an account may have.
type fullStore struct{ template.Store }

func (fullStore) AddTemplate(context.Context, template.Template, string) error {
	return template.ErrTooMany
}
