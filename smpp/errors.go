package smpp

import (
	"errors"
	"fmt"
)

// FieldError is a field over a limit of the specification. It names the field and never its
// value: numbers and texts are personal.
type FieldError struct {
	Command Command
	Field   string // the specification's name
	Want    string // what would be right
	Status  Status // what a server answers to a request with it
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: %s: want %s", e.Command, e.Field, e.Want)
}

// FrameError is a command_length that cannot be right. Where the next PDU begins is not known
// any more: answer generic_nack RINVCMDLEN and close.
type FrameError struct{ Length uint32 }

func (e *FrameError) Error() string {
	return fmt.Sprintf("command_length %d: want %d to %d", e.Length, headerLength, MaxLength)
}

// BodyError is a request whose fields cannot be read. The next PDU can.
type BodyError struct {
	Command  Command
	Sequence uint32
	Status   Status // what to answer
	Field    string // where it broke
}

func (e *BodyError) Error() string {
	return fmt.Sprintf("%s: %s cannot be read (%s)", e.Command, e.Field, e.Status)
}

// StatusError is a refusal by the peer.
type StatusError struct {
	Command Command // what was refused
	Status  Status
	Info    string // the peer's words, where it sent some (additional_status_info_text)
}

func (e *StatusError) Error() string {
	if e.Info == "" {
		return fmt.Sprintf("%s refused: %s", e.Command, e.Status)
	}
	return fmt.Sprintf("%s refused: %s: %s", e.Command, e.Status, e.Info)
}

// Ends of a session, and of a request.
var (
	ErrClosing  = errors.New("the session takes no request any more")
	ErrClosed   = errors.New("the session is over")
	ErrUnbound  = errors.New("the peer ended the session by unbind")
	ErrNoAnswer = errors.New("no response in time")
	ErrNotBound = errors.New("no bind in time")
	ErrSilent   = errors.New("enquire_link was not answered")
	ErrMute     = errors.New("none of the requests in the window was answered")
	ErrHalf     = errors.New("the rest of a PDU did not come in time")
	ErrNack     = errors.New("the peer could not read what it got: generic_nack of no request")
	ErrWrong    = errors.New("a response of another kind than its request")
	ErrAnswered = errors.New("the request was answered before")
)
