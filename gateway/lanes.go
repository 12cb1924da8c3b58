package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"relais/connector"
	"relais/inbox"
	"relais/lane"
	"relais/reason"
	"relais/sms"
)

// openLanes makes the lanes of the connectors.
func (g *Gateway) openLanes(o *Options) error {
	second := &chances{o.Store, g.backlog, g.metrics, o.ReceiptTimes, g.log, g.now}
	g.lanes = lane.NewSet(lane.Options{
		Store: o.Store, Inbox: operators{g.Inbox}, Health: o.Health, ReceiptTimes: o.ReceiptTimes,
		ResendCodes: o.ResendCodes, Currency: g.currency, SecondChance: second.give, Told: g.told,
		Fallbacks: len(o.Rules) > 0, LookEvery: o.LookEvery,
		Account: func(name string) lane.Account {
			account := g.account(name)
			return lane.Account{Weight: account.Weight, Policy: account.Policy}
		},
		Waiting: func(messages int) { g.backlog.messages.Add(int64(messages)) },
		Roster:  g.roster, Metrics: g.metrics.lanes, Traces: o.Traces, Log: o.Log, Now: g.now,
	})
	g.backlog.lanes = g.lanes
	for _, i := range o.Instances {
		if g.lanes.Get(i.Name) != nil {
			return fmt.Errorf("two connectors have the name %q", i.Name)
		}
		if err := i.CheckTariff("its operator"); err != nil {
			return err
		}
		g.metrics.begin(g.lanes.Add(i))
	}
	return nil
}

// operators is the inbox of the lanes.
type operators struct{ inbox *inbox.Inbox }

// Take stores what an operator told, then lets others know.
func (o operators) Take(ctx context.Context, l *lane.Lane, news connector.News, pushed bool) error {
	received, err := o.inbox.Accept(ctx, inbox.Teller{Connector: l.Name, Owner: l.Owner}, news, pushed)
	if errors.Is(err, inbox.ErrNoNumber) {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if err == nil {
		l.ReceiptsCame(received.Moved)
	}
	return err
}

// Connectors describes every connector, in the order of the configuration, then
// those that messages wait for and that are missing. What waits is that of
// every account.
func (g *Gateway) Connectors(ctx context.Context) ([]lane.Description, error) {
	backlog, err := g.store.Backlog(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	unmatched, err := g.store.UnmatchedReceipts(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	return g.lanes.Describe(ctx, backlog, unmatched), nil
}

// Reassign moves the queued messages of an account from one connector to another.
func (g *Gateway) Reassign(ctx context.Context, r lane.Reassignment) (done lane.Reassigned, err error) {
	if !g.HasConnector(r.To) || r.From == r.To {
		return done, refusedFor("/to",
			reason.Of(codeNoOtherConnector, reason.Args{"connectors": reason.Names(g.lanes.Names())}))
	}
	if done, err = g.lanes.Reassign(ctx, r); err != nil {
		err = unavailable(err)
	}
	return done, err
}

// MissingConnectors are those that messages waited for when they were last counted,
// and that the configuration does not have.
func (g *Gateway) MissingConnectors() []string {
	return g.backlog.missing()
}

// HasConnector reports whether the configuration has a connector.
func (g *Gateway) HasConnector(name string) bool { return g.lanes.Get(name) != nil }

// CodeSecondChance tells of a code that was sent once more.
const (
	CodeSecondChance reason.Code = "second_chance"

	phraseChance   reason.Code = "words/second_chance"
	phraseNoChance reason.Code = "words/second_chance_none"
)

// chanceStore keeps a message that was made of another.
type chanceStore interface {
	SecondChance(
		ctx context.Context, first sms.Message, again *Draft, note sms.Event, until time.Time,
	) (made bool, err error)
}

// chances send codes once more that had no receipt.
type chances struct {
	store   chanceStore
	backlog *backlog
	metrics *Metrics
	within  lane.ReceiptTimes
	log     *slog.Logger
	now     func() time.Time
}

// give sends the text once more through another connector, as a
// message of its own: the first one may still arrive, and keeps its own life.
func (c *chances) give(ctx context.Context, m sms.Message, to string) {
	now := c.now()
	note := sms.Event{
		At: now, Status: sms.Submitted, Actor: "gateway", Code: "second_chance", Attempt: m.Attempt,
		Detail: reason.Of(phraseNoChance, reason.Args{"time": reason.Duration(m.Chance)}),
	}
	var again *Draft
	if to != "" {
		again = &Draft{Message: m}
		again.ID, again.Connector, again.Routes, again.Chance = sms.NewID(now), to, nil, 0
		again.Status, again.Reason, again.Attempt, again.ProviderID = sms.Queued, "accepted", 0, ""
		again.DueAt, again.SubmittedAt, again.ReceiptBy, again.UpdatedAt = now, time.Time{}, time.Time{}, now
		again.Decisions = []reason.Reason{reason.Of(CodeSecondChance, reason.Args{
			"message": reason.Name(m.ID.String()), "connector": reason.Name(m.Connector),
			"time": reason.Duration(m.Chance),
		})}
		c.price(again)
		note.Detail = reason.Of(phraseChance, reason.Args{
			"time": reason.Duration(m.Chance), "connector": reason.Name(to),
			"message": reason.Name(again.ID.String()),
		})
	}
	made, err := c.store.SecondChance(ctx, m, again, note, m.SubmittedAt.Add(c.within.Within(m.Class)))
	if err != nil {
		c.log.Error("cannot give a message its second chance", "error", err)
		return
	}
	if made && again != nil {
		c.backlog.messages.Add(1)
		c.metrics.secondChances.WithLabelValues(m.Connector).Inc()
		c.backlog.lanes.Get(to).Rouse()
	}
}

// price gives a message that was made of another, and goes by another
// connector, the price there.
func (c *chances) price(d *Draft) {
	t := c.backlog.lanes.Get(d.Connector).TermsOf(&d.Message, d.AcceptedAt)
	d.Price = t.Price().Of(d.Segments)
	d.Decisions = append(d.Decisions, decided(t.Price().Decision)...)
}
