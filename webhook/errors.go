package webhook

import (
	"errors"

	"relais/reason"
)

// ErrUnknown is returned for what does not exist, or belongs to another account.
var ErrUnknown = errors.New("unknown")

// ErrOutdated is returned where somebody changed an endpoint since it was seen.
var ErrOutdated = errors.New("somebody else was faster")

// ErrFull is returned for an address that messages name, where those of the account are as many as may be.
var ErrFull = errors.New("no more addresses of messages")

// Error is a refusal for people and programs.
type Error struct {
	Reason reason.Reason // what is wrong, and what would be right
	Field  string        // JSON pointer to the value at fault
}

func (e *Error) Error() string { return e.Reason.Code.Wire() + ": " + e.Reason.In(reason.English) }

// Codes of Error.
const (
	codeExists  reason.Code = "webhook_exists"
	codeTooMany reason.Code = "webhooks_too_many"
	codeEvent   reason.Code = "event_unknown"
	codeNamed   reason.Code = "webhook_named"
	codeShaped  reason.Code = "webhook_shaped"
)

// The sentences of webhook_url_invalid.
const (
	urlSpace    reason.Code = "webhook_url_invalid/space"
	urlLong     reason.Code = "webhook_url_invalid/long"
	urlForm     reason.Code = "webhook_url_invalid/form"
	urlUser     reason.Code = "webhook_url_invalid/user"
	urlFragment reason.Code = "webhook_url_invalid/fragment"
	urlPort     reason.Code = "webhook_url_invalid/port"
	urlPrivate  reason.Code = "webhook_url_invalid/private"
	urlHost     reason.Code = "webhook_url_invalid/host"
)
