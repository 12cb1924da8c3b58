package engine

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/duty"
	"relais/gateway"
	"relais/internal/bell"
	"relais/sms"
)

// Gateway makes messages of rows. They take the ordinary way in.
type Gateway interface {
	Forecaster
	Preview(ctx context.Context, s gateway.Submission, at time.Time) (*gateway.Result, error)
	SubmitBatch(
		ctx context.Context, b gateway.Batch, answer func([]gateway.Outcome) ([]byte, error),
	) (*gateway.BatchResult, error)
	Withdraw(ctx context.Context, messages []sms.Message, code string) error
}

// Feeder works on campaigns: it checks them, feeds their rows to the gateway, and follows
// what becomes of them. One node does it at a time; what another one would do meanwhile the
// ledger refuses.
type Feeder struct {
	Desk    *Desk
	Gateway Gateway
	Log     *slog.Logger

	duty   *duty.Duty
	checks bell.Bell
	feeds  bell.Bell

	leads   leads
	courses map[sms.ID]*course // of campaigns that were started; the loop that feeds has it
	states  map[sms.ID]*state
}

// NewFeeder makes the one of a desk. The gateway is given to it before it works.
func NewFeeder(d *Desk) *Feeder {
	f := &Feeder{
		Desk: d, Log: d.Log, checks: bell.New(), feeds: bell.New(), courses: map[sms.ID]*course{},
		leads: leads{has: map[sms.ID]int64{}}, states: map[sms.ID]*state{},
	}
	d.Rouse = func() {
		f.checks.Ring()
		f.feeds.Ring()
	}
	f.duty = &duty.Duty{Name: "campaigns", Chores: []duty.Chore{
		{Name: "checks", Every: look, On: "a campaign", Loop: f.checkAll},
		{Name: "feed", Every: look, On: "a campaign", Loop: f.feedAll},
	}}
	return f
}

// look is how long a chore sleeps at most: what other nodes start tells it nothing.
const look = time.Second

// Duty is the work, for the list of chores.
func (f *Feeder) Duty() *duty.Duty { return f.duty }

// checkAll checks campaigns, one after the other, and forgets those that were dropped.
func (f *Feeder) checkAll(ctx context.Context) {
	defer f.Desk.Metrics.leave(ledger.Checking)
	for ctx.Err() == nil {
		f.forgetAll(ctx)
		f.each(ctx, ledger.Checking, func(*ledger.Campaign) bool { return true }, f.check)
		if _, err := f.checks.WaitAtMost(ctx, look); err != nil {
			return
		}
	}
}

// feedAll works on the campaigns that were started, a turn for each, again and again. Those
// that were paused or canceled come first.
func (f *Feeder) feedAll(ctx context.Context) {
	defer f.Desk.Metrics.leave(ledger.Awaiting, ledger.Scheduled, ledger.Paused, ledger.Canceling, ledger.Running, ledger.Finishing)
	for ctx.Err() == nil {
		wait := look
		feed := func(ctx context.Context, c *ledger.Campaign, claim ledger.Claim) error {
			next, err := f.feed(ctx, c, claim)
			wait = min(wait, next)
			return err
		}
		some := func(c *ledger.Campaign) bool { return c.Counts.Taken > 0 }
		f.each(ctx, ledger.Awaiting, never, f.begin) // people have to do something, the gateway counts them
		f.each(ctx, ledger.Scheduled, f.due, f.begin)
		f.each(ctx, ledger.Paused, some, f.withdraw)
		f.each(ctx, ledger.Canceling, always, f.cancel)
		f.each(ctx, ledger.Running, always, feed)
		f.each(ctx, ledger.Finishing, always, f.finish)
		if _, err := f.feeds.WaitAtMost(ctx, wait); err != nil {
			return
		}
	}
}

func always(*ledger.Campaign) bool { return true }
func never(*ledger.Campaign) bool  { return false }

// each works on the campaigns in a status that have something to be done. What fails is
// tried again in the next round.
func (f *Feeder) each(
	ctx context.Context, status ledger.Status, wants func(*ledger.Campaign) bool,
	work func(context.Context, *ledger.Campaign, ledger.Claim) error,
) {
	found, err := f.Desk.Store.Active(ctx, status)
	if err != nil {
		if ctx.Err() == nil {
			f.Log.Error("campaigns cannot be read", "error", err)
		}
		return
	}
	f.Desk.Metrics.stand(status, found, f.Desk.Now())
	for i := range found {
		c := &found[i]
		fence, ours := f.duty.Held()
		if !ours || ctx.Err() != nil {
			return
		}
		if !wants(c) {
			continue
		}
		claim := ledger.Claim{Account: c.Account, Campaign: c.ID, Version: c.Version, Fence: fence}
		err := f.lead(ctx, claim)
		if err == nil {
			err = work(ctx, c, claim)
		}
		if err != nil {
			f.leave(c.ID)
		}
		// Somebody moved it, or another node works on it: the next round sees.
		if err != nil && !errors.Is(err, ledger.ErrStopped) && !errors.Is(err, ledger.ErrStatus) &&
			!errors.Is(err, ledger.ErrTaken) {
			f.failed(ctx, c, err)
		}
	}
}

func (f *Feeder) failed(ctx context.Context, c *ledger.Campaign, err error) {
	if ctx.Err() == nil {
		f.Log.Error("a campaign does not go on", "campaign", c.ID, "error", err)
	}
}

// moveBy moves a campaign by the gateway itself.
func (f *Feeder) moveBy(ctx context.Context, c *ledger.Campaign, m ledger.Move) error {
	m.Mark = f.Desk.mark(sms.ActorGateway)
	_, err := f.Desk.Store.MoveCampaign(ctx, c.Account, c.ID, m)
	f.Desk.moved(&m, err)
	return err
}

// submission is the message of a row.
func submission(c *ledger.Campaign, row *ledger.Row) (gateway.Submission, error) {
	text := row.Text
	if text == "" {
		var err error
		if text, err = campaign.Plain(c.Text, c.Options.GSM); err != nil {
			return gateway.Submission{}, err
		}
	}
	s := gateway.Submission{
		Account: c.Account, Actor: actorOf(c), To: []string{string(row.Number)}, Text: text, Sender: c.Sender,
		Class: c.Class, Connector: c.Connector, Reference: row.Reference, Metadata: map[string]string{},
	}
	if err := fill(&c.Options.Order, &s); err != nil {
		return s, err
	}
	s.Metadata["campaign"], s.Metadata["row"] = c.ID.String(), strconv.Itoa(row.Row)
	return s, nil
}

// actorOf is who a campaign sends as, before somebody started it.
func actorOf(c *ledger.Campaign) sms.Actor {
	if c.StartedBy != "" {
		return c.StartedBy
	}
	return c.CreatedBy
}
