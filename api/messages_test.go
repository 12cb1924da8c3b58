package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/api"
	"relais/connector"
	"relais/gateway"
	"relais/lane"
	"relais/sms"
)

// anonymous replaces what differs from one run to the next.
func anonymous(text string) string {
	text = idPattern.ReplaceAllString(text, "ID")
	return regexp.MustCompile(`"next": "[^"]*"`).ReplaceAllString(text, `"next": "CURSOR"`)
}

func TestSubmitAndRead(t *testing.T) {
	d := open(t)
	r := message(`{
  "to": ["06 39 98 00 01", "+262639980002", "0639980001", "12"],
  "text": "Bonjour Madame, votre rendez-vous est confirmé.",
  "sender": "Mairie", "class": "otp", "reference": "rdv-7", "metadata": {"form": "état civil"},
  "send_at": "2026-03-02T11:00:00+01:00", "valid_for": "30m"
}`)
	got := d.do(r)
	golden(t, "submit", transcript(r)+anonymous(got.transcript()))
	var submitted api.SubmitAnswer
	got.as(http.StatusAccepted, &submitted)
	read := d.get("/v1/messages/" + submitted.Messages[0].ID.String())
	golden(t, "message", transcript(get("/v1/messages/ID"))+anonymous(read.transcript()))
	var m api.MessageWithTimeline
	read.as(http.StatusOK, &m)
	if want := "Bonjour Madame, votre rendez-vous est confirmé."; m.Text != want {
		t.Errorf("text = %q, want %q", m.Text, want)
	}
}

func TestOneBadNumberBlocksNoGoodOne(t *testing.T) {
	got := open(t).submit(`{"to":["+33639980001","nobody","+33639980002",""],"text":"Bonjour Madame"}`)
	if len(got.Messages) != 2 || got.Messages[0].To != "+33639980001" ||
		got.Messages[1].To != "+33639980002" {
		t.Errorf("messages = %+v, want the two good numbers in the order asked", got.Messages)
	}
	want := []string{"1 number_invalid_characters", "3 number_empty"}
	var refused []string
	for _, r := range got.Rejected {
		refused = append(refused, fmt.Sprint(r.Index, " ", r.Code))
	}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Errorf("rejected (-want +got):\n%s", diff)
	}
}

func TestMostRecipientsAtOnce(t *testing.T) {
	d := open(t)
	got := d.submit(`{"to":` + many(10_000) + `,"text":"Bonjour Madame"}`)
	if len(got.Messages) != 10_000 || len(got.Rejected) != 0 {
		t.Fatalf("%d messages and %d refused, want 10000 and none", len(got.Messages), len(got.Rejected))
	}
	var m api.MessageWithTimeline
	d.get("/v1/messages/"+got.Messages[9_999].ID.String()).as(http.StatusOK, &m)
}

func TestTextComesBackAsItWas(t *testing.T) {
	d := open(t)
	for _, tc := range []struct {
		name, text string
		encoding   sms.Encoding
		segments   int
	}{
		{"gsm alphabet", "à la mairie £€[]\n", sms.GSM7, 1},
		{"composed accent", "été", sms.GSM7, 1},
		{"accent on no letter", "\u0301t", sms.UCS2, 1},
		{"right to left", "مرحبا \u200f(1) שלום", sms.UCS2, 1},
		{"surrogate pairs", strings.Repeat("😀", 36), sms.UCS2, 2},
		{"family of one glyph", "👨‍👩‍👧", sms.UCS2, 1},
		{"replacement character", "\uFFFD", sms.UCS2, 1},
		{"markup", `<a href="?x&y">"\'`, sms.GSM7, 1},
		{"ten segments", strings.Repeat("a", 1530), sms.GSM7, 10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := d.in(t)
			body, err := json.Marshal(map[string]string{"to": "+33639980001", "text": tc.text})
			if err != nil {
				t.Fatal(err)
			}
			m := d.submit(string(body)).Messages[0]
			if m.Encoding != tc.encoding || m.Segments != tc.segments {
				t.Errorf("%s, %d segments; want %s, %d", m.Encoding, m.Segments, tc.encoding, tc.segments)
			}
			var got api.MessageWithTimeline
			d.get("/v1/messages/"+m.ID.String()).as(http.StatusOK, &got)
			if got.Text != tc.text {
				t.Errorf("text = %q, want %q", got.Text, tc.text)
			}
		})
	}
}

func TestPreview(t *testing.T) {
	d := open(t)
	for _, tc := range []struct{ name, body string }{
		{"preview plain", good},
		{"preview marketing", `{"to":"+33639980001","text":"Soldes","class":"marketing"}`},
		{"preview costly characters", `{"to":"+33639980001","text":"C’est prêt … 😀","connector":"sfr","sender":"Mairie"}`},
		{"preview of refused recipients", `{"to":["0692 12 34 56","+33639980001","+33639980001","0892123456"],"text":"Bonjour"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := request{method: "POST", path: "/v1/messages/preview", body: tc.body}
			got := d.in(t).do(r)
			got.as(http.StatusOK, &api.PreviewAnswer{})
			golden(t, tc.name, transcript(r)+got.transcript())
		})
	}
	var list api.MessageList
	d.get("/v1/messages").as(http.StatusOK, &list)
	if len(list.Items) != 0 {
		t.Errorf("previews stored %d messages", len(list.Items))
	}
}

func TestDecisionsOfPreviewAreThoseOfTheTimeline(t *testing.T) {
	d := open(t)
	const body = `{"to":"06 39 98 00 01","text":"C’est prêt","class":"otp"}`
	var preview api.PreviewAnswer
	d.post("/v1/messages/preview", body).as(http.StatusOK, &preview)
	var m api.MessageWithTimeline
	d.get("/v1/messages/"+d.submit(body).Messages[0].ID.String()).as(http.StatusOK, &m)
	if diff := cmp.Diff(preview.Messages[0].Decisions, m.Decisions); diff != "" {
		t.Errorf("decisions (-preview +timeline):\n%s", diff)
	}
}

func TestSearch(t *testing.T) {
	d := open(t)
	d.submit(`{"to":["+33639980001","+33639980002"],"text":"Bonjour Madame","reference":"a b","metadata":{"counter":"foo: 1"}}`)
	d.submit(`{"to":"+33639980003","text":"Bonjour Madame","class":"otp","connector":"sfr","sender":"Mairie","metadata":{"urn:a:b":"c","état civil":"c"}}`)
	canceled := d.submit(good).Messages[0].ID
	d.post("/v1/messages/"+canceled.String()+"/cancel", "").as(http.StatusOK, &api.MessageWithTimeline{})
	for _, tc := range []struct {
		name, query string
		want        int
	}{
		{"all", "", 4},
		{"number", "?to=%2B33639980003", 1},
		{"number with its plus not escaped", "?to=+33639980003", 1},
		{"number in national form", "?to=0639980001", 2},
		{"status", "?status=canceled", 1},
		{"class", "?class=otp", 1},
		{"connector", "?connector=sfr", 1},
		{"connector that nobody has", "?connector=orange", 0},
		{"reference", "?reference=a%20b", 2},
		{"metadata", "?metadata=counter:foo:%201", 2},
		{"metadata with an equals sign", "?metadata=counter=foo:%201", 2},
		{"metadata whose key holds a colon", "?metadata=urn:a:b:c", 1},
		{"the same as JSON", "?metadata=" + url.QueryEscape(`{"urn:a:b":"c"}`), 1},
		{"metadata that JSON reads in one way", "?metadata=" + url.QueryEscape(`{"urn":"a:b:c"}`), 0},
		{"metadata whose key holds an accent and a space", "?metadata=" + url.QueryEscape("état civil:c"), 1},
		{"another value of the metadata", "?metadata=counter:foo", 0},
		{"since", "?since=2026-03-02T09:00:00Z", 4},
		{"since in another zone", "?since=2026-03-02T10:00:00%2B01:00", 4},
		{"since later", "?since=2026-03-02T09:00:01Z", 0},
		{"until", "?until=2026-03-02T09:00:00Z", 0},
		{"two filters", "?status=queued&to=0639980001", 1},
		{"largest limit", "?limit=1000", 4},
		{"smallest limit", "?limit=1", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got api.MessageList
			d.in(t).get("/v1/messages"+tc.query).as(http.StatusOK, &got)
			if len(got.Items) != tc.want {
				t.Errorf("%d messages, want %d", len(got.Items), tc.want)
			}
		})
	}
}

func TestCursorShowsEachMessageOnceNewestFirst(t *testing.T) {
	d := open(t)
	submitted := d.submit(`{"to":` + many(7) + `,"text":"Bonjour Madame"}`).Messages
	var want, got []string
	for _, m := range slices.Backward(submitted) {
		want = append(want, m.ID.String())
	}
	for next := ""; ; {
		path := "/v1/messages?limit=3"
		if next != "" {
			path += "&cursor=" + url.QueryEscape(next)
		}
		var page api.MessageList
		d.get(path).as(http.StatusOK, &page)
		for _, m := range page.Items {
			got = append(got, m.ID.String())
		}
		if next = page.Next; next == "" {
			break
		}
		d.submit(good) // newer ones do not disturb the pages
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ids over the pages (-want +got):\n%s", diff)
	}
}

func TestCancel(t *testing.T) {
	d := open(t)
	path := "/v1/messages/" + d.submit(good).Messages[0].ID.String() + "/cancel"
	var m api.MessageWithTimeline
	d.post(path, "").as(http.StatusOK, &m)
	last := m.Timeline[len(m.Timeline)-1]
	if m.Status != sms.Canceled || last.Code != "canceled_by_caller" || last.Actor != "api:form" {
		t.Errorf("status %s after %+v, want canceled by api:form", m.Status, last)
	}
	d.post(path, "").problem(http.StatusConflict, "not_cancelable")
}

func TestResolve(t *testing.T) {
	d := open(t)
	id := d.submit(good).Messages[0].ID
	claimed, err := d.store.Claim(t.Context(),
		lane.Claim{Connector: "ovh", Calls: 1, Batch: 1, Now: today.Add(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.Settle(
		t.Context(), []sms.Transition{lane.Crashed(claimed.Calls[0][0], today)},
	); err != nil {
		t.Fatal(err)
	}
	var m api.MessageWithTimeline
	d.post("/v1/messages/"+id.String()+"/resolve", `{"outcome":"taken"}`).as(http.StatusOK, &m)
	last := m.Timeline[len(m.Timeline)-1]
	if m.Status != sms.Submitted || last.Code != "resolved_taken" || last.Actor != "api:form" {
		t.Errorf("status %s after %+v, want submitted by api:form", m.Status, last)
	}
}

func TestAccountsDoNotSeeEachOther(t *testing.T) {
	d := open(t)
	id := d.submit(good).Messages[0].ID.String()
	other := func(r request) answer { return d.do(withKey(r, otherKey)) }
	other(get("/v1/messages/"+id)).problem(http.StatusNotFound, "message_unknown")
	other(request{method: "POST", path: "/v1/messages/" + id + "/cancel"}).problem(http.StatusNotFound,
		"message_unknown")
	other(
		request{method: "POST", path: "/v1/messages/" + id + "/resolve", body: `{"outcome":"taken"}`},
	).problem(http.StatusNotFound, "message_unknown")
	var list api.MessageList
	other(get("/v1/messages")).as(http.StatusOK, &list)
	if len(list.Items) != 0 {
		t.Errorf("another account sees %d messages", len(list.Items))
	}
	var m api.MessageWithTimeline
	if d.get("/v1/messages/"+id).as(http.StatusOK, &m); m.Status != sms.Queued {
		t.Errorf("status %s after another account's cancel, want queued", m.Status)
	}
}

// taker is an operator that takes every message.
type taker struct{ calls chan int }

func (o taker) Submit(_ context.Context, batch []sms.Message) ([]connector.Outcome, error) {
	outcomes := make([]connector.Outcome, len(batch))
	for i := range outcomes {
		outcomes[i].ProviderID = fmt.Sprint("job-", i)
	}
	o.calls <- len(batch)
	return outcomes, nil
}

// Balance implements connector.Balancer.
func (taker) Balance(context.Context) (connector.Balance, error) {
	return connector.Balance{Amount: 42, Unit: "sms", At: today.Add(-time.Minute)}, nil
}

func TestLifeOverHTTP(t *testing.T) {
	operator := taker{make(chan int, 1)}
	d := open(t, func(g *gateway.Options, _ *api.Options) {
		g.Instances = []lane.Instance{
			{Name: "ovh", Provider: "scripted", Connector: operator, Facts: connector.Facts{Simulated: true}},
		}
	})
	if err := d.gateway.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := d.submit(good).Messages[0].ID
	<-operator.calls
	if err := d.gateway.Stop(t.Context()); err != nil { // waits until the call is settled
		t.Fatal(err)
	}
	read := d.get("/v1/messages/" + id.String())
	golden(t, "message sent", transcript(get("/v1/messages/ID"))+anonymous(read.transcript()))
	connectors := d.get("/v1/connectors")
	connectors.as(http.StatusOK, &api.ConnectorList{})
	golden(t, "connectors with credit", transcript(get("/v1/connectors"))+connectors.transcript())
}

func TestConnectors(t *testing.T) {
	d := open(t)
	d.submit(`{"to":["+33639980001","+33639980002"],"text":"Bonjour Madame"}`)
	got := d.get("/v1/connectors")
	got.as(http.StatusOK, &api.ConnectorList{})
	golden(t, "connectors", transcript(get("/v1/connectors"))+got.transcript())
}
