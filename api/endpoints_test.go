package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"relais/api"
	"relais/sms"
	"relais/webhook"
)

func TestWebhookIsChangedDisabledAndTried(t *testing.T) {
	d := open(t)
	var made api.NewWebhook
	d.post("/v1/webhooks", `{"url":"https://receiver.invalid/a","events":["message.delivered"]}`).
		as(http.StatusCreated, &made)
	one := "/v1/webhooks/" + made.ID.String()
	var shown api.Webhook
	d.do(request{method: "PATCH", path: one, body: `{"url":"https://receiver.invalid/b"}`}).as(http.StatusOK, &shown)
	if shown.URL != "https://receiver.invalid/b" || len(shown.Events) != 1 || shown.ID != made.ID {
		t.Errorf("changed to %+v", shown)
	}
	d.do(request{method: "PATCH", path: one, body: `{"events":[]}`}).as(http.StatusOK, &shown)
	if len(shown.Events) != 0 || shown.URL != "https://receiver.invalid/b" {
		t.Errorf("all events: %+v", shown)
	}
	d.do(request{method: "PATCH", path: one, body: `{"url":"http://10.0.0.1/"}`}).
		problem(http.StatusUnprocessableEntity, "webhook_url_invalid")
	d.post(one+"/disable", "").as(http.StatusOK, &shown)
	if shown.State != webhook.Disabled || shown.Reason == "" {
		t.Errorf("disabled: %+v", shown)
	}
	var tried api.TestAnswer
	d.post(one+"/test", "").as(http.StatusOK, &tried)
	if tried.Taken || tried.Status != 0 || !strings.HasPrefix(tried.Error, "no answer: ") {
		t.Errorf("tried: %+v", tried)
	}
}

// Endpoints that others name cannot be changed here, nor tried in their own form.
func TestWebhooksOfRequestsAreNotChanged(t *testing.T) {
	d := open(t)
	e, err := d.store.RequestEndpoint(t.Context(), "town", "https://receiver.invalid/", "kannel", []byte("whsec_"), today, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]request{
		"webhook named":  {method: "PATCH", path: "/v1/webhooks/" + e.ID.String(), body: `{"events":[]}`},
		"webhook shaped": {method: "POST", path: "/v1/webhooks/" + e.ID.String() + "/test"},
	} {
		got := d.do(r)
		got.problem(http.StatusConflict, strings.ReplaceAll(name, " ", "_"))
		golden(t, name, goldenID(transcript(r))+got.transcript())
	}
}

func TestDeliveryIsShownWithItsAttempts(t *testing.T) {
	d := open(t)
	var made api.NewWebhook
	d.post("/v1/webhooks", `{"url":"https://receiver.invalid/a"}`).as(http.StatusCreated, &made)
	if err := d.store.TellAll(t.Context(), string(webhook.CreditLow), sms.NewID(today), today, []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	e := webhook.Endpoint{Account: "town", ID: made.ID, State: webhook.Active}
	waiting, err := d.store.Due(t.Context(), e, today.Add(time.Hour), nil, 1)
	if err != nil || len(waiting) != 1 {
		t.Fatalf("%d due, %v", len(waiting), err)
	}
	first := webhook.Try{At: today, Took: time.Second, Status: 503, Error: "status 503", Answer: "non"}
	if err := d.store.SettleDeliveries(t.Context(), []webhook.Attempt{{
		Try:     webhook.Try{At: today.Add(time.Minute), Took: time.Millisecond, Status: 500, Error: "status 500"},
		Account: "town", Endpoint: made.ID, Seq: waiting[0].Event.Seq, State: webhook.Failed,
		Earlier: []webhook.Try{first},
	}}); err != nil {
		t.Fatal(err)
	}
	log := "/v1/webhooks/" + made.ID.String() + "/deliveries"
	var shown api.OneDelivery
	d.get(log+"/"+webhook.IDOf(waiting[0].Event.Seq)).as(http.StatusOK, &shown)
	if len(shown.Tries) != 2 || shown.Tries[1].Answer != "non" || shown.Tries[1].TookMS != 1000 ||
		shown.Status != 500 || shown.State != webhook.Failed {
		t.Errorf("%+v", shown)
	}
	other := get(log + "/" + webhook.IDOf(waiting[0].Event.Seq))
	d.do(withKey(other, otherKey)).problem(http.StatusNotFound, "delivery_unknown")
	replay := strings.TrimSuffix(log, "deliveries") + "replay"
	var answer api.ReplayAnswer
	for _, body := range []string{`{"dry_run":true}`, `{}`} {
		if d.post(replay, body).as(http.StatusOK, &answer); answer.Replayed != 1 || answer.More {
			t.Errorf("%s: %+v", body, answer)
		}
	}
	if d.post(replay, `{"dry_run":true}`).as(http.StatusOK, &answer); answer.Replayed != 0 {
		t.Errorf("after it: %+v", answer)
	}
}
