package http2sms

import "relais/reason"

// What the door says of a request. The sentences stand in the catalogues.
const (
	codeClockNever reason.Code = "deferred_clock/never"
	codeClockTwice reason.Code = "deferred_clock/twice"
)
