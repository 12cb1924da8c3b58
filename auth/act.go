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

// What is done about the rest of the gateway. Stores write it down with the change itself,
// whoever makes it: see WithBy.
const (
	AccountMade     ActCode = "account_made"
	CampaignMade    ActCode = "campaign_made"
	CampaignChanged ActCode = "campaign_changed"
	CampaignFiled   ActCode = "campaign_filed"
	CampaignDropped ActCode = "campaign_dropped"
	CampaignChecked ActCode = "campaign_checked"
	CampaignStarted ActCode = "campaign_started"
	// CampaignSubmitted is a start that needs somebody else to agree.
	CampaignSubmitted ActCode = "campaign_submitted"
	CampaignApproved  ActCode = "campaign_approved" // the note is the check
	CampaignRefused   ActCode = "campaign_refused"  // the note is the check
	CampaignPaused    ActCode = "campaign_paused"   // the note is why
	CampaignResumed   ActCode = "campaign_resumed"
	CampaignCanceled  ActCode = "campaign_canceled"
	CampaignTested    ActCode = "campaign_tested"  // they sent a row to a number of their own
	ConnectorPaused   ActCode = "connector_paused" // the note is the end, in UTC; empty: none
	ConnectorResumed  ActCode = "connector_resumed"
	DeliveryReplayed  ActCode = "delivery_replayed"
	KeyMade           ActCode = "key_made"
	KeyLimited        ActCode = "key_limited"
	KeyRevoked        ActCode = "key_revoked"
	KeyValidated      ActCode = "key_validated"
	KeySignedOut      ActCode = "key_signed_out" // a client ended its own keys
	ContactMade       ActCode = "contact_made"
	ContactChanged    ActCode = "contact_changed"
	ContactDropped    ActCode = "contact_dropped"
	ContactsImported  ActCode = "contacts_imported" // the note is how many came or changed
	ConsentNoted      ActCode = "consent_noted"     // the note is the purpose
	ConsentEnded      ActCode = "consent_ended"
	GroupMade         ActCode = "group_made"
	GroupChanged      ActCode = "group_changed"
	GroupDropped      ActCode = "group_dropped"
	ListMade          ActCode = "list_made"
	ListChanged       ActCode = "list_changed"
	ListDropped       ActCode = "list_dropped"
	ListTable         ActCode = "list_table"   // a table waits; the note is how many it has
	ListFilled        ActCode = "list_filled"  // the note is how many are on it
	ListRefused       ActCode = "list_refused" // a table that waited
	ListEntryRemoved  ActCode = "list_entry_removed"
	MessageCanceled   ActCode = "message_canceled"
	MessageDecided    ActCode = "message_decided" // the note is the decision
	OptOutAdded       ActCode = "opt_out_added"   // the subject is the id of the proof
	OptOutRemoved     ActCode = "opt_out_removed"
	OptOutsImported   ActCode = "opt_outs_imported" // the note is how many are new
	ReplyDecided      ActCode = "reply_decided"     // the note is the decision
	ReplyClosed       ActCode = "reply_closed"
	ReplyReopened     ActCode = "reply_reopened"
	ServiceChanged    ActCode = "service_changed" // by an OVH client
	TemplateMade      ActCode = "template_made"
	TemplateChanged   ActCode = "template_changed" // the note is the version
	TemplateArchived  ActCode = "template_archived"
	TemplateRestored  ActCode = "template_restored"
	WebhookMade       ActCode = "webhook_made"
	WebhookChanged    ActCode = "webhook_changed"
	WebhookEnabled    ActCode = "webhook_enabled"
	WebhookDisabled   ActCode = "webhook_disabled"
	WebhookRemoved    ActCode = "webhook_removed"
	WebhookTested     ActCode = "webhook_tested"
	WebhookRotated    ActCode = "webhook_rotated"  // the note is until when the one before signs
	WebhookReplayed   ActCode = "webhook_replayed" // the note is how many
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
	Address string // that it came from; "": none
	Via     string // id of the API key, name of the OVH application, user of the command line; "": none
	Note    string // in codes: a role, a count
	Edits   Edits  // what it changed
}

// ActQuery chooses acts, newest first.
type ActQuery struct {
	Accounts []string  // only of these; nil: all
	Actor    sms.Actor // only of this one; "": all
	Code     ActCode   // only this; "": all
	Subject  string    // only about this; "": all
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

// By is who does something: a person in a browser, a caller with a key, or whoever works
// on the machine.
type By struct {
	Actor   sms.Actor
	Address string
	Via     string // as in Act
}

// about is an act about a user.
func (b By) about(u User, code ActCode) Act { return b.Act("", code, u.Name, "") }

// Act is something that was done in an account, without its id and moment.
func (b By) Act(account string, code ActCode, subject, note string) Act {
	return Act{
		Actor: b.Actor, Address: b.Address, Via: b.Via, Account: account, Code: code, Subject: subject, Note: note,
	}
}

// Changing is the act with what it changed.
func (a Act) Changing(edits Edits) Act {
	a.Edits = edits
	return a
}

type byKey struct{}

// WithBy returns a context in which somebody acts. What a store changes in it for them it
// writes into the audit too, in the same transaction. Each way in says it once: the guard
// of the console, those of the API and of the OVH door, the commands that open the database.
func WithBy(ctx context.Context, by By) context.Context { return context.WithValue(ctx, byKey{}, by) }

// ByOf returns who acts in a context. It is nobody where the gateway does something by
// itself, or for a handset or the client of a door that can only send: those have proofs of
// their own.
func ByOf(ctx context.Context) (by By, somebody bool) {
	by, somebody = ctx.Value(byKey{}).(By)
	return by, somebody
}

// own is an act of a user about themselves.
func own(u User, from Browser, code ActCode) Act {
	return By{Actor: u.Actor(), Address: from.Address}.about(u, code)
}
