package quota

import (
	"context"
	"errors"

	"relais/sms"
)

// Store keeps what quotas have counted.
type Store interface {
	// Used returns what the period of each charge has counted, in order.
	Used(ctx context.Context, account string, charges []Charge) ([]Use, error)
	// Repeated returns those numbers that have as many messages as allowed, or more.
	Repeated(ctx context.Context, account string, r Repeat) (map[sms.Number]bool, error)
}

// ErrExceeded is returned by stores that accept nothing of a submission, because a
// quota does not allow all of it.
var ErrExceeded = errors.New("more than a quota allows")
