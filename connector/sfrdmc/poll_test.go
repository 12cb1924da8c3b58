package sfrdmc_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"relais/connector"
	"relais/sms"
)

func poll(t *testing.T, c connector.Connector, from string) (news connector.News, next string, err error) {
	t.Helper()
	next, err = connector.CapabilitiesOf(c).NewsPoller.PollNews(t.Context(), from, func(n connector.News) error {
		news.Receipts = append(news.Receipts, n.Receipts...)
		news.Inbounds = append(news.Inbounds, n.Inbounds...)
		news.Blocks = append(news.Blocks, n.Blocks...)
		return nil
	})
	return news, next, err
}

// Items in the observed spelling and in that of the guide.
const units = `{"success":true,"response":{"list":[
	{"media":"SMS","messageId":3104455001,"statusLastChange":1767428049000,"lastResult":"Reçu","attemps":1,"status":"DONE","to":"0639981234","textMsg":"Votre code","callResponse":"Merci"},
	{"media":"SMS","messageId":"3104455002","lastCall":1767428049000,"lastResult":"Abonné absent","status":"FAILED","phoneNumber":"0639981235","contentMsg":"Votre code"},
	{"media":"SMS","messageId":3104455003,"lastResult":"Envoyé","status":"RUNNING","to":"0639981236"}],"total":3}}`

const stops = `{"success":true,"response":{"list":[{"contactId":3104455004,"callAdress":"+33639981237","callDate":1767428049000,"callResponse":"STOP"}],"total":1}}`

func TestPollReadsBothSpellings(t *testing.T) {
	o := newOperator(t, map[string]string{"getSingleCallCra": units, "getResponsesSMS": stops})
	c := o.connect(t, nil)
	news, next, err := poll(t, c, "")
	if err != nil || next == "" {
		t.Fatalf("cursor %q, %v", next, err)
	}
	want := []sms.Status{sms.Delivered, sms.Undelivered, sms.Submitted}
	for n, status := range want {
		if r := news.Receipts[n]; r.Status != status || r.ProviderID != fmt.Sprint(3104455001+n) {
			t.Errorf("receipt %d: %+v, want %s", n, r, status)
		}
	}
	if len(news.Inbounds) != 1 || news.Inbounds[0].From != "0639981234" || news.Inbounds[0].AnswersID != "3104455001" {
		t.Errorf("replies %+v", news.Inbounds)
	}
	if len(news.Blocks) != 1 || news.Blocks[0].Number != "+33639981237" || news.Blocks[0].At.IsZero() {
		t.Errorf("blocks %+v", news.Blocks)
	}
	if strings.Contains(next, "Merci") || strings.Contains(next, "0639") {
		t.Errorf("the cursor holds what it should not: %s", next)
	}
	calls := o.asked(t)
	if _, _, err := poll(t, c, next); err != nil {
		t.Fatal(err)
	}
	if more := o.asked(t)[len(calls):]; len(more) != 1 {
		t.Errorf("%d calls within a minute, want one: SupervisionWS has its turn once a minute", len(more))
	}
}

func TestPollKeepsItsPlaceWhenAPageIsNotStored(t *testing.T) {
	o := newOperator(t, map[string]string{"getSingleCallCra": units, "getResponsesSMS": stops})
	full := errors.New("the disk is full")
	poller := connector.CapabilitiesOf(o.connect(t, nil)).NewsPoller
	next, err := poller.PollNews(t.Context(), "", func(connector.News) error { return full })
	if !errors.Is(err, full) || strings.Contains(next, `"since":"2026-03-01T10:00:00Z"`) {
		t.Errorf("cursor %s, %v: it must not have moved on", next, err)
	}
}

func TestPollOfADeadOperatorFails(t *testing.T) {
	for _, answer := range []string{"", "<html>", `{"success":false,"errorCode":"AUTHENTICATION_FAILED"}`, `{"success":true,"response":7}`} {
		o := newOperator(t, map[string]string{"getSingleCallCra": answer})
		if news, _, err := poll(t, o.connect(t, nil), ""); err == nil || len(news.Receipts) > 0 {
			t.Errorf("answer %q gives %+v, %v", answer, news, err)
		}
	}
}

func TestReadStatus(t *testing.T) {
	o := newOperator(t, map[string]string{"findCraByIds": `{"success":true,"response":[
		{"contactId":3104455001,"callResult":"Numéro blacklisté","callResultCode":"CRA_SMS_BLACKLIST","status":"FAILED","statusLastChange":1767428049000}]}`})
	reader := connector.CapabilitiesOf(o.connect(t, nil)).StatusReader
	id := sms.NewID(clock)
	receipts, err := reader.ReadStatus(t.Context(), []sms.Message{{ProviderID: "3104455001"}, {ID: id}})
	if err != nil || len(receipts) != 1 || receipts[0].Reason != sms.ReasonOptedOut || receipts[0].Status != sms.Rejected {
		t.Errorf("receipts %+v, %v", receipts, err)
	}
	form := o.asked(t)[0].form
	if form.Get("contactIds") != `["3104455001"]` || form.Get("contactExtRefs") != `["`+id.String()+`"]` {
		t.Errorf("asked for %s and %s", form.Get("contactIds"), form.Get("contactExtRefs"))
	}
	if _, err := reader.ReadStatus(t.Context(), []sms.Message{{ProviderID: "1"}}); connector.FaultOf(err) != connector.Throttled {
		t.Errorf("a second call within the minute: %v", err)
	}
}
