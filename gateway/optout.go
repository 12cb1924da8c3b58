package gateway

import (
	"context"
	"time"

	"relais/inbox"
	"relais/reason"
	"relais/sms"
)

// ChangeOptOuts puts numbers on an account's list or takes them off. Changes
// need no ID. It returns how many changed anything.
func (g *Gateway) ChangeOptOuts(ctx context.Context, changes []inbox.OptOutChange) (int, error) {
	now := g.now()
	for i := range changes {
		changes[i].ID, changes[i].At = sms.NewID(now), now
	}
	made, err := g.store.ChangeOptOuts(ctx, changes)
	if err != nil {
		return 0, unavailable(err)
	}
	if made > 0 {
		g.told()
	}
	return made, nil
}

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
	result.Common = append(result.Common, decision("opt_out", said{
		"The person is not on the list of those who said STOP.", "La personne n'est pas sur la liste de ceux qui ont dit STOP.",
	}))
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
		result.Rejected = append(result.Rejected, Refusal{Index: d.index, To: s.To[d.index], Reason: reason.Written("opted_out", optedOutSentence(entry).english, optedOutSentence(entry).french)})
	}
	result.Messages = kept
	return nil
}

func optedOutSentence(o inbox.OptOut) said {
	since, source := o.Since.UTC().Format(time.RFC3339), string(o.Source)
	if o.Provisional {
		return say("The person gets no marketing since %s: a reply may be a STOP, and nobody has decided yet.",
			"La personne ne reçoit plus de publicité depuis le %s : une réponse est peut-être un STOP, et personne n'a encore décidé.", since)
	}
	if o.Sender != "" {
		return say("The person gets no marketing from this sender since %s (%s).",
			"La personne ne reçoit plus de publicité de cet expéditeur depuis le %s (%s).", since, source)
	}
	return say("The person gets no marketing since %s (%s).", "La personne ne reçoit plus de publicité depuis le %s (%s).", since, source)
}

// OptedOut is the transition of a marketing message whose recipient said STOP
// while it waited.
func OptedOut(m *sms.Message, o inbox.OptOut, now time.Time) *sms.Transition {
	return &sms.Transition{
		Account: m.Account, ID: m.ID, From: sms.Queued, Attempt: m.Attempt, To: sms.Rejected,
		Event: sms.Event{
			At: now, Status: sms.Rejected, Actor: "gateway", Code: "opted_out", Detail: reason.Verbatim(optedOutSentence(o).english), Attempt: m.Attempt,
		},
	}
}
