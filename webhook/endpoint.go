package webhook

import (
	"time"

	"relais/sms"
)

// State says whether an endpoint is delivered to.
type State string

// The states of an endpoint.
const (
	Active      State = "active"
	Quarantined State = "quarantined" // it failed for long; only a probe goes there now and then
	Disabled    State = "disabled"    // by the caller; nothing is kept for it meanwhile
)

// Why an endpoint is disabled.
const (
	gone   = "it answered 410 Gone"
	byHand = "it was disabled by hand"
)

// Gone reports whether the endpoint said itself that it wants nothing any more.
func (e *Endpoint) Gone() bool { return e.State == Disabled && e.Reason == gone }

// Origin says how an endpoint came to be.
type Origin string

// The origins of an endpoint.
const (
	OfAPI     Origin = "api"     // POST /v1/webhooks: it gets the events that it subscribes to
	OfRequest Origin = "request" // webhook_url of a submission or a rule: it gets the events of those that name it
)

// Endpoint is an address of a caller's system.
type Endpoint struct {
	ID        sms.ID
	Account   string
	URL       string
	Events    []Type // that it gets; empty: all
	Secret    []byte // sealed; see Sealer
	Origin    Origin
	State     State
	Reason    string    // why it is not active
	Failures  int       // in a row
	FailingAt time.Time // since; zero when the last delivery was taken
	ProbeAt   time.Time // while quarantined: when it is tried next
	CreatedAt time.Time
	Format    string // how events leave, of Options.Formats; empty: our signed JSON
	Key       string // idempotency key of the request that made it; empty: none
	// Filled where endpoints are shown: deliveries that wait, and when what the one tells
	// happened that has waited longest; zero when none waits.
	Pending      int
	WaitingSince time.Time
}
