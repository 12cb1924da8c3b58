package sms_test

import (
	"testing"

	"relais/sms"
)

// Actors stand in databases and in answers of the API, letter for letter.
func TestActors(t *testing.T) {
	for _, tc := range []struct {
		actor         sms.Actor
		written, name string
	}{
		{sms.ActorGateway, "gateway", ""},
		{sms.ActorCLI, "cli", ""},
		{sms.KeyActor("forms"), "api:forms", "forms"},
		{sms.KeyActor("a:b"), "api:a:b", "a:b"},
		{sms.LaneActor("ovh"), "lane:ovh", "ovh"},
		{sms.OperatorActor("ovh"), "operator:ovh", "ovh"},
		{sms.RuleActor("hours"), "rule:hours", "hours"},
		{sms.DoorActor("kannel", "nagios"), "kannel:nagios", "nagios"},
		{sms.DoorActor("passerelle", "town/publik"), "passerelle:town/publik", "town/publik"},
	} {
		if string(tc.actor) != tc.written || tc.actor.Name() != tc.name {
			t.Errorf("%q with the name %q, want %q with %q", tc.actor, tc.actor.Name(), tc.written, tc.name)
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
