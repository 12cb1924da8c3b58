package gateway

import (
	"context"
	"errors"
	"time"

	"relais/inbox"
	"relais/sms"
)

// newInbox makes what takes the news of operators, with what it needs of the line.
func (g *Gateway) newInbox(o Options) *inbox.Inbox {
	return inbox.New(inbox.Options{
		Store: o.Store, Rules: o.ReplyRules, Endpoint: o.Endpoint, Endpoints: o.ReplyEndpoints, Answers: answers{g},
		Account: func(name string) inbox.Account {
			a := g.account(name)
			return inbox.Account{
				Region: a.Region, PerSender: a.OptOutPerSender, StopWords: a.StopWords, StopConfirmation: a.StopConfirmation,
			}
		},
		Told: func() { g.told() }, Unavailable: unread, Conflict: conflict, Idle: g.idle,
		Metrics: inbox.Metrics{Receipts: o.Metrics.receipts, Inbounds: o.Metrics.inbounds},
		Traces:  o.Traces, Log: o.Log, Now: g.now,
	})
}

// unread is the refusal for a store that failed; what is not there is no failure.
func unread(err error) error {
	if errors.Is(err, ErrNotFound) {
		return err
	}
	return unavailable(err)
}

// answers are the texts that the inbox sends back.
type answers struct{ g *Gateway }

// Answered implements inbox.Answers.
func (a answers) Answered(
	ctx context.Context, account string, to sms.Number, name string, since time.Time,
) (bool, error) {
	before, _, err := a.g.store.Search(ctx, Query{Account: account, To: to, Reference: name, Since: since, Limit: 1})
	return len(before) > 0, err
}

// Answer implements inbox.Answers.
func (a answers) Answer(ctx context.Context, in *inbox.Inbound, t inbox.Text) (refused, err error) {
	_, err = a.g.Submit(ctx, Submission{
		Account: in.Account, Actor: t.Actor, To: []string{string(in.From)}, Text: t.Text,
		Class: sms.Transactional, Connector: in.Connector, Reference: t.Name,
		Key: &IdempotencyKey{Key: t.Name + ":" + in.ID.String()},
	}, func(*Result) ([]byte, error) { return []byte("{}"), nil })
	if refusal, ok := errors.AsType[*Error](err); ok && refusal.Kind != Invalid && refusal.Kind != Conflict {
		return nil, err
	}
	return err, nil
}
