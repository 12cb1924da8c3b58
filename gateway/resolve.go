package gateway

import (
	"context"

	"relais/lane"
	"relais/reason"
	"relais/sms"
)

// Resolve settles a message in doubt by a person's word. m is the message as the
// person sees it; one that is not in doubt is a Conflict.
func (g *Gateway) Resolve(ctx context.Context, m sms.Message, r lane.Resolution, actor string) error {
	if !r.Known() {
		return refusedFor("/outcome", reason.Of(codeResolutionUnknown, nil))
	}
	done, err := g.lanes.Resolve(ctx, m, r, actor)
	if err != nil {
		return unavailable(err)
	}
	if done {
		return nil
	}
	return &Error{Kind: Conflict, Reason: reason.Of(codeNotUncertain, reason.Args{"status": reason.Name(m.Status)})}
}
