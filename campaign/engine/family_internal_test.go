package engine

import (
	"context"
	"testing"
	"time"

	"relais/campaign/ledger"
	"relais/sms"
)

// siblings is a store of one campaign beside another, with their events.
type siblings struct {
	ledger.Store

	all    []ledger.Campaign
	events map[sms.ID][]ledger.Event
}

func (s *siblings) Campaigns(context.Context, ledger.Query) ([]ledger.Campaign, bool, error) {
	return s.all, false, nil
}

func (s *siblings) CampaignEvents(_ context.Context, _ string, id sms.ID) ([]ledger.Event, error) {
	return s.events[id], nil
}

// What was started since a check began, and was not seen by it, has the campaign checked again.
func TestACampaignGoesOnBesideItsCheck(t *testing.T) {
	day := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	root, one, other := sms.FirstID(day), sms.FirstID(day.Add(time.Hour)), sms.FirstID(day.Add(2*time.Hour))
	at := func(minute int, status ledger.Status) ledger.Event {
		return ledger.Event{At: day.Add(time.Duration(minute) * time.Minute), Status: status}
	}
	tested := at(35, ledger.Running)
	tested.Why = ledger.Tested
	checked := []ledger.Event{
		at(0, ledger.Draft), at(1, ledger.Checking), at(2, ledger.Ready), at(20, ledger.Checking), at(30, ledger.Ready),
	}
	for name, tc := range map[string]struct {
		events []ledger.Event
		gone   bool
	}{
		"before":                   {[]ledger.Event{at(0, ledger.Draft), at(10, ledger.Running)}, false},
		"while it was checked":     {[]ledger.Event{at(0, ledger.Draft), at(25, ledger.Running)}, true},
		"at the moment":            {[]ledger.Event{at(0, ledger.Draft), at(20, ledger.Scheduled)}, true},
		"since":                    {[]ledger.Event{at(0, ledger.Draft), at(40, ledger.Running)}, true},
		"scheduled before":         {[]ledger.Event{at(10, ledger.Scheduled), at(40, ledger.Running)}, false},
		"edited and started since": {[]ledger.Event{at(10, ledger.Scheduled), at(15, ledger.Draft), at(40, ledger.Scheduled)}, true},
		"resumed": {
			[]ledger.Event{at(10, ledger.Running), at(15, ledger.Paused), tested, at(40, ledger.Running)}, false,
		},
	} {
		c := ledger.Campaign{ID: one}
		c.Options.From = ledger.Origin{Campaign: root, Root: root}
		sibling := ledger.Campaign{ID: other, Content: c.Content, Status: ledger.Running}
		c.CheckedAt = day.Add(30 * time.Minute)
		d := &Desk{Store: &siblings{
			all: []ledger.Campaign{sibling, c}, events: map[sms.ID][]ledger.Event{one: checked, other: tc.events},
		}}
		if gone, err := d.goneOn(t.Context(), &c); err != nil || gone != tc.gone {
			t.Errorf("%s: %v, %v", name, gone, err)
		}
	}
}
