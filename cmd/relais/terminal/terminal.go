package terminal

import (
	"context"
	"errors"
	"io"
	"time"

	"relais/reason"
)

// Terminal is what a command speaks through.
type Terminal struct {
	Ctx      context.Context
	Stdin    io.Reader
	Stdout   io.Writer
	Stderr   io.Writer
	Language reason.Language
	Zone     *time.Location // nil: the local one
}

// ErrSaid ends a command that failed and has already said why.
var ErrSaid = errors.New("said")

// ErrLeftOut ends a command that did what it was asked, but for some that it named.
var ErrLeftOut = errors.New("some were left out")

// UsageError is a command line that cannot be carried out as it is written.
type UsageError struct{ Text string }

// Error is the sentence.
func (e *UsageError) Error() string { return e.Text }

// failure is what broke off a command, in the person's language, with its cause.
type failure struct {
	text  string
	cause error
}

// Misuse is a command line that cannot be carried out, by a phrase.
func (t *Terminal) Misuse(key string, pairs ...any) error { return &UsageError{t.Text(key, pairs...)} }

func (e *failure) Error() string { return e.text }
func (e *failure) Unwrap() error { return e.cause }

// Failed is the error of a command that broke off, by a phrase with the argument error.
func (t *Terminal) Failed(cause error, key string, pairs ...any) error {
	return &failure{t.Text(key, append(pairs, "error", t.Because(cause))...), cause}
}

// FailedIf ends a command that has already said what went wrong.
func FailedIf(failed bool) error {
	if failed {
		return ErrSaid
	}
	return nil
}

// LeftOutIf ends a command that did what it was asked, but for some.
func LeftOutIf(some bool) error {
	if some {
		return ErrLeftOut
	}
	return nil
}
