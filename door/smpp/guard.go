package smpp

import (
	"time"

	"relais/door"
)

// Bounds of refusals.
const (
	mostRefusing   = 64 // that are put off at once; others are closed without a word
	refusalPutsOff = time.Second
)

// guard knows the addresses from which binds failed.
type guard struct {
	*door.Guard

	refusing chan struct{}
}

func newGuard() *guard { return &guard{door.NewGuard(), make(chan struct{}, mostRefusing)} }
