package gateway

import (
	"context"
	"errors"

	"relais/inbox"
	"relais/reason"
)

// DecideReply takes a person's word on a reply that may be a STOP: that it is one, or a
// mere reply. ErrNotFound is a reply that the account does not have. The same word again changes nothing. A STOP that was confirmed stays; only
// the person's consent takes the number off the list.
func (g *Gateway) DecideReply(ctx context.Context, d inbox.ReplyDecision) (inbox.Inbound, error) {
	d.At, d.PerSender = g.now(), g.account(d.Account).OptOutPerSender
	in, err := g.store.DecideReply(ctx, d)
	switch {
	case errors.Is(err, ErrNotFound):
		return in, err
	case errors.Is(err, inbox.ErrPlainReply):
		return in, &Error{Kind: Conflict, Reason: reason.Written("reply_not_unsure", "Nobody has to decide about this reply: only those with the intent unsure wait for it. PUT and DELETE /v1/opt-outs/{number} change the suppression list.", "Il n'y a rien à décider de cette réponse : seules celles dont l'intention est unsure attendent. PUT et DELETE /v1/opt-outs/{number} changent la liste d'opposition.")}
	case errors.Is(err, inbox.ErrDecided):
		return in, &Error{Kind: Conflict, Reason: reason.Written("reply_decided", "This reply was confirmed as a STOP. With the person's consent, DELETE /v1/opt-outs/{number} takes the number off the list.", "Cette réponse a été confirmée comme un STOP. Avec l'accord de la personne, DELETE /v1/opt-outs/{number} retire le numéro de la liste.")}
	case err != nil:
		return in, unavailable(err)
	}
	g.told()
	return in, nil
}
