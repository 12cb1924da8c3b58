package sandbox

import (
	"relais/sandbox/dmc"
	"relais/sandbox/ovh"
	"relais/sandbox/world"
)

// The names of the simulated operators, in answers and in faults.
const (
	OVH = world.OVH
	DMC = world.DMC
)

// What tests, the demo and the load generator name of the operators and their world.
type (
	Fault          = world.Fault          // an order to misbehave
	FaultState     = world.FaultState     // an order and how often it was carried out
	FaultError     = world.FaultError     // why a fault cannot be ordered
	Text           = world.Text           // one message as a person sees it
	Handset        = world.Handset        // a handset that has messages
	DeclaredSender = world.DeclaredSender // one that an operator knows
	OperatorStats  = world.OperatorStats  // what happened at one operator
	OVHDialect     = ovh.Dialect          // shape of OVH's error bodies
	DMCBadElement  = dmc.BadElement       // what one bad message does to its batch
	RatePolicy     = dmc.RatePolicy       // what happens beyond DMC's limits of calls
	Push           = dmc.Push             // where DMC sends receipts and replies
)

// Stats holds the counts of each operator.
type Stats struct {
	OVH OperatorStats `json:"ovh"`
	DMC OperatorStats `json:"dmc"`
}

// The kinds of fault. The package comment says which of them leave the message
// taken.
const (
	FaultHTTP500             = world.FaultHTTP500
	FaultHTTP503             = world.FaultHTTP503
	FaultThrottle            = world.FaultThrottle
	FaultNoCredit            = world.FaultNoCredit
	FaultHTML                = world.FaultHTML
	FaultRefuseConnection    = world.FaultRefuseConnection
	FaultResetBefore         = world.FaultResetBefore
	FaultResetAfterAccept    = world.FaultResetAfterAccept
	FaultTimeoutAfterAccept  = world.FaultTimeoutAfterAccept
	FaultBadJSON             = world.FaultBadJSON
	FaultEmpty               = world.FaultEmpty
	FaultCut                 = world.FaultCut
	FaultSlow                = world.FaultSlow
	FaultNoReceipt           = world.FaultNoReceipt
	FaultLateReceipt         = world.FaultLateReceipt
	FaultDuplicateReceipt    = world.FaultDuplicateReceipt
	FaultReorderedReceipt    = world.FaultReorderedReceipt
	FaultReceiptBeforeAnswer = world.FaultReceiptBeforeAnswer
)

// What can be ordered, and what a sender may be set to.
var (
	FaultKinds     = world.FaultKinds
	SenderStatuses = world.SenderStatuses
)

// The fixed credentials and accounts of the operators. They are public and open
// nothing but a sandbox.
const (
	OVHApplicationKey      = ovh.ApplicationKey
	OVHApplicationSecret   = ovh.ApplicationSecret
	OVHConsumerKey         = ovh.ConsumerKey
	OVHReadOnlyConsumerKey = ovh.ReadOnlyConsumerKey
	OVHService             = ovh.Service
	OVHSecondService       = ovh.SecondService
	OVHSender              = ovh.Sender
	OVHSecondSender        = ovh.SecondSender
	OVHPendingSender       = ovh.PendingSender

	DMCServiceID    = dmc.ServiceID
	DMCPassword     = dmc.Password
	DMCSpaceID      = dmc.SpaceID
	DMCSender       = dmc.Sender
	DMCSecondSender = dmc.SecondSender
)

// The manners of the operators that [Options] chooses from.
const (
	OVHNew = ovh.NewDialect
	OVHOld = ovh.OldDialect

	RateWarn   = dmc.RateWarn
	RateOff    = dmc.RateOff
	RateRefuse = dmc.RateRefuse

	DMCRefuseBatch = dmc.RefuseBatch
	DMCRefuseRest  = dmc.RefuseRest
	DMCNullSlot    = dmc.NullSlot
	DMCErrorSlot   = dmc.ErrorSlot
	DMCShortAnswer = dmc.ShortAnswer
)
