package gateway

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"relais/reason"
)

// Kind groups errors by what a door answers.
type Kind uint8

// The kinds of error.
const (
	Invalid     Kind = iota // the request is wrong and says so
	Conflict                // not in the present state
	Overloaded              // try again later
	Unavailable             // the gateway cannot store at the moment
)

// Error is a refusal for people and programs. Its text holds no number and no
// message text.
type Error struct {
	Kind          Kind
	reason.Reason        // what is wrong, and what would be right
	Field         string // JSON pointer to the value at fault; empty when none is
	Err           error
	// Rejected lists the recipients when it was they who were refused.
	Rejected []Refusal
	// RetryAfter is when the request may be sent again; 0: nobody knows.
	RetryAfter time.Duration
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code.Wire(), e.In(reason.English), e.Err)
	}
	return e.Code.Wire() + ": " + e.In(reason.English)
}

// RetrySeconds is what a door gives as Retry-After, rounded up: before that the
// answer would be the same.
func (e *Error) RetrySeconds() string {
	const unknown = 5 * time.Second
	wait := e.RetryAfter
	if wait <= 0 {
		wait = unknown
	}
	return strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// The codes of refusals that doors answer in words of their own.
const (
	CodeNoRecipient        reason.Code = "no_recipient"
	CodeQuotaExceeded      reason.Code = "quota_exceeded"
	CodeConnectorUnknown   reason.Code = "connector_unknown"
	CodeStorageUnavailable reason.Code = "storage_unavailable"
)

// The codes of other refusals of the line.
const (
	codeAtOutOfRange      reason.Code = "at_out_of_range"
	codeBacklogFull       reason.Code = "backlog_full"
	codeNoConnector       reason.Code = "no_connector"
	codeNoOtherConnector  reason.Code = "connector_unknown/other"
	codeNoSessions        reason.Code = "no_sessions"
	codeSessionsElsewhere reason.Code = "no_sessions/elsewhere"
	codeNotCancelable     reason.Code = "not_cancelable"
	codeNotUncertain      reason.Code = "not_uncertain"
	codeResolutionUnknown reason.Code = "resolution_unknown"
	codeStorageFull       reason.Code = "storage_full"

	phraseCut         reason.Code = "words/calls_cut"
	phraseFull        reason.Code = "words/no_room"
	phraseItsOperator reason.Code = "words/its_operator"
	phraseSameName    reason.Code = "words/connectors_named_alike"
	phraseTakeUp      reason.Code = "words/start_take_up"
)

// CodeKeyReused refuses an idempotency key that came before with another request.
const CodeKeyReused reason.Code = "idempotency_key_reused"

// ErrKeyReused is returned by Store.Accept for a known key with another request.
var ErrKeyReused = errors.New("idempotency key used with another request")

// ErrNotFound is returned by stores for what does not exist, or belongs to
// another account.
var ErrNotFound = errors.New("not found")

// ErrFull is returned by stores that have no room left on disk.
var ErrFull = reason.NewError(phraseFull, nil)

func unavailable(err error) *Error {
	if errors.Is(err, ErrFull) {
		return &Error{Kind: Unavailable, Reason: reason.Of(codeStorageFull, nil), Err: err}
	}
	return &Error{Kind: Unavailable, Reason: reason.Of(CodeStorageUnavailable, nil), Err: err}
}
