package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"relais/api"
	"relais/connector"
	"relais/person"
	"relais/sms"
)

// known makes a person whom the town knows: a message that was delivered, a
// reply and a STOP.
func known(t *testing.T, d *door) api.Message {
	t.Helper()
	addTown(t, d)
	m := d.sent(
		`{"to":"+33639980001","text":"Votre dossier","reference":"file-7","metadata":{"name":"Dupont"}}`,
	)
	d.push(connector.News{
		Receipts: []sms.Receipt{{ProviderID: "id-1", Status: sms.Delivered, Code: "4", At: today}},
		Inbounds: []sms.Inbound{
			{ProviderID: "1", From: "33639980001", Text: "Merci", AnswersID: "id-1", At: today},
			{ProviderID: "2", From: "33639980001", Text: "STOP", AnswersID: "id-1", At: today},
		},
	})
	return m
}

func (d *door) export() (got api.PersonExport, raw string) {
	d.t.Helper()
	a := d.get("/v1/people/0639980001/export")
	a.as(http.StatusOK, &got)
	return got, string(a.body)
}

func (d *door) entries(query string) []api.AuditEntry {
	d.t.Helper()
	var list api.AuditList
	d.get("/v1/audit"+query).as(http.StatusOK, &list)
	return list.Items
}

func TestPersonIsExportedAndErased(t *testing.T) {
	d := open(t)
	doc := openAPI(t, d)
	m := known(t, d)
	d.submit(`{"to":"+33639980002","text":"À un autre"}`)

	before, _ := d.export()
	if len(before.Messages) != 1 || before.Messages[0].ID != m.ID ||
		before.Messages[0].Text != "Votre dossier" || len(before.Messages[0].Timeline) != 4 {
		t.Errorf("messages %+v", before.Messages)
	}
	if len(before.Replies) != 2 || !before.OptOut.OptedOut || len(before.OptOut.Proofs) != 1 {
		t.Errorf("%d replies, opt-out %+v; want the reply, the STOP and its proof",
			len(before.Replies), before.OptOut)
	}

	var erased api.EraseAnswer
	d.post("/v1/people/0639980001/erase", "").as(http.StatusOK, &erased)
	want := api.EraseAnswer{
		Number: "+33639980001", Messages: 1, Replies: 2, OptOutsKept: 1, Audit: erased.Audit,
	}
	if erased != want {
		t.Errorf("erased %+v, want %+v", erased, want)
	}
	var shown api.MessageWithTimeline
	d.get("/v1/messages/"+m.ID.String()).as(http.StatusOK, &shown)
	if shown.To != "~" || shown.Text != "" || !shown.TextRemoved || shown.Reference != "" ||
		shown.Metadata != nil || shown.Status != sms.Delivered {
		t.Errorf("the erased message %+v", shown.Message)
	}
	after, raw := d.export()
	if len(after.Messages)+len(after.Replies) != 0 || !after.OptOut.OptedOut {
		t.Errorf("after the erasure: %s", raw)
	}
	d.post("/v1/people/0639980001/erase", `{"opt_outs":true}`).as(http.StatusOK, &erased)
	if erased.OptOuts != 1 || erased.OptOutsKept != 0 {
		t.Errorf("erased with its opt-outs: %+v", erased)
	}

	for query, want := range map[string]string{
		"": "erase export erase export", "?number=0639980001": "erase export erase export",
		"?number=0639980002": "", "?limit=1": "erase",
	} {
		var got []string
		for _, e := range d.entries(query) {
			got = append(got, string(e.Action))
			if e.Subject != "~town-01" || e.Actor != "api:form" {
				t.Errorf("entry %+v", e)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("audit%s: %v, want %s", query, got, want)
		}
	}
	if e := d.entries("")[3]; e.Action != person.Exported || e.Messages != 1 || e.Replies != 2 ||
		e.OptOuts != 1 || e.ID != before.Audit {
		t.Errorf("the first export in the audit: %+v", e)
	}
	for _, r := range []request{
		get("/v1/people/0639980001/export"), get("/v1/people/12/export"), get("/v1/audit?limit=2"),
		{method: "POST", path: "/v1/people/0639980001/erase"},
		{method: "POST", path: "/v1/people/0639980001/erase", body: `{"cansel":true}`},
	} {
		if doc.operation(r) == nil {
			t.Errorf("%s %s is not described", r.method, r.path)
		}
		doc.conforms(t, r, d.do(r))
	}
}

// TestExportInFrench: the sentences of an export are those of the language that was asked for.
func TestExportInFrench(t *testing.T) {
	d := open(t)
	addTown(t, d)
	d.submit(`{"to":"+33639980001","text":"Votre dossier"}`)
	for language, want := range map[string]string{"fr": "Classe transactional, celle du compte.", "": "Class transactional, the account's default."} {
		var export api.PersonExport
		d.do(request{
			method: "GET", path: "/v1/people/0639980001/export", header: map[string]string{"Accept-Language": language},
		}).as(http.StatusOK, &export)
		var said []string
		for _, decision := range export.Messages[0].Decisions {
			said = append(said, decision.Detail)
		}
		if !slices.Contains(said, want) {
			t.Errorf("in %q the export says %q, want %q among them", language, said, want)
		}
	}
}

func TestErasureOfWhoStillGetsMessages(t *testing.T) {
	d := open(t)
	addTown(t, d)
	m := d.submit(`{"to":"+33639980001","text":"Votre dossier"}`).Messages[0]
	refused := d.post("/v1/people/0639980001/erase", "{}")
	golden(t, "person waiting", refused.transcript())
	p := refused.problem(http.StatusConflict, "person_waiting")
	if !strings.Contains(p.Detail, "1 queued") {
		t.Errorf("detail %q does not say what waits", p.Detail)
	}
	var erased api.EraseAnswer
	d.post("/v1/people/0639980001/erase", `{"cancel":true}`).as(http.StatusOK, &erased)
	if erased.Canceled != 1 || erased.Messages != 1 {
		t.Errorf("erased %+v, want the canceled message", erased)
	}
	var shown api.MessageWithTimeline
	d.get("/v1/messages/"+m.ID.String()).as(http.StatusOK, &shown)
	if shown.Status != sms.Canceled || shown.To != "~" {
		t.Errorf("message is %s to %s", shown.Status, shown.To)
	}
}

// TestPersonOfAnotherAccount: neither sees nor touches what the town knows.
func TestPersonOfAnotherAccount(t *testing.T) {
	d := open(t)
	m := known(t, d)
	var export api.PersonExport
	d.do(request{method: "GET", path: "/v1/people/+33639980001/export", key: otherKey}).as(http.StatusOK,
		&export)
	if len(export.Messages)+len(export.Replies)+len(export.OptOut.Proofs) != 0 {
		t.Errorf("another account is shown %+v", export)
	}
	var erased api.EraseAnswer
	d.do(request{
		method: "POST", path: "/v1/people/+33639980001/erase", key: otherKey, body: `{"opt_outs":true}`,
	}).as(http.StatusOK, &erased)
	if erased.Messages+erased.Replies+erased.OptOuts != 0 {
		t.Errorf("another account erased %+v", erased)
	}
	var shown api.MessageWithTimeline
	d.get("/v1/messages/"+m.ID.String()).as(http.StatusOK, &shown)
	if shown.To != "+33639980001" || shown.Text != "Votre dossier" || shown.Metadata["name"] != "Dupont" {
		t.Errorf("the town's message is %+v", shown.Message)
	}
	if got := d.entries(""); len(got) != 0 {
		t.Errorf("the town's audit has %+v of another account", got)
	}
}

func TestPersonRefusals(t *testing.T) {
	d := open(t)
	for _, tc := range []struct {
		name   string
		r      request
		status int
		code   string
	}{
		{"no number", get("/v1/people/hello/export"), 422, "invalid_parameter"},
		{"a parameter that does not exist", get("/v1/people/0639980001/export?from=1"), 422, "invalid_parameter"},
		{"no number to erase", request{method: "POST", path: "/v1/people/12/erase"}, 422, "invalid_parameter"},
		{"an unknown field", request{method: "POST", path: "/v1/people/0639980001/erase", body: `{"opt_out":true}`}, 422, "unknown_field"},
		{"a wrong type", request{method: "POST", path: "/v1/people/0639980001/erase", body: `{"cancel":"yes"}`}, 422, "wrong_type"},
		{"the wrong method", get("/v1/people/0639980001/erase"), 405, "method_wrong"},
		{"a cursor of nobody", get("/v1/audit?cursor=x"), 422, "invalid_parameter"},
		{"an audit of no number", get("/v1/audit?number=x"), 422, "invalid_parameter"},
	} {
		t.Run(tc.name, func(t *testing.T) { d.in(t).do(tc.r).problem(tc.status, tc.code) })
	}
	d.store.Close()
	d.get("/v1/people/0639980001/export").problem(http.StatusServiceUnavailable, "storage_unavailable")
	d.post("/v1/people/0639980001/erase", "").problem(http.StatusServiceUnavailable, "storage_unavailable")
}

// An export hands out what is known of a person and leaves a proof; a HEAD of it does
// neither.
func TestHeadOfAnExportLeavesNoProof(t *testing.T) {
	d := open(t)
	d.submit(good)
	for want, method := range []string{"HEAD", "GET"} {
		got := d.do(request{method: method, path: "/v1/people/%2B33639980001/export"})
		if kind := got.Header.Get("Content-Type"); got.StatusCode != http.StatusOK ||
			kind != "application/json" {
			t.Errorf("%s: %d, %s", method, got.StatusCode, kind)
		}
		var audit api.AuditList
		d.get("/v1/audit").as(http.StatusOK, &audit)
		if len(audit.Items) != want {
			t.Errorf("%d proofs after %s, want %d", len(audit.Items), method, want)
		}
	}
	if got := d.do(
		request{method: "HEAD", path: "/v1/people/none/export"},
	); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("HEAD of no number: %d", got.StatusCode)
	}
}
