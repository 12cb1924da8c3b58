package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/api"
	"relais/gateway"
	"relais/sms"
)

// spend stores a message as one that was accepted for a price at a moment, whatever
// the clock is, and lets its operator take it.
func (d *door) spend(account, key string, at time.Time, price sms.Money) sms.Message {
	d.t.Helper()
	idAt := func() sms.ID { // NewID never goes back
		id, first := sms.NewID(at), sms.FirstID(at)
		copy(id[:6], first[:6])
		return id
	}
	m := sms.Message{
		ID: idAt(), Submission: idAt(), Account: account, To: "+33639980001",
		Text: "Bonjour", Class: sms.Transactional, Encoding: sms.GSM7,
		Segments: 2, Price: price, Connector: "ovh", Status: sms.Queued, Reason: "accepted",
		DueAt: at, ExpiresAt: at.Add(time.Hour), AcceptedAt: at, UpdatedAt: at,
	}
	a := &gateway.Acceptance{Drafts: []gateway.Draft{{Message: m}}, Actor: sms.Actor(key), At: at}
	if _, err := d.store.Accept(d.t.Context(), a); err != nil {
		d.t.Fatal(err)
	}
	taken := sms.Transition{
		Account: account, ID: m.ID, From: sms.Queued, To: sms.Submitted, ProviderID: m.ID.String(),
		Event: sms.Event{At: at, Status: sms.Submitted, Actor: "lane:ovh", Code: "operator_accepted"},
	}
	if settled, err := d.store.Settle(d.t.Context(), []sms.Transition{taken}); err != nil ||
		settled.Applied != 1 {
		d.t.Fatalf("settled %+v, %v", settled, err)
	}
	return m
}

func TestUsageOfAnAccount(t *testing.T) {
	d := open(t)
	january := time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC)
	d.spend("town", "api:forms", january, 94_000)
	d.spend("town", "api:forms", january.AddDate(0, 2, 0), 94_000)
	d.spend("town", "api:forms", january.AddDate(0, 2, 1), 0)
	d.spend("town", "kannel:old", january.AddDate(0, 2, 1), 120_000)
	d.spend("other", "api:forms", january, 1_000_000)
	row := func(month, key string, sent int64, amount string, without int64) api.Usage {
		return api.Usage{
			Month: month, Key: sms.Actor(key), Class: sms.Transactional, Connector: "ovh", Messages: sent,
			Sent: sent, Segments: 2 * sent,
			Price: api.Price{Amount: amount, Currency: "EUR"}, WithoutPrice: without,
		}
	}
	march := []api.Usage{
		row("2026-03", "api:forms", 2, "0.094", 1), row("2026-03", "kannel:old", 1, "0.12", 0),
	}
	for _, tc := range []struct {
		name, query string
		want        []api.Usage
	}{
		{"this month", "", march},
		{"several months", "?since=2026-01&until=2026-12", append([]api.Usage{row("2026-01", "api:forms", 1, "0.094", 0)}, march...)},
		{"nothing was used", "?since=2025-01&until=2025-12", []api.Usage{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got api.UsageList
			d.in(t).get("/v1/usage"+tc.query).as(http.StatusOK, &got)
			if diff := cmp.Diff(tc.want, got.Items); diff != "" {
				t.Errorf("used (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUsageAsCSV(t *testing.T) {
	d := open(t)
	d.spend("town", "api:forms", today, 94_000)
	d.spend("other", "api:forms", today, 94_000)
	got := d.get("/v1/usage.csv")
	want := "month,account,key,class,connector,messages,sent,segments,price,currency,without_price,in_doubt\n" +
		"2026-03,town,api:forms,transactional,ovh,1,1,2,0.094,EUR,0,0\n"
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/csv; charset=utf-8" ||
		string(got.body) != want {
		t.Errorf("answer %d %s:\n%s\nwant\n%s",
			got.StatusCode, got.Header.Get("Content-Type"), got.body, want)
	}
}

func TestUsageRefuses(t *testing.T) {
	d := open(t)
	for _, tc := range []struct{ name, query, field string }{
		{"a day", "?since=2026-03-01", "since"},
		{"no month", "?since=2026-01&until=march", "until"},
		{"the wrong way round", "?since=2026-03&until=2026-01", "since"},
		{"too many", "?since=1900-01", "since"},
		{"another parameter", "?month=2026-01", "month"},
		{"an empty one", "?since=", "since"},
	} {
		for _, path := range []string{"/v1/usage", "/v1/usage.csv"} {
			t.Run(fmt.Sprint(path, ", ", tc.name), func(t *testing.T) {
				p := d.in(t).get(path+tc.query).problem(http.StatusUnprocessableEntity, "invalid_parameter")
				if len(p.Errors) != 1 || p.Errors[0].Field != tc.field {
					t.Errorf("at fault is %+v, want %s", p.Errors, tc.field)
				}
			})
		}
	}
	d.do(request{method: "GET", path: "/v1/usage.csv", key: "-"}).problem(http.StatusUnauthorized,
		"key_missing")
}

func TestPriceOfAMessage(t *testing.T) {
	d := open(t)
	for _, tc := range []struct {
		name  string
		price sms.Money
		want  *api.Price
	}{
		{"known", 94_000, &api.Price{Amount: "0.094", Currency: "EUR"}},
		{"not known", 0, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := d.in(t)
			m := d.spend("town", "api:forms", today, tc.price)
			var got api.MessageWithTimeline
			d.get("/v1/messages/"+m.ID.String()).as(http.StatusOK, &got)
			if diff := cmp.Diff(tc.want, got.Price); diff != "" {
				t.Errorf("price (-want +got):\n%s", diff)
			}
		})
	}
}
