package gateway

import (
	"context"
	"errors"

	"relais/person"
	"relais/reason"
	"relais/sms"
)

// persons keep what was promised to people, with what they need of the line.
func (g *Gateway) persons(o Options) *person.Persons {
	return person.New(person.Options{
		Store: o.Store, Retentions: o.Retentions, Pseudonym: o.Pseudonym, HistoryMonths: o.HistoryMonths,
		Find: g.messagesTo, Cancel: g.cancelQueued,
		Unavailable: func(err error) error { return unavailable(err) },
		Conflict:    conflict,
		Purged:      o.Metrics.purged, Log: o.Log, Clock: o.Clock,
	})
}

// conflict refuses what does not fit the present state.
func conflict(r reason.Reason) error {
	return &Error{Kind: Conflict, Reason: r}
}

// messagesTo finds messages to a number, or to the pseudonym that stands for it.
func (g *Gateway) messagesTo(
	ctx context.Context, account string, to []sms.Number, status sms.Status, limit int,
) ([]sms.Message, error) {
	found, _, err := g.store.Search(ctx, Query{Account: account, To: to[0], Hidden: to[1], Status: status, Limit: limit})
	return found, err
}

// cancelQueued cancels a message, and leaves alone one that is no longer queued.
func (g *Gateway) cancelQueued(ctx context.Context, m sms.Message, actor string) (canceled bool, err error) {
	err = g.Cancel(ctx, m, actor)
	if refusal, ok := errors.AsType[*Error](err); ok && refusal.Kind == Conflict {
		return false, nil
	}
	return err == nil, err
}
