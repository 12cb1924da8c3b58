package gateway

import (
	"time"

	"relais/sms"
)

// Query chooses messages of one account, newest first. Zero fields choose all.
type Query struct {
	Account   string
	To        sms.Number
	Hidden    sms.Number // what stands for To where it was hidden; empty: nothing does
	Status    sms.Status
	Class     sms.Class
	Connector string
	Reference string
	Since     time.Time // accepted at or after
	Until     time.Time // accepted before
	Before    sms.ID    // only messages older than this one: the cursor
	Limit     int
}

// InboundQuery chooses replies to one account, newest first. Zero fields choose
// all.
type InboundQuery struct {
	Account    string
	From       sms.Number
	HiddenFrom sms.Number // what stands for From where it was hidden
	Message    sms.ID     // that they answer
	Intent     Intent
	Connector  string
	Since      time.Time // received at or after
	Until      time.Time // received before
	Before     sms.ID    // only older ones: the cursor
	Limit      int
}

// UnmatchedReceipt is a receipt that no message is known by.
type UnmatchedReceipt struct {
	sms.Receipt
	Connector  string
	ReceivedAt time.Time
}
