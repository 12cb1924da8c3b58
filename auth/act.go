package auth

import (
	"context"
	"time"

	"relais/reason"
	"relais/sms"
)

// ActCode says what was done, in a word that is never renamed.
type ActCode string

// What is done about users and their sessions. The console has further ones.
const (
	SignedIn          ActCode = "signed_in"
	SignInFailed      ActCode = "sign_in_failed"
	SignedOut         ActCode = "signed_out"
	StepFailed        ActCode = "second_step_failed"
	SessionStopped    ActCode = "session_ended"
	UserCreated       ActCode = "user_created"
	UserInvited       ActCode = "user_invited"
	UserReset         ActCode = "user_reset"
	UserDisabled      ActCode = "user_disabled"
	UserEnabled       ActCode = "user_enabled"
	RoleGiven         ActCode = "role_given"
	RoleTaken         ActCode = "role_taken"
	PasswordChosen    ActCode = "password_chosen"
	SecondStepSet     ActCode = "second_step_set"
	SecondStepRemoved ActCode = "second_step_removed"
	CodesMade         ActCode = "recovery_codes_made"
	CodeUsed          ActCode = "recovery_code_used"
	PasskeyAdded      ActCode = "passkey_added"
	PasskeyRemoved    ActCode = "passkey_removed"
	PasskeySuspect    ActCode = "passkey_suspect"
	Proved            ActCode = "identity_proved"
	ProofFailed       ActCode = "proof_failed"
	StrangerRefused   ActCode = "stranger_refused"
	SiretRefused      ActCode = "siret_refused"
	MailInvited       ActCode = "mail_invited"
	MailTakenBack     ActCode = "mail_taken_back"
	IdentityBound     ActCode = "identity_bound"
	IdentityReleased  ActCode = "identity_released"
	EmergencyOn       ActCode = "emergency_given"
	EmergencyOff      ActCode = "emergency_taken"
)

// What is done about connectors.
const (
	ConnectorPaused  ActCode = "connector_paused" // the note is the end, in UTC; empty: none
	ConnectorResumed ActCode = "connector_resumed"
)

// acts is the beginning of what people call an act.
const acts reason.Code = "people/act_"

// Title is how people call what was done.
func (c ActCode) Title() reason.Reason { return reason.Of(acts+reason.Code(c), nil) }

// Act is one thing that a person did or saw. It holds no number of a citizen and no text.
type Act struct {
	ID      sms.ID // orders acts, newest last
	At      time.Time
	Actor   sms.Actor // a user, Nobody or Machine
	Account string    // "": the whole gateway
	Code    ActCode
	Subject string // to what: a user's name, the id of a message or a key
	Address string // of the browser; "": none
	Note    string // in codes: a role, a count
}

// ActQuery chooses acts, newest first.
type ActQuery struct {
	Accounts []string  // only of these; nil: all
	Actor    sms.Actor // only of this one; "": all
	Code     ActCode   // only this; "": all
	Before   sms.ID    // only older ones: the cursor
	Since    time.Time
	Limit    int
}

// audit keeps what people did.
type audit struct{ *core }

// Record keeps an act that is no use case of this package: what a page showed or did.
// ID and moment are filled in.
func (a audit) Record(ctx context.Context, act Act) error {
	return a.store.AddAct(ctx, a.stamp(act)[0])
}

// Acts returns acts, newest first; more says that older ones match too.
func (a audit) Acts(ctx context.Context, q ActQuery) (found []Act, more bool, err error) {
	return a.store.Acts(ctx, q)
}

// DropActs removes acts of before a moment, some at a time, and returns how many: what
// an audit tells of people is not kept for ever either.
func (a audit) DropActs(ctx context.Context, before time.Time) (dropped int, err error) {
	const some = 1000
	for {
		n, err := a.store.DropActs(ctx, sms.FirstID(before), some)
		dropped += n
		if err != nil || n < some {
			return dropped, err
		}
	}
}

// stamp gives acts their ids and the moment.
func (c *core) stamp(acts ...Act) []Act {
	for i := range acts {
		acts[i].At = c.now()
		acts[i].ID = sms.BucketOf(acts[i].Account).NewID(acts[i].At)
	}
	return acts
}

// Actors that are no person who signed in.
const (
	Nobody     = sms.ActorNobody     // who failed to prove to be anybody
	Machine    = sms.ActorCLI        // whoever works on the machine of the gateway
	Identities = sms.ActorIdentities // the provider that says who people are
)

// By is who does something about users: a person in a browser, or whoever works on the
// machine.
type By struct {
	Actor   sms.Actor
	Address string
}

// about is an act about a user.
func (b By) about(u User, code ActCode) Act {
	return Act{Actor: b.Actor, Address: b.Address, Code: code, Subject: u.Name}
}

// own is an act of a user about themselves.
func own(u User, from Browser, code ActCode) Act {
	return By{u.Actor(), from.Address}.about(u, code)
}
