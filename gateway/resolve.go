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
		return invalid("resolution_unknown", "/outcome", say(`The outcome must be "taken", "not_taken" or "given_up".`,
			`L'issue est "taken", "not_taken" ou "given_up".`))
	}
	done, err := g.lanes.Resolve(ctx, m, r, actor)
	if err != nil {
		return unavailable(err)
	}
	if done {
		return nil
	}
	return &Error{Kind: Conflict, Reason: reason.Written("not_uncertain", "Only a message in doubt can be resolved; this one is "+string(m.Status)+". Read it again for its status.", "Seul un message dans le doute peut être tranché ; celui-ci est "+string(m.Status)+". Relisez-le pour son état.")}
}
