package auth

import (
	"slices"
	"strings"

	"relais/reason"
)

// Role is what a user is for an account, or for the whole gateway.
type Role string

// The roles. Those who run the machine need not read what citizens write, and those who
// read need not send.
const (
	Reader   Role = "reader"   // sees, with numbers and texts hidden
	Agent    Role = "agent"    // sends and answers
	Approver Role = "approver" // decides what agents may not
	Manager  Role = "manager"  // looks after an account: keys, templates, opt-outs
	Operator Role = "operator" // runs the machine, and reads no text
	DPO      Role = "dpo"      // looks after what is kept of people
	Admin    Role = "admin"    // looks after users, and reads no text
)

// Roles returns every role, in the order in which people read of them.
func Roles() []Role {
	return []Role{Reader, Agent, Approver, Manager, Operator, DPO, Admin}
}

// Valid reports whether there is such a role.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// WholeGateway reports whether the role is one for the whole gateway, and never for one
// account.
func (r Role) WholeGateway() bool { return r == Operator || r == Admin }

// NeedsSecondStep reports whether who has the role signs in with a second step.
func (r Role) NeedsSecondStep() bool { return r == Operator || r == Admin }

// The beginnings of what people call a role and a right.
const (
	roleTitles  reason.Code = "people/role_"
	rightTitles reason.Code = "people/right_"
)

// Title is how people call the role.
func (r Role) Title() reason.Reason { return reason.Of(roleTitles+reason.Code(r), nil) }

// Has reports whether the role brings a right.
func (r Role) Has(right Right) bool { return slices.Contains(rights[right].roles, r) }

// Right is something that a user may do.
type Right string

// The rights. Each page and each action of the console names one.
const (
	SeeCounts        Right = "see_counts"        // counts, charts, the state of connectors
	SeeMessages      Right = "see_messages"      // messages and replies, with numbers and texts hidden
	SeeTexts         Right = "see_texts"         // numbers and texts of messages and replies
	RevealNumber     Right = "reveal_number"     // a hidden number, one at a time; each time is in the audit
	SeeExchange      Right = "see_exchange"      // what went to an operator and came back
	Send             Right = "send"              // one message, an answer to a reply
	RemoveNotes      Right = "remove_notes"      // what colleagues noted on conversations
	DraftCampaigns   Right = "draft_campaigns"   // write campaigns, and have their files checked
	StartCampaigns   Right = "start_campaigns"   // have their messages leave, pause and cancel them
	ApproveCampaigns Right = "approve_campaigns" // agree to campaigns that others wrote, and send once more what was sent
	Decide           Right = "decide"            // what becomes of a message in doubt
	SeeTemplates     Right = "see_templates"     // the list of them
	UseTemplates     Right = "use_templates"     // send with one
	ManageTemplates  Right = "manage_templates"  // make, change and remove them
	ManageLists      Right = "manage_lists"      // make, change and drop lists of people, contacts and groups
	SeeOptOuts       Right = "see_opt_outs"      // the list, with numbers hidden
	AddOptOuts       Right = "add_opt_outs"      // write a STOP down at the desk
	ManageOptOuts    Right = "manage_opt_outs"   // take off the list, import, proofs
	ExportOwn        Right = "export_own"        // rows of messages that one sent oneself
	Export           Right = "export"            // every row of the account
	SeeWebhooks      Right = "see_webhooks"      // endpoints and their deliveries, with numbers and texts hidden
	ManageKeys       Right = "manage_keys"       // API keys, webhooks, quotas of the account
	Operate          Right = "operate"           // pause connectors; credit, health, retentions, settings
	ErasePersons     Right = "erase_persons"     // export or erase what is stored of a person
	SeeAudit         Right = "see_audit"         // who did what
	ExportAudit      Right = "export_audit"      // that as a file
	ManageUsers      Right = "manage_users"      // users and their roles
)

// granted says who has a right, and whether it asks for a fresh proof of who one is.
type granted struct {
	roles []Role
	proof bool
}

var rights = map[Right]granted{
	SeeCounts:        {roles: []Role{Reader, Agent, Approver, Manager, Operator, DPO, Admin}},
	SeeMessages:      {roles: []Role{Reader, Agent, Approver, Manager, Operator, DPO}},
	SeeTexts:         {roles: []Role{Agent, Approver, Manager, DPO}},
	RevealNumber:     {roles: []Role{Agent, Approver, Manager, DPO}},
	SeeExchange:      {roles: []Role{Operator}},
	Send:             {roles: []Role{Agent, Approver, Manager}},
	RemoveNotes:      {roles: []Role{Manager}},
	DraftCampaigns:   {roles: []Role{Agent, Approver, Manager}},
	StartCampaigns:   {roles: []Role{Agent, Approver, Manager}},
	ApproveCampaigns: {roles: []Role{Approver, Manager}},
	Decide:           {roles: []Role{Approver, Manager, Operator}},
	SeeTemplates:     {roles: []Role{Reader, Agent, Approver, Manager}},
	UseTemplates:     {roles: []Role{Agent, Approver, Manager}},
	ManageTemplates:  {roles: []Role{Manager}},
	ManageLists:      {roles: []Role{Manager}},
	SeeOptOuts:       {roles: []Role{Reader, Agent, Approver, Manager, DPO}},
	AddOptOuts:       {roles: []Role{Agent, Approver, Manager, DPO}},
	ManageOptOuts:    {roles: []Role{Manager, DPO}},
	ExportOwn:        {roles: []Role{Agent, Approver, Manager, DPO}},
	Export:           {roles: []Role{Approver, Manager, DPO}, proof: true},
	SeeWebhooks:      {roles: []Role{Manager, Operator}},
	ManageKeys:       {roles: []Role{Manager}, proof: true},
	Operate:          {roles: []Role{Operator, Admin}},
	ErasePersons:     {roles: []Role{DPO}, proof: true},
	SeeAudit:         {roles: []Role{Operator, DPO, Admin}},
	ExportAudit:      {roles: []Role{Operator, DPO, Admin}, proof: true},
	ManageUsers:      {roles: []Role{Admin}, proof: true},
}

// Rights returns every right, from what most may do to what few may.
func Rights() []Right {
	return []Right{
		SeeCounts, SeeMessages, SeeTexts, RevealNumber, SeeExchange, Send, DraftCampaigns, StartCampaigns,
		ApproveCampaigns, Decide,
		SeeTemplates, UseTemplates, ManageTemplates, ManageLists, SeeOptOuts, AddOptOuts, ManageOptOuts, ExportOwn, Export, SeeWebhooks, RemoveNotes,
		ManageKeys, Operate, ErasePersons, SeeAudit, ExportAudit, ManageUsers,
	}
}

// Title is how people call the right.
func (r Right) Title() reason.Reason { return reason.Of(rightTitles+reason.Code(r), nil) }

// WholeGateway reports whether nobody has the right for one account alone.
func (r Right) WholeGateway() bool {
	return !slices.ContainsFunc(rights[r].roles, func(role Role) bool { return !role.WholeGateway() })
}

// NeedsProof reports whether who uses the right has proved a short while ago who they
// are: a session that was left open is not enough.
func (r Right) NeedsProof() bool { return rights[r].proof }

// Grant is a role of a user for an account; "" is the whole gateway.
type Grant struct {
	Account string
	Role    Role
}

// ReadGrant reads what String writes. The error is an *Error.
func ReadGrant(text string) (Grant, error) {
	role, account, _ := strings.Cut(strings.TrimSpace(text), "@")
	grants, err := checkRoles([]Grant{{Account: account, Role: Role(role)}})
	if err != nil {
		return Grant{}, err
	}
	return grants[0], nil
}

// String is the grant as commands write it: "agent@town", "admin".
func (g Grant) String() string {
	if g.Account == "" {
		return string(g.Role)
	}
	return string(g.Role) + "@" + g.Account
}
