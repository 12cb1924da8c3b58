package sms_test

import (
	"testing"

	"relais/sms"
)

// Actors stand in databases and in answers of the API, letter for letter.
func TestActors(t *testing.T) {
	for _, tc := range []struct {
		actor               sms.Actor
		written, kind, name string
	}{
		{sms.ActorGateway, "gateway", "gateway", ""},
		{sms.ActorCLI, "cli", "cli", ""},
		{sms.KeyActor("forms"), "api:forms", "api", "forms"},
		{sms.KeyActor("a:b"), "api:a:b", "api", "a:b"},
		{sms.ActorNobody, "nobody", "nobody", ""},
		{sms.UserActor("anne"), "user:anne", "user", "anne"},
		{sms.LaneActor("ovh"), "lane:ovh", "lane", "ovh"},
		{sms.OperatorActor("ovh"), "operator:ovh", "operator", "ovh"},
		{sms.RuleActor("hours"), "rule:hours", "rule", "hours"},
		{sms.DoorActor("kannel", "nagios"), "kannel:nagios", "kannel", "nagios"},
		{sms.DoorActor("passerelle", "town/publik"), "passerelle:town/publik", "passerelle", "town/publik"},
	} {
		if string(tc.actor) != tc.written || tc.actor.Kind() != tc.kind || tc.actor.Name() != tc.name {
			t.Errorf("%q is %q with the name %q, want %q, %q with %q", tc.actor, tc.actor.Kind(), tc.actor.Name(),
				tc.written, tc.kind, tc.name)
		}
	}
}

func TestActorCalled(t *testing.T) {
	for _, tc := range []struct {
		actor sms.Actor
		name  string
		want  bool
	}{
		{sms.KeyActor("forms"), "forms", true},
		{sms.KeyActor("forms"), "api:forms", true},
		{sms.KeyActor("forms"), "kannel:forms", false},
		{sms.KeyActor("forms"), "api", false},
		{sms.KeyActor("a:b"), "a:b", true},
		{sms.KeyActor("a:b"), "b", false},
		{sms.ActorGateway, "gateway", true},
	} {
		if got := tc.actor.Called(tc.name); got != tc.want {
			t.Errorf("%q is called %q: %t", tc.actor, tc.name, got)
		}
	}
}
