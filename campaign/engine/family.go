package engine

import (
	"context"
	"time"

	"relais/campaign/ledger"
	"relais/sms"
)

// startAnew takes from what a campaign is what was meant for its own time.
func startAnew(c ledger.Content) ledger.Content {
	c.StartAt = time.Time{}
	return c
}

// numbers is a set of numbers in E.164, of fifteen digits at most.
type numbers map[uint64]struct{}

func digits(n sms.Number) (packed uint64) {
	for i := range len(n) {
		if d := n[i]; d >= '0' && d <= '9' {
			packed = packed*10 + uint64(d-'0')
		}
	}
	return packed
}

func (s numbers) add(n sms.Number) {
	if n.Known() {
		s[digits(n)] = struct{}{}
	}
}

func (s numbers) has(n sms.Number) bool {
	_, found := s[digits(n)]
	return found
}

// family are the campaigns that go on from each other with one, which is not among them: those
// that nobody writes any more.
func (d *Desk) family(ctx context.Context, c *ledger.Campaign) (all []ledger.Campaign, err error) {
	root := c.Options.From.Root
	if root.IsZero() {
		root = c.ID
	}
	const page = 200
	q := ledger.Query{Account: c.Account, Limit: page}
	for more := true; more; {
		var found []ledger.Campaign
		if found, more, err = d.Campaigns(ctx, q); err != nil {
			return nil, err
		}
		for _, one := range found {
			related := one.ID == root || one.Options.From.Root == root
			if related && one.ID != c.ID && (!one.Status.Editable() || one.Status == ledger.Scheduled) {
				all = append(all, one)
			}
			q.Before, more = one.ID, more && one.ID != root // which is the oldest
		}
	}
	return all, nil
}

// servedElsewhere are the numbers that have, or may have, a message of another campaign of the
// family.
func (d *Desk) servedElsewhere(ctx context.Context, c *ledger.Campaign) (numbers, error) {
	family, err := d.family(ctx, c)
	all := numbers{}
	for i := 0; i < len(family) && err == nil; i++ {
		err = d.serve(ctx, &family[i], all)
	}
	return all, err
}

// serve adds the numbers that have, or may have, a message of a campaign.
func (d *Desk) serve(ctx context.Context, c *ledger.Campaign, all numbers) error {
	const page = 1000
	q := ledger.RowQuery{Account: c.Account, Campaign: c.ID, Limit: page}
	for more := true; more; {
		var found []ledger.Row
		var err error
		if found, more, err = d.Rows(ctx, q); err != nil {
			return err
		}
		for i := range found {
			if row := &found[i]; row.State != ledger.Skipped && !lostFor(row) {
				all.add(row.Number)
			}
			q.After = found[i].Row
		}
	}
	return nil
}

// leftOut are the numbers that a check leaves out: of a mended table whoever any other campaign
// of the family reached, of a retry whoever one did beside that whose rows it has.
func (d *Desk) leftOut(ctx context.Context, c *ledger.Campaign) (numbers, error) {
	from := c.Options.From
	if from.Campaign.IsZero() {
		return nil, nil
	}
	family, err := d.family(ctx, c)
	all := numbers{}
	for i := 0; i < len(family) && err == nil; i++ {
		if !from.Retry || family[i].ID != from.Campaign {
			err = d.serve(ctx, &family[i], all)
		}
	}
	return all, err
}

// goneOn reports whether another campaign of the family was started since one was checked: what
// its check left out is no longer all.
func (d *Desk) goneOn(ctx context.Context, c *ledger.Campaign) (bool, error) {
	if c.Options.From.Campaign.IsZero() {
		return false, nil
	}
	family, err := d.family(ctx, c)
	if err != nil {
		return false, err
	}
	for i := range family {
		events, err := d.Store.CampaignEvents(ctx, c.Account, family[i].ID)
		if err != nil {
			return false, explained(*c, err)
		}
		for _, e := range events {
			begins := e.Status == ledger.Scheduled || e.Status == ledger.Running
			if begins && !e.At.Before(c.CheckedAt) {
				return true, nil
			}
			if begins { // it goes on; the check has seen its rows
				break
			}
		}
	}
	return false, nil
}
