package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/lane"
	"relais/person"
	"relais/sms"
	"relais/usage"
)

// spend accepts one message of a key, at a moment and for a price.
func spend(t *testing.T, s Store, key sms.Actor, at time.Time, price sms.Money, d draft) {
	t.Helper()
	a := d.acceptance()
	a.Actor = key
	m := &a.Drafts[0].Message
	m.ID, m.Submission, m.Price = idAt(at), idAt(at), price
	if _, err := s.Accept(t.Context(), a); err != nil {
		t.Fatal(err)
	}
}

func usageOf(t *testing.T, s Store, account string, months ...time.Time) []usage.Row {
	t.Helper()
	used, err := usage.Of(t.Context(), s, account, months)
	if err != nil {
		t.Fatal(err)
	}
	return used
}

var (
	paris, _ = time.LoadLocation("Europe/Paris")
	february = time.Date(2026, 2, 1, 0, 0, 0, 0, paris)
	march    = time.Date(2026, 3, 1, 0, 0, 0, 0, paris)
)

// fates are ways in which a message goes on, and whether its operator took it.
var fates = []struct {
	name string
	sent bool
	to   func(m sms.Message) []sms.Transition
}{
	{"submitted", true, func(m sms.Message) []sms.Transition { return []sms.Transition{taken(m)} }},
	{"undelivered", true, func(m sms.Message) []sms.Transition {
		return []sms.Transition{taken(m), from(m, sms.Submitted, sms.Undelivered, "absent")}
	}},
	{"delivered by a receipt before the answer", true, func(m sms.Message) []sms.Transition {
		return []sms.Transition{from(m, sms.Submitting, sms.Delivered, "delivered")}
	}},
	{"no receipt", true, func(m sms.Message) []sms.Transition {
		return []sms.Transition{taken(m), from(m, sms.Submitted, sms.Expired, "no_receipt")}
	}},
	{"expired by a receipt after doubt", true, func(m sms.Message) []sms.Transition {
		told := from(m, sms.Uncertain, sms.Expired, "expired")
		told.Event.OperatorCode = "8"
		return []sms.Transition{from(m, sms.Submitting, sms.Uncertain, "no_clear_answer"), told}
	}},
	{"rejected by a receipt", true, func(m sms.Message) []sms.Transition {
		return []sms.Transition{taken(m), from(m, sms.Submitted, sms.Rejected, "blocked")}
	}},
	{"refused by the operator", false, func(m sms.Message) []sms.Transition {
		return []sms.Transition{from(m, sms.Submitting, sms.Rejected, "operator_rejected")}
	}},
	{"expired here", false, func(m sms.Message) []sms.Transition {
		return []sms.Transition{from(m, sms.Submitting, sms.Expired, "validity_over")}
	}},
	{"given up after doubt", false, func(m sms.Message) []sms.Transition {
		return []sms.Transition{
			from(m, sms.Submitting, sms.Uncertain, "no_clear_answer"),
			from(m, sms.Uncertain, sms.Expired, "resolved_given_up"),
		}
	}},
	{"waits again", false, func(m sms.Message) []sms.Transition {
		return []sms.Transition{from(m, sms.Submitting, sms.Queued, "retry")}
	}},
}

func from(m sms.Message, at, to sms.Status, code string) sms.Transition {
	m.Status = at
	return move(m, to, code)
}

func taken(m sms.Message) sms.Transition {
	tr := from(m, sms.Submitting, sms.Submitted, "operator_accepted")
	tr.ProviderID = m.ID.String()
	return tr
}

// usageSent: what counts as sent is what the operator took.
func usageSent(t *testing.T, open func(t *testing.T) Store) {
	for _, fate := range fates {
		t.Run(fate.name, func(t *testing.T) {
			s := open(t)
			spend(t, s, "api:a", march, 94_000, draft{})
			for _, tr := range fate.to(claimOne(t, s)) {
				if settle(t, s, tr) != 1 {
					t.Fatalf("%s was not applied", tr.Event.Code)
				}
			}
			want := usage.Row{
				Month: march, Account: "default", Key: "api:a", Class: sms.Transactional,
				Connector: "ovh", Messages: 1,
			}
			if fate.sent {
				want.Sent, want.Segments, want.Price = 1, 2, 94_000
			}
			if diff := cmp.Diff([]usage.Row{want}, usageOf(t, s, "default", march)); diff != "" {
				t.Errorf("used (-want +got):\n%s", diff)
			}
		})
	}
}

// usageRows: a row for each key, class, connector and month of the account, by the
// clock of the zone.
func usageRows(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	last := march.Add(-time.Millisecond) // in UTC the month has an hour left
	spend(t, s, "api:a", last, 94_000, draft{})
	spend(t, s, "api:a", march, 94_000, draft{})
	spend(t, s, "api:a", march.AddDate(0, 0, 20), 0, draft{}) // no price
	spend(t, s, "api:a", march.AddDate(0, 1, 0).Add(-time.Millisecond), 60_000, draft{})
	spend(t, s, "api:a", march.AddDate(0, 1, 0), 60_000, draft{}) // April
	for _, call := range claim(t, s, lane.Claim{}).Calls {
		settle(t, s, taken(call[0]))
	}
	spend(t, s, "api:a", march, 70_000, draft{connector: "sfr"})
	spend(t, s, "api:a", march, 70_000, draft{class: sms.OTP})
	spend(t, s, "api:b", march, 70_000, draft{})
	spend(t, s, "api:a", march, 70_000, draft{account: "other"})
	doubt := claim(t, s, lane.Claim{Connector: "sfr"}).Calls[0][0]
	settle(t, s, from(doubt, sms.Submitting, sms.Uncertain, "no_clear_answer"))
	row := func(month time.Time, key sms.Actor, class sms.Class, connector string, counts usage.Row) usage.Row {
		counts.Month, counts.Account, counts.Key, counts.Class, counts.Connector = month, "default", key, class,
			connector
		return counts
	}
	want := []usage.Row{
		row(february, "api:a", sms.Transactional, "ovh",
			usage.Row{Messages: 1, Sent: 1, Segments: 2, Price: 94_000}),
		row(march, "api:a", sms.OTP, "ovh", usage.Row{Messages: 1}),
		row(march, "api:a", sms.Transactional, "ovh",
			usage.Row{Messages: 3, Sent: 3, Segments: 6, Price: 154_000, WithoutPrice: 1}),
		row(march, "api:a", sms.Transactional, "sfr", usage.Row{Messages: 1, InDoubt: 1}),
		row(march, "api:b", sms.Transactional, "ovh", usage.Row{Messages: 1}),
	}
	if diff := cmp.Diff(want, usageOf(t, s, "default", february, march)); diff != "" {
		t.Errorf("used (-want +got):\n%s", diff)
	}
	if got := usageOf(t, s, "nobody", february, march); len(got) != 0 {
		t.Errorf("nobody used %+v", got)
	}
}

// usageErased: what was used stays known when numbers, texts and people are gone.
func usageErased(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	for _, to := range []sms.Number{someone, "+33639980008"} {
		spend(t, s, "api:a", march, 94_000, draft{to: to, text: "secret"})
	}
	for _, call := range claim(t, s, lane.Claim{}).Calls {
		settle(t, s, taken(call[0]), from(call[0], sms.Submitted, sms.Delivered, "delivered"))
	}
	want := usageOf(t, s, "default", march)
	if len(want) != 1 || want[0].Sent != 2 || want[0].Price != 188_000 {
		t.Fatalf("used %+v", want)
	}
	erase(t, s, person.Erasure{
		Numbers: []sms.Number{someone},
		Audit:   person.AuditEntry{Actor: "api:desk", Subject: "~hidden", At: start},
	})
	for _, hidden := range []func(sms.Number) sms.Number{nil, hide} {
		if _, err := s.Purge(t.Context(), person.Purge{
			Account: "default", Before: march.AddDate(0, 1, 0),
			Limit: 10, Hide: hidden,
		}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, usageOf(t, s, "default", march)); diff != "" {
		t.Errorf("used (-before +after):\n%s", diff)
	}
}

// usageMany: a month of more messages than are counted at once.
func usageMany(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const requests, each = 13, 1000
	at := march
	for range requests {
		a := draft{count: each}.acceptance()
		submission := idAt(at)
		for i := range a.Drafts {
			at = at.Add(time.Millisecond)
			m := &a.Drafts[i].Message
			m.ID, m.Submission, m.Price = idAt(at), submission, 1
		}
		if _, err := s.Accept(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	if got := usageOf(t, s, "default", march); len(got) != 1 || got[0].Messages != requests*each {
		t.Errorf("used %+v, want %d messages in one row", got, requests*each)
	}
}
