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

type (
	// Fault is an order to misbehave.
	Fault = world.Fault
	// FaultState is an order and how often it was carried out.
	FaultState = world.FaultState
	// FaultError is why a fault cannot be ordered.
	FaultError = world.FaultError
	// Text is one message as a person sees it.
	Text = world.Text
	// Handset is a handset that has messages.
	Handset = world.Handset
	// DeclaredSender is one that an operator knows.
	DeclaredSender = world.DeclaredSender
	// OperatorStats is what happened at one operator.
	OperatorStats = world.OperatorStats
	// OVHDialect is shape of OVH's error bodies.
	OVHDialect = ovh.Dialect
	// DMCBadElement is what one bad message does to its batch.
	DMCBadElement = dmc.BadElement
	// RatePolicy is what happens beyond DMC's limits of calls.
	RatePolicy = dmc.RatePolicy
	// Push is where DMC sends receipts and replies.
	Push = dmc.Push
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
