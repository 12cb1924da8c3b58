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

// Gateway makes messages.
type Gateway interface {
	Preview(ctx context.Context, s gateway.Submission, at time.Time) (*gateway.Result, error)
}

// Feeder works on campaigns: it checks them.
type Feeder struct {
	Desk    *Desk
	Gateway Gateway
	Log     *slog.Logger

	duty   *duty.Duty
	checks bell.Bell
}

// NewFeeder makes the one of a desk. The gateway is given to it before it works.
func NewFeeder(d *Desk) *Feeder {
	f := &Feeder{Desk: d, Log: d.Log, checks: bell.New()}
	d.Rouse = f.checks.Ring
	f.duty = &duty.Duty{Name: "campaigns", Chores: []duty.Chore{
		{Name: "checks", Every: look, On: "a campaign", Loop: f.checkAll},
	}}
	return f
}

// look is how long a chore sleeps at most: what other nodes start tells it nothing.
const look = time.Second

// Duty is the work, for the list of chores.
func (f *Feeder) Duty() *duty.Duty { return f.duty }

// checkAll checks campaigns, one after the other.
func (f *Feeder) checkAll(ctx context.Context) {
	for ctx.Err() == nil {
		f.each(ctx, ledger.Checking, f.check)
		if _, err := f.checks.WaitAtMost(ctx, look); err != nil {
			return
		}
	}
}

// each works on every campaign in a status. What fails is tried again in the next round.
func (f *Feeder) each(
	ctx context.Context, status ledger.Status, work func(context.Context, *ledger.Campaign, ledger.Claim) error,
) {
	found, err := f.Desk.Store.Active(ctx, status)
	if err != nil {
		f.failed(ctx, "campaigns cannot be read", err)
		return
	}
	for i := range found {
		c := &found[i]
		fence, ours := f.duty.Held()
		if !ours || ctx.Err() != nil {
			return
		}
		claim := ledger.Claim{Account: c.Account, Campaign: c.ID, Version: c.Version, Fence: fence}
		err := f.Desk.Store.Lead(ctx, claim)
		if err == nil {
			err = work(ctx, c, claim)
		}
		if err != nil && !errors.Is(err, ledger.ErrStopped) {
			f.failed(ctx, "a campaign does not go on", err)
		}
	}
}

func (f *Feeder) failed(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		f.Log.Error(what, "error", err)
	}
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
	return gateway.Submission{
		Account: c.Account, Actor: actorOf(c), To: []string{string(row.Number)}, Text: text, Sender: c.Sender,
		Class: c.Class, Connector: c.Connector, Reference: row.Reference,
		Metadata: map[string]string{"campaign": c.ID.String(), "row": strconv.Itoa(row.Row)},
	}, nil
}

// actorOf is who a campaign sends as, before somebody started it.
func actorOf(c *ledger.Campaign) sms.Actor {
	if c.StartedBy != "" {
		return c.StartedBy
	}
	return c.CreatedBy
}
