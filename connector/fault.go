package connector

import (
	"errors"
	"fmt"
	"time"
)

// Fault is what we know after a call that did not plainly succeed. The zero
// value is the careful one: an error that nobody classified is Uncertain. To
// say otherwise, prove it.
type Fault uint8

// The faults, and what the dispatcher does.
const (
	Uncertain Fault = iota // bytes left, no clear answer: held, never resent blindly
	Temporary              // not taken: back-off, counts an attempt
	Throttled              // not taken, too fast: the lane slows, costs no attempt
	Blocked                // not taken and nothing will be: the lane pauses, costs no attempt
	Rejected               // refused for good: final
)

// Faults lists every fault.
var Faults = []Fault{Uncertain, Temporary, Throttled, Blocked, Rejected}

// String is the fault's word in logs, metrics and timelines.
func (f Fault) String() string {
	switch f {
	case Temporary:
		return "temporary"
	case Throttled:
		return "throttled"
	case Blocked:
		return "blocked"
	case Rejected:
		return "rejected"
	default:
		return "uncertain"
	}
}

// ErrNotTaken is a Reconciler's proof that the operator does not have a message.
var ErrNotTaken = errors.New("the operator did not take it")

// Error is a classified failure. Its text holds no number, no message text and
// no secret: it goes to logs and timelines as it is.
type Error struct {
	Fault      Fault
	Code       string        // the operator's own code, verbatim; empty when there is none
	Detail     string        // the operator's words or ours, in one sentence
	Trace      string        // the operator's id of the call, to quote to its support
	RetryAfter time.Duration // with Throttled: how long to wait; 0 when unknown
	Err        error         // the cause, where there is one
}

// Error joins fault, code, detail, trace and cause.
func (e *Error) Error() string {
	text := e.Fault.String()
	if e.Code != "" {
		text += " [" + e.Code + "]"
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Trace != "" {
		text += fmt.Sprintf(" (call %s)", e.Trace)
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// FaultOf reads the fault of err through wrapping. An error that is no *Error
// is Uncertain. A nil error has no fault; asking for it is a programming error
// and is answered with Uncertain too.
func FaultOf(err error) Fault {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fault
	}
	return Uncertain
}

// CodeOf reads the operator's code of err, or "".
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}
