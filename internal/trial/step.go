package trial

import "sync/atomic"

// Step is a moment in the life of a message between two things that must not
// come apart, one of them on disk or on the wire.
type Step string

// The steps, in the order of a message's line.
const (
	Accepting  Step = "accepting"  // read and checked; nothing is stored
	Accepted   Step = "accepted"   // stored; the caller has no answer
	Claimed    Step = "claimed"    // stored as submitting; no byte has left
	Sent       Step = "sent"       // the request has left; no answer has come
	Answered   Step = "answered"   // the operator answered; nothing of it is stored
	Settled    Step = "settled"    // the operator's answer is stored
	Told       Step = "told"       // a receipt or reply was read; nothing of it is stored
	Received   Step = "received"   // it is stored; the operator has no answer
	Noticed    Step = "noticed"    // the receiver of a webhook took it; that is not stored
	Recovering Step = "recovering" // at the start: what an earlier run left is about to be taken up
	Recovered  Step = "recovered"  // it was taken up; nothing has been sent yet
)

// Steps lists them.
var Steps = []Step{
	Accepting, Accepted, Claimed, Sent, Answered, Settled, Told, Received, Noticed, Recovering, Recovered,
}

var listener atomic.Pointer[func(Step)]

// Reached tells whoever listens that the process is at a step. It returns when
// they let it go on.
func Reached(s Step) {
	if f := listener.Load(); f != nil {
		(*f)(s)
	}
}

// Listen gives f every step from now on, from any goroutine.
func Listen(f func(Step)) { listener.Store(&f) }
