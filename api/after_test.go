package api_test

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"relais/api"
	"relais/connector"
	"relais/sms"
	"relais/webhook"
)

// pushing is an operator whose pushes are connector.News, encoded.
type pushing struct{ silent }

func (pushing) ParseNews(r *http.Request) (connector.News, error) {
	var news connector.News
	if r.URL.Path != "/push" {
		return news, errors.New("not ours")
	}
	return news, gob.NewDecoder(r.Body).Decode(&news)
}

// push is what the operator of ovh tells.
func (d *door) push(news connector.News) answer {
	d.t.Helper()
	var body bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(news); err != nil {
		d.t.Fatal(err)
	}
	return d.send(request{
		method: "POST", path: "/callbacks/ovh/hidden/push", body: body.String(), key: "-",
	}.http(d.t.Context(), "http://relais.example"))
}

// sent takes a message to the operator and returns it.
func (d *door) sent(body string) api.Message {
	d.t.Helper()
	m := d.submit(body).Messages[0]
	settleAs(d, m.ID, "id-1")
	return m
}

func settleAs(d *door, id sms.ID, providerID string) {
	d.t.Helper()
	claimed, err := d.store.Claim(d.t.Context(), claimOf("ovh"))
	if err != nil || len(claimed.Calls) != 1 {
		d.t.Fatalf("claimed %+v, %v", claimed, err)
	}
	m := claimed.Calls[0][0]
	if m.ID != id {
		d.t.Fatalf("claimed %s, want %s", m.ID, id)
	}
	if _, err := d.store.Settle(d.t.Context(), []sms.Transition{{
		Account: m.Account, ID: m.ID, From: m.Status, Attempt: m.Attempt, To: sms.Submitted,
		ProviderID: providerID,
		Event: sms.Event{
			At: today, Status: sms.Submitted, Actor: "lane:ovh", Code: "operator_accepted", Attempt: 1,
		},
	}}); err != nil {
		d.t.Fatal(err)
	}
}

func TestPushIsAcknowledgedOnceItIsStored(t *testing.T) {
	d := open(t)
	addTown(t, d)
	m := d.sent(good)
	receipt := sms.Receipt{
		ProviderID: "id-1", Status: sms.Undelivered, Reason: sms.ReasonAbsent,
		Code: "24", Text: "Abonné absent", At: today,
	}
	for range 3 {
		if got := d.push(connector.News{Receipts: []sms.Receipt{receipt}}); got.StatusCode != http.StatusOK {
			t.Fatalf("status %d: %s", got.StatusCode, got.body)
		}
	}
	golden(t, "message undelivered", d.get("/v1/messages/"+m.ID.String()).stable(m.ID))
	d.store.Close()
	if got := d.push(connector.News{
		Receipts: []sms.Receipt{receipt},
	}); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a push that could not be stored is answered %d", got.StatusCode)
	}
}

func TestRepliesAreFound(t *testing.T) {
	d := open(t)
	addTown(t, d)
	m := d.sent(`{"to":"+33639980001","text":"Bonjour","reference":"card-1"}`)
	d.push(connector.News{Inbounds: []sms.Inbound{
		{ProviderID: "1", From: "33639980001", Text: "Oui", AnswersID: "id-1", At: today},
		{ProviderID: "2", From: "+33639980002", Text: "Qui êtes-vous ?", At: today},
		{ProviderID: "3", From: "0639980001", Text: "STOP", AnswersID: "id-1", At: today},
	}})
	for query, want := range map[string]int{
		"": 3, "?from=0639980001": 2, "?message=" + m.ID.String(): 2, "?intent=stop": 1, "?connector=sfr": 0,
		"?since=2026-03-02T09:00:00Z": 3, "?until=2026-03-02T09:00:00Z": 0, "?limit=2": 2,
	} {
		var list api.InboundList
		d.get("/v1/inbound"+query).as(http.StatusOK, &list)
		if len(list.Items) != want {
			t.Errorf("%s: %d replies, want %d", query, len(list.Items), want)
		}
		if next := list.Next; (next != "") != (query == "?limit=2") {
			t.Errorf("%s: next %q", query, next)
		} else if next != "" {
			d.get("/v1/inbound?limit=2&cursor="+next).as(http.StatusOK, &list)
			if len(list.Items) != 1 {
				t.Errorf("%d replies on the second page, want 1", len(list.Items))
			}
		}
	}
	var other api.InboundList
	d.do(request{method: "GET", path: "/v1/inbound", key: otherKey}).as(http.StatusOK, &other)
	if len(other.Items) != 0 {
		t.Error("another account sees the replies")
	}
}

func TestOptOuts(t *testing.T) {
	d := open(t)
	var state api.OptOutState
	d.do(
		request{method: "PUT", path: "/v1/opt-outs/0639980001", body: `{"reason":"at the desk"}`},
	).as(http.StatusOK, &state)
	if !state.OptedOut || len(state.Proofs) != 1 || state.Proofs[0].Note != "at the desk" ||
		state.Proofs[0].Actor != "api:form" {
		t.Errorf("state %+v", state)
	}
	d.do(request{method: "PUT", path: "/v1/opt-outs/%2B33639980001"}).as(http.StatusOK, &state)
	if len(state.Proofs) != 1 {
		t.Errorf("%d proofs after the same again, want 1", len(state.Proofs))
	}
	got := d.do(message(`{"to":["+33639980001","+33639980002"],"text":"Soldes","class":"marketing"}`))
	var answer api.SubmitAnswer
	got.as(http.StatusAccepted, &answer)
	if len(answer.Messages) != 1 || len(answer.Rejected) != 1 || answer.Rejected[0].Code != "opted_out" ||
		answer.Rejected[0].Index != 0 {
		t.Errorf("answer %+v", answer)
	}
	golden(t, "submit to somebody opted out",
		d.do(message(`{"to":"+33639980001","text":"Soldes","class":"marketing"}`)).transcript())
	var preview api.PreviewAnswer
	d.do(request{
		method: "POST", path: "/v1/messages/preview",
		body: `{"to":["+33639980001","+33639980002"],"text":"Soldes","class":"marketing"}`,
	}).as(http.StatusOK,
		&preview)
	if len(preview.Rejected) != 1 {
		t.Errorf("preview %+v", preview)
	}
	if d.do(
		request{method: "GET", path: "/v1/opt-outs/0639980001", key: otherKey},
	).as(http.StatusOK, &state); state.OptedOut {
		t.Error("another account's list has the number")
	}
	if d.do(
		request{method: "DELETE", path: "/v1/opt-outs/0639980001?reason=asked"},
	).as(http.StatusOK, &state); state.OptedOut || len(state.Proofs) != 2 {
		t.Errorf("after the removal %+v", state)
	}
}

func TestImportAndExportOfOptOuts(t *testing.T) {
	d := open(t)
	imported := func(body string) api.ImportAnswer {
		var a api.ImportAnswer
		d.do(request{method: "POST", path: "/v1/opt-outs.csv", body: body}).as(http.StatusOK, &a)
		return a
	}
	a := imported("\uFEFFNom;Numéro;Émetteur\r\nPetit;06 39 98 00 01;\r\nGrand;0639980002;MAIRIE\r\nAbsent;12;\r\nCourt\r\n")
	if a.Added != 2 || len(a.Refused) != 2 || a.Refused[0].Line != 4 || a.Refused[0].Number != "12" ||
		a.Refused[1].Code != "number_missing" {
		t.Errorf("import %+v", a)
	}
	if a = imported("+33639980001\n+33639980003\n"); a.Added != 1 || a.Known != 1 {
		t.Errorf("a list without a head: %+v", a)
	}
	if a = imported(""); a.Added != 0 || len(a.Refused) != 0 {
		t.Errorf("an empty file: %+v", a)
	}
	export := string(d.get("/v1/opt-outs.csv").body)
	want := "number,sender,source,since,provisional\n+33639980001,,import,2026-03-02T09:00:00Z,\n+33639980002,MAIRIE,import,2026-03-02T09:00:00Z,\n+33639980003,,import,2026-03-02T09:00:00Z,\n"
	if export != want {
		t.Errorf("export\n%s\nwant\n%s", export, want)
	}
	if a = imported(export); a.Added != 0 || a.Known != 3 {
		t.Errorf("an export that is imported again: %+v", a)
	}
	var list api.OptOutList
	if d.get("/v1/opt-outs?limit=2").as(http.StatusOK, &list); len(list.Items) != 2 || list.Next == "" {
		t.Fatalf("page %+v", list)
	}
	if d.get("/v1/opt-outs?limit=2&cursor="+list.Next).as(http.StatusOK, &list); len(list.Items) != 1 {
		t.Errorf("second page %+v", list)
	}
}

func TestWebhooks(t *testing.T) {
	d := open(t)
	addTown(t, d)
	got := d.do(hook(`{"url":"https://town.example/hook","events":["message.submitted"]}`))
	var made api.NewWebhook
	got.as(http.StatusCreated, &made)
	if !strings.HasPrefix(made.Secret, "whsec_") || made.State != webhook.Active || len(made.Events) != 1 {
		t.Errorf("made %+v", made)
	}
	d.sent(good)
	var one api.Webhook
	d.get("/v1/webhooks/"+made.ID.String()).as(http.StatusOK, &one)
	if one.Pending != 1 || strings.Contains(string(d.get("/v1/webhooks").body), "whsec_") {
		t.Errorf("endpoint %+v", one)
	}
	var log api.DeliveryList
	d.get("/v1/webhooks/"+made.ID.String()+"/deliveries?state=pending").as(http.StatusOK, &log)
	if len(log.Items) != 1 || log.Items[0].Event.Type != webhook.MessageSubmitted ||
		log.Items[0].NextAt == nil {
		t.Fatalf("log %+v", log)
	}
	var replayed api.ReplayAnswer
	d.post("/v1/webhooks/"+made.ID.String()+"/replay",
		`{"state":"pending","since":"2026-03-01T00:00:00Z"}`).as(http.StatusOK, &replayed)
	if replayed.Replayed != 1 {
		t.Errorf("%d replayed", replayed.Replayed)
	}
	d.post("/v1/webhooks/"+made.ID.String()+"/enable", "").as(http.StatusOK, &one)
	for _, path := range []string{"", "/deliveries"} {
		d.do(
			request{method: "GET", path: "/v1/webhooks/" + made.ID.String() + path, key: otherKey},
		).problem(http.StatusNotFound, "webhook_unknown")
	}
	if got := d.do(
		request{method: "DELETE", path: "/v1/webhooks/" + made.ID.String()},
	); got.StatusCode != http.StatusNoContent {
		t.Errorf("deleted with %d", got.StatusCode)
	}
	for i := range 20 {
		d.do(hook(fmt.Sprintf(`{"url":"https://town.example/hook/%d"}`, i))).as(http.StatusCreated, &made)
	}
	exists := d.do(hook(`{"url":"https://town.example/hook/19"}`))
	exists.problem(http.StatusUnprocessableEntity, "webhook_exists")
	golden(t, "webhook exists", exists.stable(made.ID))
	tooMany := d.do(hook(`{"url":"https://town.example/hook"}`))
	tooMany.problem(http.StatusUnprocessableEntity, "webhooks_too_many")
	golden(t, "webhooks too many", tooMany.transcript())
}

func TestWebhookOfASubmission(t *testing.T) {
	d := open(t)
	addTown(t, d)
	var secret, again api.SecretAnswer
	d.get("/v1/webhook-secret").as(http.StatusOK, &secret)
	d.sent(`{"to":"+33639980001","text":"Bonjour","webhook_url":"https://town.example/mine"}`)
	var list api.WebhookList
	d.get("/v1/webhooks").as(http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].Origin != webhook.OfRequest || list.Items[0].Pending != 1 {
		t.Errorf("endpoints %+v", list)
	}
	d.get("/v1/webhook-secret").as(http.StatusOK, &again)
	if again != secret || !strings.HasPrefix(secret.Secret, "whsec_") {
		t.Error("the secret changed by itself")
	}
	if d.post("/v1/webhook-secret", "").as(http.StatusOK, &again); again == secret {
		t.Error("the secret was not replaced")
	}
	d.do(request{
		method: "POST", path: "/v1/messages/preview",
		body: `{"to":"+33639980001","text":"a","webhook_url":"https://town.example/other"}`,
	}).as(http.StatusOK, &api.PreviewAnswer{})
	if d.get("/v1/webhooks").as(http.StatusOK, &list); len(list.Items) != 1 {
		t.Error("a preview made an endpoint")
	}
	d.post("/v1/messages", `{"to":"+33139980001","text":"a","webhook_url":"https://town.example/refused"}`)
	d.batch(`{"to":"+33139980001","text":"a","webhook_url":"https://town.example/refused"}`,
		`{"to":"+33639980001","text":"a","webhook_url":"https://town.example/taken"}`)
	if d.get("/v1/webhooks").as(http.StatusOK, &list); len(list.Items) != 2 || list.Items[0].URL == list.Items[1].URL {
		t.Errorf("endpoints %+v, want one more, of what was taken", list)
	}
}

func TestFeedGoesOn(t *testing.T) {
	d := open(t)
	addTown(t, d)
	m := d.sent(good)
	d.push(connector.News{Receipts: []sms.Receipt{{ProviderID: "id-1", Status: sms.Delivered, Code: "4"}}})
	var first, second, third api.EventList
	d.get("/v1/events?limit=1").as(http.StatusOK, &first)
	d.get("/v1/events?after="+first.Next).as(http.StatusOK, &second)
	d.get("/v1/events?after="+second.Next).as(http.StatusOK, &third)
	if len(first.Items) != 1 || len(second.Items) != 1 || len(third.Items) != 0 || third.Next != second.Next {
		t.Fatalf("feed %+v, %+v, %+v", first, second, third)
	}
	golden(t, "events", d.get("/v1/events?types=message.delivered,message.expired").stable(m.ID))
	var other api.EventList
	if d.do(
		request{method: "GET", path: "/v1/events", key: otherKey},
	).as(http.StatusOK, &other); len(other.Items) != 0 {
		t.Error("another account sees the events")
	}
}

// stable is an answer with one id put for another, for golden files.
func (a answer) stable(id sms.ID) string {
	return strings.ReplaceAll(a.transcript(), id.String(), someID)
}

func TestUnsureRepliesWaitForADecision(t *testing.T) {
	d := open(t)
	addTown(t, d)
	d.sent(`{"to":"+33639980001","text":"Bonjour"}`)
	d.push(connector.News{Inbounds: []sms.Inbound{
		{ProviderID: "1", From: "33639980001", Text: "Je ne veux plus recevoir vos messages", AnswersID: "id-1", At: today},
		{ProviderID: "2", From: "33639980001", Text: "Merci", AnswersID: "id-1", At: today},
	}})
	var list api.InboundList
	d.get("/v1/inbound?undecided=true").as(http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].Intent != "unsure" || list.Items[0].Decision != "" {
		t.Fatalf("replies that wait: %+v", list.Items)
	}
	id := list.Items[0].ID.String()
	d.do(
		message(`{"to":"+33639980001","text":"Soldes","class":"marketing"}`),
	).problem(http.StatusUnprocessableEntity, "no_recipient")
	var state api.OptOutState
	d.get("/v1/opt-outs/0639980001").as(http.StatusOK, &state)
	if !state.OptedOut || !state.Entries[0].Provisional || !state.Proofs[0].Provisional {
		t.Errorf("state %+v", state)
	}
	var all api.InboundList
	d.get("/v1/inbound?intent=reply").as(http.StatusOK, &all)
	at := "/v1/inbound/" + id + "/decision"
	for _, tc := range []struct {
		name, path, body, key, code string
		status                      int
	}{
		{"neither word", at, `{"decision":"maybe"}`, "", "decision_unknown", http.StatusUnprocessableEntity},
		{"no id", "/v1/inbound/7/decision", `{"decision":"stop"}`, "", "reply_unknown", http.StatusNotFound},
		{"of another account", at, `{"decision":"stop"}`, otherKey, "reply_unknown", http.StatusNotFound},
		{"a mere reply", "/v1/inbound/" + all.Items[0].ID.String() + "/decision", `{"decision":"stop"}`, "", "reply_not_unsure", http.StatusConflict},
	} {
		got := d.do(request{method: "POST", path: tc.path, body: tc.body, key: tc.key})
		got.problem(tc.status, tc.code)
		golden(t, "decision "+tc.name,
			transcript(
				request{method: "POST", path: "/v1/inbound/ID/decision", body: tc.body},
			)+got.transcript())
	}
	var in api.Inbound
	d.post(at, `{"decision":"stop","reason":"called back"}`).as(http.StatusOK, &in)
	if in.Decision != "stop" || in.DecidedBy != "api:form" || in.DecidedAt == nil {
		t.Errorf("decided %+v", in)
	}
	late := d.post(at, `{"decision":"reply"}`)
	late.problem(http.StatusConflict, "reply_decided")
	golden(t, "decision too late",
		transcript(
			request{method: "POST", path: "/v1/inbound/ID/decision", body: `{"decision":"reply"}`},
		)+late.transcript())
	state = api.OptOutState{}
	d.get("/v1/opt-outs/0639980001").as(http.StatusOK, &state)
	if last := state.Proofs[len(state.Proofs)-1]; state.Entries[0].Provisional || last.Source != "decision" ||
		last.Note != "called back" || last.Actor != "api:form" {
		t.Errorf("state %+v", state)
	}
	list = api.InboundList{}
	d.get("/v1/inbound?undecided=true").as(http.StatusOK, &list)
	if len(list.Items) != 0 {
		t.Errorf("%d replies wait after the decision", len(list.Items))
	}
}

// A push is a GET or a POST, as its operator documents. Whatever else comes to the
// address only asks, and reaches no connector.
func TestOtherMethodsAreNoPushes(t *testing.T) {
	d := open(t)
	m := d.sent(`{"to":"+33639980001","text":"a","connector":"ovh"}`)
	var body bytes.Buffer
	news := connector.News{Receipts: []sms.Receipt{{ProviderID: "id-1", Status: sms.Delivered, Code: "4"}}}
	if err := gob.NewEncoder(&body).Encode(news); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodTrace} {
		t.Run(method, func(t *testing.T) {
			got := d.send(request{
				method: method, path: "/callbacks/ovh/hidden/push", body: body.String(), key: "-",
			}.http(t.Context(), "http://relais.example"))
			if allow := got.Header.Get("Allow"); got.StatusCode != http.StatusMethodNotAllowed ||
				allow != "GET, POST" {
				t.Errorf("answer %d, Allow %q; want 405 and GET, POST", got.StatusCode, allow)
			}
			var now api.MessageWithTimeline
			d.get("/v1/messages/"+m.ID.String()).as(http.StatusOK, &now)
			if now.Status != sms.Submitted || len(now.Timeline) != 3 {
				t.Errorf("message is %s with %d events", now.Status, len(now.Timeline))
			}
		})
	}
	if got := d.push(news); got.StatusCode != http.StatusOK {
		t.Errorf("the push itself is answered %d", got.StatusCode)
	}
}
