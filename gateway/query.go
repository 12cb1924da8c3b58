package gateway

import (
	"time"

	"relais/sms"
)

// Query chooses messages of one account, newest first. Zero fields choose all.
type Query struct {
	Account   string
	To        sms.Number
	Status    sms.Status
	Class     sms.Class
	Connector string
	Reference string
	Since     time.Time // accepted at or after
	Until     time.Time // accepted before
	Before    sms.ID    // only messages older than this one: the cursor
	Limit     int
}
