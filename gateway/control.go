package gateway

import (
	"context"
	"errors"

	"relais/lane"
	"relais/person"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// codeCanceled is the code of the event that a caller makes by canceling.
const codeCanceled = "canceled_by_caller"

// Cancel ends a message that waits. m is the message as the caller sees it; one
// that a lane has claimed meanwhile, or that has ended, is a Conflict.
func (g *Gateway) Cancel(ctx context.Context, m sms.Message, actor sms.Actor) error {
	if m.Status == sms.Queued {
		settled, err := g.store.Settle(ctx, []sms.Transition{{
			Account: m.Account, ID: m.ID, From: sms.Queued, Attempt: m.Attempt, To: sms.Canceled,
			Event: sms.Event{
				At: g.now(), Status: sms.Canceled, Actor: actor,
				Code: codeCanceled, Attempt: m.Attempt,
			},
		}})
		if settled.Applied == 1 {
			g.backlog.messages.Add(-1) // also where the audit could not be written
		}
		if err != nil {
			return unavailable(err)
		}
		if settled.Applied == 1 {
			return nil
		}
	}
	return &Error{Kind: Conflict, Reason: reason.Of(codeNotCancelable, nil)}
}

// Resolve settles a message in doubt by a person's word. m is the message as the
// person sees it; one that is not in doubt is a Conflict.
func (g *Gateway) Resolve(ctx context.Context, m sms.Message, r lane.Resolution, actor sms.Actor) error {
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
	return &Error{Kind: Conflict, Reason: reason.Of(codeNotUncertain,
		reason.Args{"status": reason.Name(m.Status)})}
}

// persons makes the room for the rights of people, with what it needs of the line.
func (g *Gateway) persons(o Options) *person.Persons {
	return person.New(person.Options{
		Store: o.Store, Retentions: o.Retentions, Pseudonym: o.Pseudonym, HistoryMonths: o.HistoryMonths,
		Find: theirs{g}.find, Cancel: theirs{g}.cancel,
		Unavailable: func(err error) error { return unavailable(err) },
		Conflict:    conflict,
		Purged:      o.Metrics.purged, Log: o.Log, Clock: o.Clock,
	})
}

// conflict refuses what does not fit the present state.
func conflict(r reason.Reason) error {
	return &Error{Kind: Conflict, Reason: r}
}

// theirs finds and cancels the messages of a person.
type theirs struct{ g *Gateway }

// find finds messages to a number, or to the pseudonym that stands for it.
func (t theirs) find(
	ctx context.Context, account string, to []sms.Number, status sms.Status, limit int,
) ([]sms.Message, error) {
	found, _, err := t.g.store.Search(ctx,
		search.Query{Account: account, To: to[0], Hidden: to[1], Status: status, Limit: limit})
	return found, err
}

// cancel cancels a message, and leaves alone one that is no longer queued.
func (t theirs) cancel(ctx context.Context, m sms.Message, actor sms.Actor) (canceled bool, err error) {
	err = t.g.Cancel(ctx, m, actor)
	if refusal, ok := errors.AsType[*Error](err); ok && refusal.Kind == Conflict {
		return false, nil
	}
	return err == nil, err
}
