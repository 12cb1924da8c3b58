package webhook

import (
	"encoding/json"
	"strings"
	"time"

	"relais/sms"
)

// Type is the kind of an event, as callers subscribe to it.
type Type string

// The types of event.
const (
	MessageSubmitted   Type = "message.submitted"          // the operator took it
	MessageDelivered   Type = "message.delivered"          // the handset has it
	MessageUndelivered Type = "message.undelivered"        // it will not be delivered
	MessageExpired     Type = "message.expired"            // its validity, or the wait for its receipt, is over
	MessageRejected    Type = "message.rejected"           // refused for good, here or by the operator
	MessageUncertain   Type = "message.uncertain"          // whether the operator took it is not known
	InboundReceived    Type = "inbound.received"           // somebody wrote
	InboundDecided     Type = "inbound.decided"            // a person decided about a reply
	OptOutAdded        Type = "opt_out.added"              // a number gets no marketing any more
	ConnectorBlocked   Type = "connector.blocked"          // a connector needs a person
	CreditLow          Type = "credit.low"                 // a connector's credit is below its threshold
	CampaignChecked    Type = "campaign.checked"           // every row was judged, or the check says why not
	CampaignAwaiting   Type = "campaign.awaiting_approval" // somebody else has to agree before it starts
	CampaignApproved   Type = "campaign.approved"          // somebody else agreed; it starts at once, or at its time
	CampaignRefused    Type = "campaign.refused"           // somebody else did not agree; it is a draft again
	CampaignStarted    Type = "campaign.started"           // its rows become messages
	CampaignPaused     Type = "campaign.paused"            // by a person or by itself; the reason says why
	CampaignResumed    Type = "campaign.resumed"           // it goes on, at its time where that is yet to come
	CampaignFinished   Type = "campaign.finished"          // every row has ended
	CampaignCanceled   Type = "campaign.canceled"          // every row has ended, and some were canceled
)

// Test is the type of what Tester sends. Nobody subscribes to it.
const Test Type = "webhook.test"

// Types lists every type of event.
var Types = []Type{
	MessageSubmitted, MessageDelivered, MessageUndelivered, MessageExpired, MessageRejected, MessageUncertain,
	InboundReceived, InboundDecided, OptOutAdded, ConnectorBlocked, CreditLow,
	CampaignChecked, CampaignAwaiting, CampaignApproved, CampaignRefused, CampaignStarted, CampaignPaused, CampaignResumed, CampaignFinished, CampaignCanceled,
}

// ofStatus says which move of a message is an event.
var ofStatus = map[sms.Status]Type{
	sms.Submitted: MessageSubmitted, sms.Delivered: MessageDelivered, sms.Undelivered: MessageUndelivered,
	sms.Expired: MessageExpired, sms.Rejected: MessageRejected, sms.Uncertain: MessageUncertain,
}

// ofMessage reports whether the subject of such events is a message.
func (t Type) ofMessage() bool { return strings.HasPrefix(string(t), "message.") }

// OfStatus returns the type of event that a message's move to s is, "" when
// callers are not told of it.
func OfStatus(s sms.Status) Type { return ofStatus[s] }

// EveryType is the list of an endpoint that did not choose.
const EveryType = ",*,"

// JoinTypes is how an endpoint's events stand in a store: a comma before and
// behind each, so that one is found whole.
func JoinTypes(types []Type) string {
	if len(types) == 0 {
		return EveryType
	}
	var b strings.Builder
	for _, t := range types {
		b.WriteString("," + string(t))
	}
	return b.String() + ","
}

// ParseTypes reads what JoinTypes wrote.
func ParseTypes(list string) []Type {
	if list == EveryType {
		return nil
	}
	var types []Type
	for t := range strings.SplitSeq(strings.Trim(list, ","), ",") {
		types = append(types, Type(t))
	}
	return types
}

// Event is one thing that happened.
type Event struct {
	Seq     int64  // its place in the account's feed; rises in the order of commits
	Account string // empty: of the whole gateway
	Type    Type
	Subject sms.ID // message, reply or change that it is about
	At      time.Time
	Data    json.RawMessage // what callers are told
	Name    string          // of an event that is in no feed; empty: IDOf its place
}

// ID is the name of the event in webhook-id.
func (e *Event) ID() string {
	if e.Name != "" {
		return e.Name
	}
	return IDOf(e.Seq)
}

// Happening is an event without what callers are told of it.
type Happening struct {
	Seq       int64
	Type      Type
	Subject   sms.ID
	Connector string // that an event of the whole gateway is about; empty: none
}

// MessageData is the data of the events message.*.
type MessageData struct {
	ID           sms.ID            `json:"id"`
	To           sms.Number        `json:"to"`
	Status       sms.Status        `json:"status" doc:"the status after the event"`
	Reason       string            `json:"reason" doc:"code of the event"`
	Detail       string            `json:"detail,omitempty" doc:"sentence for people"`
	OperatorCode string            `json:"operator_code,omitempty" doc:"the operator's, verbatim"`
	OperatorText string            `json:"operator_text,omitempty" doc:"the operator's, verbatim"`
	At           time.Time         `json:"at"`
	Class        sms.Class         `json:"class"`
	Sender       sms.Sender        `json:"sender,omitempty"`
	Connector    string            `json:"connector"`
	ProviderID   string            `json:"provider_id,omitempty"`
	Segments     int               `json:"segments"`
	Reference    string            `json:"reference,omitempty"`
	Metadata     map[string]string `json:"metadata,omitempty"`
}

// CampaignData is the data of the events campaign.*.
type CampaignData struct {
	ID     sms.ID       `json:"id"`
	Name   string       `json:"name"`
	Status string       `json:"status" doc:"the status after the event"`
	Reason string       `json:"reason,omitempty" doc:"code of why it paused, of why somebody has to agree, or of what kept its check from ending"`
	Actor  sms.Actor    `json:"actor"`
	At     time.Time    `json:"at"`
	Check  string       `json:"check,omitempty" doc:"hash of its check"`
	Rows   CampaignRows `json:"rows"`
}

// CampaignRows are the rows of a campaign, by where they are.
type CampaignRows struct {
	Waiting     int `json:"waiting"`
	Taken       int `json:"taken"`
	Skipped     int `json:"skipped"`
	Canceled    int `json:"canceled"`
	Delivered   int `json:"delivered"`
	Undelivered int `json:"undelivered"`
	Expired     int `json:"expired"`
	Rejected    int `json:"rejected"`
}
