package person

import (
	"context"
	"time"

	"relais/sms"
)

// KeepingParts finds parts of long messages.
type KeepingParts interface {
	// PersonParts returns the parts to a number that are in no message, oldest first.
	PersonParts(ctx context.Context, account string, n sms.Number) ([]Part, error)
}

// Part is one of a long message that a client sent in parts, and that is in no message yet.
type Part struct {
	ID     sms.ID
	Client string // system id
	At     time.Time
	Seq    int    // its place in its message, from 1
	Text   string // as far as the part names its alphabet
}
