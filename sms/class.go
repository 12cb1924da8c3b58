package sms

import "time"

// Class is what a message is for. It decides its priority, its validity, the
// STOP clause and what may be done after doubt.
type Class string

// The classes of traffic.
const (
	OTP           Class = "otp"           // a one-time code somebody is waiting for
	Transactional Class = "transactional" // about the recipient's own affairs; the default
	Marketing     Class = "marketing"     // advertising: STOP clause, windows
)

// Classes lists every class, most urgent first.
var Classes = []Class{OTP, Transactional, Marketing}

// Valid reports whether c is one of Classes.
func (c Class) Valid() bool {
	return c == OTP || c == Transactional || c == Marketing
}

// Priority orders the queue: 0 goes first.
func (c Class) Priority() int {
	switch c {
	case OTP:
		return 0
	case Marketing:
		return 2
	default:
		return 1
	}
}

// Validity is how long a message of this class is worth sending when its
// caller does not say: 15 minutes for a code, else 48 hours, which is also the
// validity both OVH and DMC use in their samples.
func (c Class) Validity() time.Duration {
	if c == OTP {
		return 15 * time.Minute
	}
	return 48 * time.Hour
}
