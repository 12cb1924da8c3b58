package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"relais/connector"
	"relais/inbox"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// newInbox makes the inbox, with what it needs of the line.
func (g *Gateway) newInbox(o Options) *inbox.Inbox {
	return inbox.New(inbox.Options{
		Store: o.Store, Rules: o.ReplyRules, Endpoint: o.Endpoint,
		Endpoints: o.ReplyEndpoints, Answers: answers{g},
		Hidden: func(account string, n sms.Number) sms.Number { return g.Persons.Hidden(account, n) },
		Account: func(name string) inbox.Account {
			a := g.account(name)
			return inbox.Account{
				Region: a.Region, PerSender: a.OptOutPerSender, StopWords: a.StopWords,
				StopConfirmation: a.StopConfirmation,
			}
		},
		Told: func() { g.told() }, Unavailable: unread, Conflict: conflict, Idle: g.idle,
		Metrics: o.Metrics.inbox,
		Traces:  o.Traces, Log: o.Log, Now: g.now,
	})
}

// unread turns a failure of the store into a refusal. "Not found" is no failure.
func unread(err error) error {
	if errors.Is(err, ErrNotFound) {
		return err
	}
	return unavailable(err)
}

// answers sends texts back to handsets, for the inbox.
type answers struct{ g *Gateway }

// Answered implements inbox.Answers.
func (a answers) Answered(
	ctx context.Context, account string, to sms.Number, name string, since time.Time,
) (bool, error) {
	before, _, err := a.g.store.Search(ctx,
		search.Query{Account: account, To: to, Reference: name, Since: since, Limit: 1})
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

// Errors of Callback.
var (
	// ErrNoCallback is returned for an instance that is not there, or whose
	// operator pushes nothing.
	ErrNoCallback = errors.New("no such callback")
	// ErrUnreadable is returned for a push that is none of the operator's.
	ErrUnreadable = errors.New("the push cannot be read")
)

// Callback takes what an operator pushes to an instance. r holds the path
// behind the secret, and a whole body. When Callback returns nil everything is
// on disk, and may be acknowledged.
func (g *Gateway) Callback(
	ctx context.Context, instance string, r *http.Request,
) (connector.Acknowledgement, error) {
	l := g.lanes.Get(instance)
	if l == nil || l.Caps.NewsParser == nil {
		return connector.Acknowledgement{}, ErrNoCallback
	}
	news, err := l.Guard.ParseNews(r)
	if err != nil {
		g.metrics.refusedPushes.WithLabelValues(l.Name).Inc()
		g.log.Warn("a push of an operator was refused", "connector", l.Name, "error", err)
		return connector.Acknowledgement{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if news.Unread != nil { // the operator is told that it was taken: only here is it known
		g.metrics.refusedPushes.WithLabelValues(l.Name).Inc()
		g.log.Warn("a part of an operator's push was not read", "connector", l.Name, "error", news.Unread)
	}
	err = l.Take(ctx, news, true)
	if errors.Is(err, inbox.ErrNoNumber) {
		return connector.Acknowledgement{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return news.Acknowledgement, err
}

// refuseOptedOut drops the recipients of a marketing submission who said STOP.
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
	result.dropOptedOut(s, out)
	return nil
}

// dropOptedOut drops the recipients who are among those that opted out.
func (r *Result) dropOptedOut(s *Submission, out map[sms.Number]inbox.OptOut) {
	if len(out) == 0 {
		return
	}
	kept := r.Messages[:0]
	for _, d := range r.Messages {
		entry, opted := out[d.To]
		if !opted {
			kept = append(kept, d)
			continue
		}
		r.Rejected = append(r.Rejected,
			Refusal{Index: d.index, To: s.To[d.index], Reason: entry.Reason()})
	}
	r.Messages = kept
}
