package lane

import (
	"context"

	"relais/connector"
)

// Traced is what the live sessions of a connector said.
type Traced struct {
	Said []connector.Said
	// None: the operator has no sessions that can be looked at.
	None bool
	// Elsewhere: another node keeps them.
	Elsewhere bool
}

// Trace returns what the sessions said behind a number; see connector.Tracer.
func (l *Lane) Trace(ctx context.Context, after int64) (Traced, error) {
	switch {
	case l.Caps.Tracer == nil:
		return Traced{None: true}, nil
	case l.duty.Elsewhere():
		return Traced{Elsewhere: true}, nil
	}
	said, err := l.Guard.Trace(ctx, after)
	return Traced{Said: said}, err
}
