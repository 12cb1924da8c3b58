package storetest

import (
	"errors"
	"testing"
	"time"

	"relais/gateway"
	"relais/inbox"
	"relais/lane"
	"relais/sms"
)

// at makes a draft's acceptance as if it had come at another time.
func (d draft) at(when time.Time) *gateway.Acceptance {
	a := d.acceptance()
	a.At = when
	submission := idAt(when)
	for i := range a.Drafts {
		m := &a.Drafts[i].Message
		m.ID, m.Submission, m.AcceptedAt, m.UpdatedAt, m.DueAt = idAt(when), submission, when, when, when
		m.ExpiresAt = when.Add(time.Hour)
	}
	return a
}

// idAt is an id of a time that may have passed: NewID never goes back.
func idAt(when time.Time) sms.ID {
	n := serial.Add(1)
	id := sms.FirstID(when)
	id[len(id)-1], id[len(id)-2] = byte(n), byte(n>>8)
	return id
}

// dropsHistory: of an old month goes what ended, with its timeline and the
// replies; a month in which something waits keeps at least that.
func dropsHistory(t *testing.T, open func(t *testing.T) Store) {
	s := open(t)
	const month = 31 * 24 * time.Hour
	boundary := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	quiet, busy, young := boundary.Add(-2*month), boundary.Add(-time.Hour), boundary
	end := func(when time.Time) sms.Message {
		t.Helper()
		a := draft{}.at(when)
		if _, err := s.Accept(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		m := a.Drafts[0].Message
		canceled := sms.Transition{
			Account: m.Account, ID: m.ID, From: sms.Queued, To: sms.Canceled,
			Event: sms.Event{At: when, Status: sms.Canceled, Actor: "api:test", Code: "canceled"},
		}
		settle(t, s, canceled)
		return m
	}
	gone, stays := end(quiet), end(young)
	waits := draft{connector: "sfr"}.at(busy)
	if _, err := s.Accept(t.Context(), waits); err != nil {
		t.Fatal(err)
	}
	receive(t, s, inbox.Reception{Inbounds: []inbox.Inbound{reply("Bonjour", "")}})

	if steps := dropAll(t, s, boundary); steps < 2 {
		t.Error("nothing was dropped")
	}
	if _, err := s.Message(t.Context(), "default", gone.ID); !errors.Is(err, gateway.ErrNotFound) {
		t.Errorf("the message that ended: %v, want that it is gone", err)
	}
	if events, _, err := s.Timeline(t.Context(), "default", gone.ID); len(events) > 0 {
		t.Errorf("its timeline has %d events, %v", len(events), err)
	}
	for name, id := range map[string]sms.ID{
		"the young one":      stays.ID,
		"the one that waits": waits.Drafts[0].ID,
	} {
		if events, _, err := s.Timeline(t.Context(), "default", id); err != nil || len(events) == 0 {
			t.Errorf("%s has %d events, %v", name, len(events), err)
		}
	}
	if claimed := claim(t, s, lane.Claim{Connector: "sfr", Now: busy}); len(claimed.Calls) != 1 ||
		claimed.Calls[0][0].Text != "Bonjour" {
		t.Errorf("what waits cannot be sent any more: %+v", claimed)
	}
	dropAll(t, s, boundary.AddDate(100, 0, 0))
	if found, _, err := s.Inbounds(t.Context(),
		inbox.InboundQuery{Account: "default", Limit: 10}); err != nil || len(found) != 0 {
		t.Errorf("%d replies left, %v; want none", len(found), err)
	}
}

func dropAll(t *testing.T, s Store, before time.Time) (steps int) {
	t.Helper()
	for dropped := true; dropped; steps++ {
		var err error
		if dropped, err = s.DropHistory(t.Context(), before); err != nil {
			t.Fatal(err)
		}
		if steps > 20 {
			t.Fatal("it goes on for ever")
		}
	}
	return steps
}
