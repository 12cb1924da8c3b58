package sms

import "strings"

// Actor is who did something, as timelines, proofs, audits and quotas name him: a kind,
// and the name behind a colon where the kind has several. It is stored and shown as it
// stands; empty: not known, or not read.
type Actor string

// Actors of whom there is one.
const (
	ActorGateway Actor = "gateway" // the gateway by itself: its clock, its rules, its chores
	ActorCLI     Actor = "cli"     // a person at the command line
	ActorNobody  Actor = "nobody"  // who failed to prove to be anybody
	// ActorIdentities is the provider of identities that says who people are.
	ActorIdentities Actor = "identities"
)

// KeyActor is who calls the API with a key of that name.
func KeyActor(name string) Actor { return "api:" + Actor(name) }

// UserActor is a person who signed in by that name.
func UserActor(name string) Actor { return "user:" + Actor(name) }

// LaneActor is the gateway as it sends by a connector.
func LaneActor(connector string) Actor { return "lane:" + Actor(connector) }

// OperatorActor is the operator behind a connector.
func OperatorActor(connector string) Actor { return "operator:" + Actor(connector) }

// RuleActor is a rule of replies that answers.
func RuleActor(name string) Actor { return "rule:" + Actor(name) }

// DoorActor is a client of a door, as that door knows its clients.
func DoorActor(door, client string) Actor { return Actor(door) + ":" + Actor(client) }

// ReadActor reads an actor as it stands in a database.
func ReadActor(text string) Actor { return Actor(text) }

// Kind is what the actor is: "api", "lane", a door. It is all of one that has no name.
func (a Actor) Kind() string {
	kind, _, _ := strings.Cut(string(a), ":")
	return kind
}

// Name is that of the key, the client, the connector or the rule; empty where the kind has
// one actor alone.
func (a Actor) Name() string {
	_, name, _ := strings.Cut(string(a), ":")
	return name
}

// Called reports whether a person who writes name means the actor: all of it, or its name
// alone.
func (a Actor) Called(name string) bool { return name == string(a) || name == a.Name() }
