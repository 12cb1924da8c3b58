package console

import (
	"relais/lane"
	"relais/reason"
	"relais/sms"
)

// pill is a state: a word, and the shape and colour that go with it.
type pill struct {
	Shape string // good, moving, waiting, careful, bad
	Word  string
}

// option is one that a list offers.
type option struct {
	Value, Word string
	Chosen      bool
}

var shapesOfStatus = map[sms.Status]string{
	sms.Queued: "waiting", sms.Submitting: "moving", sms.Uncertain: "careful", sms.Submitted: "moving",
	sms.Delivered: "good", sms.Undelivered: "bad", sms.Expired: "bad", sms.Rejected: "bad", sms.Canceled: "waiting",
}

var shapesOfState = map[lane.State]string{
	lane.Running: "good", lane.Throttled: "careful", lane.Failing: "bad", lane.Blocked: "bad", lane.Missing: "bad",
	lane.Elsewhere: "waiting", lane.Paused: "careful",
}

func (f *frame) status(s sms.Status) pill {
	return pill{shapesOfStatus[s], reason.Of(Words+"/status_"+reason.Code(s), nil).In(f.Lang)}
}

func (f *frame) state(s lane.State) pill {
	return pill{shapesOfState[s], reason.Of(Words+"/state_"+reason.Code(s), nil).In(f.Lang)}
}

// kind is what a message is to the handset, empty for an ordinary text.
func (f *frame) kind(k sms.Kind) string {
	if k == sms.Plain {
		return ""
	}
	return reason.Of(Words+"/kind_"+reason.Code(k.Word()), nil).In(f.Lang)
}

func (f *frame) class(c sms.Class) string {
	return reason.Of(Words+"/class_"+reason.Code(c), nil).In(f.Lang)
}
