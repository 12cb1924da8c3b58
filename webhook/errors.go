package webhook

import "errors"

// ErrUnknown is returned for what does not exist, or belongs to another account.
var ErrUnknown = errors.New("unknown")

// Error is a refusal for people and programs.
type Error struct {
	Code   string // stable, snake_case
	Field  string // JSON pointer to the value at fault
	Detail string // what is wrong, and what would be right
}

func (e *Error) Error() string { return e.Code + ": " + e.Detail }
