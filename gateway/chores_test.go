package gateway_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/connector/connectortest"
	"relais/credit"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/route"
)

// Every chore of the gateway and of a lane is on the roster, with its interval or with what
// wakes it.
func TestEveryChoreHasAnInterval(t *testing.T) {
	var roster *duty.Roster
	l := prepareOptions(t, t.TempDir(), nil, connector.Facts{}, func(s gateway.Store) gateway.Store {
		return s
	}, func(o *gateway.Options) {
		roster = duty.NewRoster(duty.Options{Log: o.Log})
		o.Roster, o.Rules = roster, []route.Rule{{Name: "all", Connectors: []string{"full"}}}
		o.Credit = watching(o, credit.Options{Every: 10 * time.Minute})
		o.Instances = []lane.Instance{{
			Name: "full", Provider: "full", Connector: connectortest.NewBroken(connector.Panicked),
			Facts: connector.Facts{CheckSenders: true, PollEvery: time.Hour}, TariffOfOperator: true,
		}}
	})
	defer l.store.Close()
	want := []duty.Listed{
		{Chore: "count", Every: 10 * time.Second},
		{Chore: "pauses", Every: time.Second},
		{Chore: "clock", On: "the clock is set back"},
		{Chore: "tariff", Every: 24 * time.Hour, On: "a first message to a country"},
		{Chore: "senders", Every: time.Hour, On: "a sender that the list may lack"},
		{Duty: "lane:full", Chore: "dispatch", Every: 5 * time.Second, On: "a message"},
		{Duty: "lane:full", Chore: "await", Every: 2 * time.Second},
		{Duty: "lane:full", Chore: "reconcile", Every: time.Second},
		{Duty: "lane:full", Chore: "session", Every: time.Minute, On: "its end"},
		{Duty: "lane:full", Chore: "poll", Every: time.Hour},
		{Duty: "lane:full", Chore: "failover", Every: time.Second},
		{Duty: "lane:full", Chore: "credit", Every: 10 * time.Minute},
		{Duty: "gateway", Chore: "sweep", Every: 10 * time.Second},
		{Duty: "gateway", Chore: "reply", Every: 5 * time.Second, On: "a reply"},
		{Duty: "gateway", Chore: "retain", Every: time.Hour},
	}
	if diff := cmp.Diff(want, roster.List()); diff != "" {
		t.Errorf("chores (-want +got):\n%s", diff)
	}
}
