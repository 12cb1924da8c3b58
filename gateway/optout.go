package gateway

import (
	"context"

	"relais/inbox"
	"relais/reason"
	"relais/sms"
)

// refuseOptedOut takes those who said STOP out of a marketing submission.
func (g *Gateway) refuseOptedOut(ctx context.Context, s *Submission, result *Result) error {
	if !inbox.HoldsBack(s.Class) || len(result.Messages) == 0 {
		return nil
	}
	numbers := make([]sms.Number, len(result.Messages))
	for i := range result.Messages {
		numbers[i] = result.Messages[i].To
	}
	out, err := g.store.OptedOut(ctx, s.Account, s.Sender, numbers)
	if err != nil {
		return unavailable(err)
	}
	result.Common = append(result.Common, decided(reason.Of(inbox.CodeNotListed, nil))...)
	if len(out) == 0 {
		return nil
	}
	kept := result.Messages[:0]
	for _, d := range result.Messages {
		entry, opted := out[d.To]
		if !opted {
			kept = append(kept, d)
			continue
		}
		result.Rejected = append(result.Rejected, Refusal{Index: d.index, To: s.To[d.index], Reason: entry.Reason()})
	}
	result.Messages = kept
	return nil
}
