package api_test

import (
	"net/http"
	"testing"
	"time"

	"relais/api"
)

func TestWebhookSecretIsRotated(t *testing.T) {
	d := open(t)
	var made api.NewWebhook
	d.do(hook(`{"url":"https://example.org/"}`)).as(http.StatusCreated, &made)
	path := "/v1/webhooks/" + made.ID.String() + "/rotate"
	rotate := func(key, body string) answer {
		return d.do(withHeader(request{method: "POST", path: path, body: body}, "Idempotency-Key", key))
	}
	var first, again, third api.RotatedWebhook
	rotate("r1", `{"overlap":"48h"}`).as(http.StatusOK, &first)
	if want := today.Add(48 * time.Hour); first.Secret == made.Secret || first.FormerUntil == nil ||
		!first.FormerUntil.Equal(want) {
		t.Errorf("rotated to %+v, want another secret, and the old one until %s", first, want)
	}
	a := rotate("r1", `{"overlap":"48h"}`)
	if a.as(http.StatusOK, &again); again.Secret != first.Secret ||
		a.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the same request again: %+v", again)
	}
	rotate("r1", `{"overlap":"24h"}`).problem(http.StatusConflict, "idempotency_key_reused")
	d.post(path, "").as(http.StatusOK, &third)
	if want := today.Add(24 * time.Hour); third.Secret == first.Secret || !third.FormerUntil.Equal(want) {
		t.Errorf("without a body: %+v, want the old one until %s", third, want)
	}
	d.do(withKey(request{method: "POST", path: path}, otherKey)).problem(http.StatusNotFound,
		"webhook_unknown")
	var shown api.Webhook
	if a := d.get("/v1/webhooks/" + made.ID.String()); a.StatusCode != http.StatusOK {
		t.Errorf("%d", a.StatusCode)
	} else {
		a.as(http.StatusOK, &shown) // strictly: no secret is shown again
	}
}

func TestAccountSecretIsRotated(t *testing.T) {
	d := open(t)
	var before, now, at api.SecretAnswer
	d.get("/v1/webhook-secret").as(http.StatusOK, &before)
	d.post("/v1/webhook-secret", `{"overlap":"1h"}`).as(http.StatusOK, &now)
	if now.Secret == before.Secret || now.FormerUntil == nil || !now.FormerUntil.Equal(today.Add(time.Hour)) {
		t.Errorf("replaced by %+v", now)
	}
	d.post("/v1/webhook-secret", `{"overlap":"0s"}`).as(http.StatusOK, &at)
	if at.Secret == now.Secret || at.FormerUntil != nil {
		t.Errorf("replaced at once by %+v", at)
	}
	d.submit(`{"to":"+33639980001","text":"Bonjour","webhook_url":"https://example.org/of-request"}`)
	var list api.WebhookList
	d.get("/v1/webhooks").as(http.StatusOK, &list)
	r := request{method: "POST", path: "/v1/webhooks/" + list.Items[0].ID.String() + "/rotate"}
	got := d.do(r)
	got.problem(http.StatusConflict, "webhook_of_request")
	golden(t, "webhook of request", goldenID(transcript(r))+got.transcript())
}

// goldenID hides the id in a path.
func goldenID(text string) string { return idPattern.ReplaceAllString(text, "ID") }

func TestBadOverlaps(t *testing.T) {
	d := open(t)
	for name, body := range map[string]string{
		"a day": `{"overlap":"1 day"}`, "negative": `{"overlap":"-1h"}`, "too long": `{"overlap":"169h"}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := request{method: "POST", path: "/v1/webhook-secret", body: body}
			got := d.in(t).do(r)
			got.problem(http.StatusUnprocessableEntity, "overlap_invalid")
			golden(t, "overlap "+name, transcript(r)+got.transcript())
		})
	}
}
