package api_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/api"
	"relais/gateway"
	"relais/quota"
)

func batchOf(entries ...string) request {
	return request{
		method: "POST", path: "/v1/batches", body: `{"messages":[` + strings.Join(entries, ",") + `]}`,
	}
}

// batch sends a batch of which something must be accepted.
func (d *door) batch(entries ...string) api.BatchAnswer {
	d.t.Helper()
	var got api.BatchAnswer
	d.do(batchOf(entries...)).as(http.StatusAccepted, &got)
	if len(got.Items) != len(entries) {
		d.t.Fatalf("%d items for %d messages", len(got.Items), len(entries))
	}
	return got
}

// shapeOf is what became of a message, without what differs from one to the next.
func shapeOf(item api.BatchItem) string {
	var b strings.Builder
	if item.Problem != nil {
		fmt.Fprintf(&b, "%d %s (%d): %s\n", item.Problem.Status, item.Problem.Code,
			item.Problem.RetryAfter, item.Problem.Detail)
	}
	for _, m := range item.Messages {
		fmt.Fprintf(&b, "%s %s %s\n", m.To, m.Status, m.Connector)
	}
	for _, r := range item.Rejected {
		fmt.Fprintf(&b, "%s at %d: %s %s\n", r.To, r.Index, r.Code, r.Detail)
	}
	for _, w := range item.Warnings {
		fmt.Fprintf(&b, "warning %s %s: %s\n", w.To, w.Code, w.Detail)
	}
	return b.String()
}

// alone sends a message by itself and shows what became of it as an item of a batch.
func (d *door) alone(entry string) api.BatchItem {
	d.t.Helper()
	a := d.post("/v1/messages", entry)
	var item api.BatchItem
	if a.StatusCode == http.StatusAccepted {
		a.as(http.StatusAccepted, &item)
		return item
	}
	var p api.Problem
	a.as(a.StatusCode, &p)
	item.Problem = &api.BatchProblem{Status: p.Status, Code: p.Code, Title: p.Title, Detail: p.Detail}
	fmt.Sscan(a.Header.Get("Retry-After"), &item.Problem.RetryAfter)
	item.Rejected = p.Rejected
	return item
}

func TestBatchIsJudgedOneByOne(t *testing.T) {
	d := open(t)
	entries := []string{
		`{"to":["0639980001","12"],"text":"Un"}`,
		`{"to":"12","text":"Deux"}`,
		`{"to":"+33639980003","text":"Trois","class":"gold"}`,
		`{"to":"+33639980004","text":"Quatre","tekst":"?"}`,
		`{"to":"+33639980005","text":5}`,
		`7`,
		`{"to":"+33639980007","text":"Sept","send_at":"demain"}`,
		`{"to":"+33639980008","text":"Huit","reference":"r8"}`,
		`{"to":"+33639980009","text":"Neuf","text":"Neuf"}`,
		`{"to":"+33639980010","text":"Dix","webhook_url":"ftp://x"}`,
	}
	got := d.batch(entries...)
	for i, want := range []string{"", "no_recipient", "class_unknown", "unknown_field", "wrong_type", "wrong_type", "send_at_invalid", "", "duplicate_field", "webhook_url_invalid"} {
		p := got.Items[i].Problem
		switch {
		case want == "" && (p != nil || len(got.Items[i].Messages) != 1):
			t.Errorf("message %d: %s, want it accepted", i, shapeOf(got.Items[i]))
		case want != "" && (p == nil || p.Code != want || len(got.Items[i].Messages) != 0):
			t.Errorf("message %d: %s, want %s", i, shapeOf(got.Items[i]), want)
		case want != "" && (len(p.Errors) != 1 || !strings.HasPrefix(
			p.Errors[0].Field, fmt.Sprintf("/messages/%d", i),
		)):
			t.Errorf("message %d points to %+v", i, p.Errors)
		}
	}
	if n := stored(d); n != 2 {
		t.Errorf("%d messages stored, want 2", n)
	}
	if m := got.Items[7].Messages[0]; m.Reference != "r8" {
		t.Errorf("the answer of the eighth is %+v", m)
	}
}

// TestBatchIsAsIfOneCameAfterTheOther sends the same messages alone and in a batch, under
// quotas of every kind, and wants the same answer to each.
func TestBatchIsAsIfOneCameAfterTheOther(t *testing.T) {
	quotas := func(g *gateway.Options, _ *api.Options) {
		g.Quotas = book(g,
			quota.Quota{Name: "all", Per: quota.PerAccount, Every: quota.Day, Messages: 40},
			quota.Quota{Name: "segments", Per: quota.PerKey, Every: quota.Hour, Segments: 60},
			quota.Quota{
				Name: "abroad", Per: quota.PerCountry, Every: quota.Month,
				Outside: []string{"fr-metro"}, Messages: 6,
			},
			quota.Quota{Name: "person", Per: quota.PerRecipient, Every: quota.Day, Messages: 3},
			quota.Quota{Name: "twice", Per: quota.PerText, Every: quota.Hour, Messages: 1},
		)
	}
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 13)) //nolint:gosec // a test that can be repeated
		entries := make([]string, 60)
		for i := range entries {
			entries[i] = someMessage(random)
		}
		one, many := open(t, quotas), open(t, quotas)
		for range 5 { // what is stored already counts too
			before := someMessage(random)
			one.post("/v1/messages", before)
			many.post("/v1/messages", before)
		}
		got := many.batch(entries...)
		refused := 0
		for i := range entries {
			if diff := cmp.Diff(shapeOf(one.alone(entries[i])), shapeOf(got.Items[i])); diff != "" {
				t.Fatalf("seed %d, message %d, %s (-alone +in the batch):\n%s", seed, i, entries[i], diff)
			}
			if got.Items[i].Problem != nil {
				refused++
			}
		}
		if refused == 0 || refused == len(entries) {
			t.Errorf("seed %d: %d refused of %d: the quotas were not tried", seed, refused, len(entries))
		}
	}
}

func someMessage(random *rand.Rand) string {
	numbers := make([]string, 1+random.IntN(3))
	for i := range numbers {
		numbers[i] = fmt.Sprintf("+336399800%02d", random.IntN(12))
		if random.IntN(3) == 0 {
			numbers[i] = fmt.Sprintf("+4477009000%02d", random.IntN(4))
		}
	}
	text := []string{"Bonjour", "Au revoir", strings.Repeat("Long ", 60)}[random.IntN(3)]
	encoded, err := json.Marshal(map[string]any{"to": numbers, "text": text})
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

func TestBatchPointsToTheFault(t *testing.T) {
	d := open(t)
	body := "{\"messages\": [\n  {\"to\":\"+33639980001\",\"text\":\"é\"}, {\"to\":\n  \"+33639980002\", \"text\": \"é\", \"class\":\"gold\"}]}"
	var got api.BatchAnswer
	d.post("/v1/batches", body).as(http.StatusAccepted, &got)
	want := []api.FieldError{{
		Field: "/messages/1/class", Position: strings.Index(body, `"gold"`) + 1, Line: 3, Column: 40,
		Detail: "The class must be one of otp, transactional, marketing.",
	}}
	if diff := cmp.Diff(want, got.Items[1].Problem.Errors); diff != "" {
		t.Errorf("fault (-want +got):\n%s", diff)
	}
}

// TestBatchSaysWhereInTheWholeBody: a sentence that begins with a field, and its pointer,
// are those of the body that was sent.
func TestBatchSaysWhereInTheWholeBody(t *testing.T) {
	d := open(t)
	for _, tc := range []struct{ name, entry, want string }{
		{"text", `{"to":"+33639980002","text":5}`, "/messages/1/text must be a string, not a JSON number."},
		{"to", `{"to":5,"text":"a"}`, "/messages/1/to must be a number as a string, or a list of them."},
		{"value of metadata", `{"to":"+33639980002","text":"a","metadata":{"a/b":{}}}`, "/messages/1/metadata/a~1b must be a string, not a JSON object."},
		{"null in metadata", `{"to":"+33639980002","text":"a","metadata":{"a":null}}`, "/messages/1/metadata must be an object of strings, without a JSON null."},
		{"no object", `[5]`, "/messages/1 must be an object, as POST /v1/messages takes it."},
		{"time", `{"to":"+33639980002","text":"a","send_at":true}`, "/messages/1/send_at must be a string, not a JSON boolean."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := d.in(t).batch(`{"to":"+33639980001","text":"a"}`, tc.entry).Items[1].Problem
			if p == nil || len(p.Errors) != 1 {
				t.Fatalf("problem %+v, want one with a field", p)
			}
			if diff := cmp.Diff(
				[]string{tc.want, tc.want}, []string{p.Detail, p.Errors[0].Detail},
			); diff != "" {
				t.Errorf("detail (-want +got):\n%s", diff)
			}
			if !strings.HasPrefix(tc.want, p.Errors[0].Field) {
				t.Errorf("field %s", p.Errors[0].Field)
			}
		})
	}
}

func TestBatchOfWhichNothingIsAccepted(t *testing.T) {
	d := open(t)
	r := batchOf(`{"to":"12","text":"Un"}`, `{"to":"+33639980001"}`)
	a := d.do(r)
	p := a.problem(http.StatusUnprocessableEntity, "batch_refused")
	golden(t, "batch refused", transcript(r)+a.transcript())
	if len(p.Items) != 2 || p.Items[0].Problem.Code != "no_recipient" ||
		p.Items[1].Problem.Code != "text_empty" {
		t.Errorf("items %+v", p.Items)
	}
	if n := stored(d); n != 0 {
		t.Errorf("%d messages stored, want none", n)
	}
}

func TestBatchThatAQuotaRefusesTellsWhenToComeAgain(t *testing.T) {
	d := open(t, func(g *gateway.Options, _ *api.Options) {
		g.Quotas = book(g, quota.Quota{
			Name: "minute", Per: quota.PerAccount, Every: quota.Minute, Messages: 1,
		})
	})
	d.batch(`{"to":"+33639980001","text":"Un"}`)
	a := d.do(batchOf(`{"to":"+33639980002","text":"Deux"}`, `{"to":"+33639980003","text":"Trois"}`))
	p := a.problem(http.StatusTooManyRequests, "batch_refused")
	if got := a.Header.Get("Retry-After"); got != "60" || p.Items[0].Problem.RetryAfter != 60 {
		t.Errorf("Retry-After %q and %+v, want 60 twice", got, p.Items[0].Problem)
	}
}

var badBatches = []refusal{
	{"batch empty", 422, "batch_empty", "/messages", batchOf()},
	{"batch without messages", 422, "batch_empty", "/messages", request{method: "POST", path: "/v1/batches", body: `{}`}},
	{"batch null", 422, "wrong_type", "/messages", request{method: "POST", path: "/v1/batches", body: `{"messages":null}`}},
	{"batch no list", 422, "wrong_type", "/messages", request{method: "POST", path: "/v1/batches", body: `{"messages":{"to":"1"}}`}},
	{"batch is a list", 400, "body_not_an_object", "", request{method: "POST", path: "/v1/batches", body: `[{"to":"+33639980001","text":"x"}]`}},
	{"batch other key", 422, "unknown_field", "/message", request{method: "POST", path: "/v1/batches", body: `{"message":[]}`}},
	{"batch other case", 422, "unknown_field", "/Messages", request{method: "POST", path: "/v1/batches", body: `{"Messages":[]}`}},
	{"batch twice", 422, "duplicate_field", "/messages", request{method: "POST", path: "/v1/batches", body: `{"messages":[],"messages":[]}`}},
	{"batch cut", 400, "body_not_json", "", request{method: "POST", path: "/v1/batches", body: `{"messages":[{"to":"+33639980001"`}},
	{"batch of 1001", 422, "batch_too_large", "/messages/1000", batchOf(strings.Split(strings.Repeat(good+"\n", 1001), "\n")[:1001]...)},
	{
		"batch of 10001 recipients", 422, "recipients_too_many", "/messages/2/to",
		batchOf(`{"to":`+many(5000)+`,"text":"x"}`, `{"to":`+many(5000)+`,"text":"y"}`, good),
	},
}

func TestBadBatches(t *testing.T) {
	d := open(t)
	for _, tc := range badBatches {
		t.Run(tc.name, func(t *testing.T) {
			a := d.in(t).do(tc.request)
			p := a.problem(tc.status, tc.code)
			golden(t, tc.name, transcript(tc.request)+a.transcript())
			if tc.field != "" && (len(p.Errors) != 1 || p.Errors[0].Field != tc.field) {
				t.Errorf("the fault is %+v, want %s", p.Errors, tc.field)
			}
		})
	}
	if n := stored(d); n != 0 {
		t.Errorf("%d messages stored, want none", n)
	}
}

func TestFullBatch(t *testing.T) {
	d := open(t)
	entries := make([]string, gateway.MaxBatch)
	for i := range entries {
		entries[i] = fmt.Sprintf(`{"to":"+336399%05d","text":"Numéro %d"}`, 80000+i, i)
	}
	got := d.batch(entries...)
	for i, item := range got.Items {
		if len(item.Messages) != 1 || string(item.Messages[0].To) != fmt.Sprintf("+336399%05d", 80000+i) {
			t.Fatalf("message %d: %s", i, shapeOf(item))
		}
	}
	if n := stored(d); n != gateway.MaxBatch {
		t.Errorf("%d messages stored, want %d", n, gateway.MaxBatch)
	}
}

func TestBatchesOfOneKeyAreOne(t *testing.T) {
	d := open(t)
	r := withHeader(batchOf(`{"to":"+33639980001","text":"Un"}`, `{"to":"12","text":"Deux"}`),
		"Idempotency-Key", "b1")
	answers := make([]answer, 16)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = d.do(r) })
	}
	all.Wait()
	for i, a := range answers {
		if a.StatusCode != http.StatusAccepted || string(a.body) != string(answers[0].body) {
			t.Errorf("answer %d: %d %s, want that of the others: %s",
				i, a.StatusCode, a.body, answers[0].body)
		}
	}
	if n := stored(d); n != 1 {
		t.Errorf("%d messages stored, want 1", n)
	}
	other := withHeader(batchOf(`{"to":"+33639980001","text":"Trois"}`), "Idempotency-Key", "b1")
	d.do(other).problem(http.StatusConflict, "idempotency_key_reused")
	d.do(withHeader(batchOf(good), "Idempotency-Key", "a b")).problem(http.StatusUnprocessableEntity,
		"idempotency_key_invalid")
}

func TestBatchSpeaksFrench(t *testing.T) {
	d := open(t)
	var got api.BatchAnswer
	d.do(withHeader(batchOf(good, `{"to":"12","text":"Deux"}`), "Accept-Language",
		"fr")).as(http.StatusAccepted, &got)
	if want := "Aucun des destinataires ne peut recevoir le message\u00a0; chacun figure sous rejected avec sa raison."; got.Items[1].Problem.Detail != want {
		t.Errorf("detail %q, want %q", got.Items[1].Problem.Detail, want)
	}
}

func TestBatchesOfAccountsAreApart(t *testing.T) {
	d := open(t)
	var got api.BatchAnswer
	d.do(withKey(batchOf(good), otherKey)).as(http.StatusAccepted, &got)
	d.get("/v1/messages/"+got.Items[0].Messages[0].ID.String()).problem(http.StatusNotFound,
		"message_unknown")
}

// book has some quotas, counted by the store of the gateway.
func book(o *gateway.Options, quotas ...quota.Quota) *quota.Book {
	return quota.New(quota.Options{Quotas: quotas, Store: o.Store.(quota.Store), Log: o.Log})
}
