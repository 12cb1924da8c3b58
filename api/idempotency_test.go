package api_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/api"
)

func keyed(key, body string) request { return withHeader(message(body), "Idempotency-Key", key) }

func stored(d *door) int {
	d.t.Helper()
	var list api.MessageList
	d.get("/v1/messages?limit=1000").as(http.StatusOK, &list)
	return len(list.Items)
}

func TestSameKeyAndBodyGiveTheSameAnswer(t *testing.T) {
	dir := t.TempDir()
	d := openIn(t, dir)
	const body = `{"to":["+33639980001","12"],"text":"C’est prêt"}`
	first := d.do(keyed("k1", body))
	again := d.do(keyed("k1", body))
	if first.StatusCode != http.StatusAccepted || again.StatusCode != http.StatusAccepted {
		t.Fatalf("answers %d and %d, want 202 twice", first.StatusCode, again.StatusCode)
	}
	if diff := cmp.Diff(string(first.body), string(again.body)); diff != "" {
		t.Errorf("answers differ (-first +again):\n%s", diff)
	}
	if first.Header.Get("Idempotency-Replayed") != "" || again.Header.Get("Idempotency-Replayed") != "true" {
		t.Error("Idempotency-Replayed must stand on the second answer alone")
	}
	if n := stored(d); n != 1 {
		t.Errorf("%d messages stored, want 1", n)
	}
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	d = openIn(t, dir)
	if after := d.do(keyed("k1", body)); string(after.body) != string(first.body) {
		t.Errorf("answer after a restart: %s, want %s", after.body, first.body)
	}
}

func TestSameKeyAndOtherBodyAreRefused(t *testing.T) {
	d := open(t)
	d.do(keyed("k1", good)).as(http.StatusAccepted, &api.SubmitAnswer{})
	r := keyed("k1", `{"to":"+33639980002","text":"Bonjour Madame"}`)
	got := d.do(r)
	got.problem(http.StatusConflict, "idempotency_key_reused")
	golden(t, "idempotency key reused", transcript(r)+got.transcript())
	if n := stored(d); n != 1 {
		t.Errorf("%d messages stored, want 1", n)
	}
}

func TestKeysOfAccountsAreApart(t *testing.T) {
	d := open(t)
	d.do(keyed("k1", good)).as(http.StatusAccepted, &api.SubmitAnswer{})
	got := d.do(withKey(keyed("k1", `{"to":"+33639980002","text":"Bonjour Madame"}`), otherKey))
	got.as(http.StatusAccepted, &api.SubmitAnswer{})
	if got.Header.Get("Idempotency-Replayed") != "" {
		t.Error("an account was given another's answer")
	}
}

func TestRefusedRequestLeavesItsKeyFree(t *testing.T) {
	d := open(t)
	d.do(keyed("k1", `{"to":"12","text":"Bonjour Madame"}`)).problem(http.StatusUnprocessableEntity,
		"no_recipient")
	d.do(keyed("k1", good)).as(http.StatusAccepted, &api.SubmitAnswer{})
}

func TestDuplicatesAtOnceAreOneMessage(t *testing.T) {
	d := open(t)
	answers := make([]answer, 32)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = d.do(keyed("k1", good)) })
	}
	all.Wait()
	fresh := 0
	for _, a := range answers {
		if a.StatusCode != http.StatusAccepted || string(a.body) != string(answers[0].body) {
			t.Errorf("answer %d: %s, want that of the others: %s", a.StatusCode, a.body, answers[0].body)
		}
		if a.Header.Get("Idempotency-Replayed") == "" {
			fresh++
		}
	}
	if n := stored(d); n != 1 || fresh != 1 {
		t.Errorf("%d messages stored and %d fresh answers, want 1 and 1", n, fresh)
	}
}

func TestTwoIdempotencyKeys(t *testing.T) {
	d := open(t)
	r := message(good).http(t.Context(), "http://relais.example")
	r.Header["Idempotency-Key"] = []string{"a", "b"}
	d.send(r).problem(http.StatusUnprocessableEntity, "idempotency_key_invalid")
}

func TestWebhookOfTheSameKeyIsMadeOnce(t *testing.T) {
	d := open(t)
	create := func(key, body string) answer { return d.do(withHeader(hook(body), "Idempotency-Key", key)) }
	const body = `{"url":"https://example.org/"}`
	first, again := create("k1", body), create("k1", body)
	if first.StatusCode != http.StatusCreated || string(first.body) != string(again.body) ||
		again.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("answers %d %s and %d %s", first.StatusCode, first.body, again.StatusCode, again.body)
	}
	create("k1", `{"url":"https://example.com/"}`).problem(http.StatusConflict, "idempotency_key_reused")
	create("a b", body).problem(http.StatusUnprocessableEntity, "idempotency_key_invalid")
	create("k2", body).problem(http.StatusUnprocessableEntity, "webhook_exists")
	create("k3", `{"url":"https://example.net/"}`)
	var list api.WebhookList
	d.get("/v1/webhooks").as(http.StatusOK, &list)
	if len(list.Items) != 2 {
		t.Errorf("%d webhooks, want 2", len(list.Items))
	}
}
