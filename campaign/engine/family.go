package engine

import (
	"context"
	"time"

	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

// startAnew takes from what a campaign is what was meant for its own time.
func startAnew(c ledger.Content) ledger.Content {
	c.StartAt, c.Options.EndBy = time.Time{}, ""
	c.Options.Appointments.Complete, c.Options.Appointments.Many = false, false // said of one table
	return c
}

// numbers is a set of numbers.
type numbers struct {
	known  map[uint64]struct{} // in E.164, of fifteen digits at most
	hidden map[sms.Number]struct{}
	hide   func(sms.Number) sms.Number // gives what stands for a number that a retention hid
}

func (d *Desk) noNumbers(account string) *numbers {
	s := &numbers{known: map[uint64]struct{}{}, hidden: map[sms.Number]struct{}{}}
	if d.Hidden != nil {
		s.hide = func(n sms.Number) sms.Number { return d.Hidden(account, n) }
	}
	return s
}

func digits(n sms.Number) (packed uint64) {
	for i := range len(n) {
		if d := n[i]; d >= '0' && d <= '9' {
			packed = packed*10 + uint64(d-'0')
		}
	}
	return packed
}

// add reports whether has will find the number. Nothing is left of one whose person was erased.
func (s *numbers) add(n sms.Number) bool {
	switch {
	case n.Known():
		s.known[digits(n)] = struct{}{}
	case n != "" && n != sms.NoNumber:
		s.hidden[n] = struct{}{}
		return s.hide != nil
	}
	return true
}

func (s *numbers) has(n sms.Number) bool {
	if s == nil || !n.Known() {
		return false
	}
	_, found := s.known[digits(n)]
	if !found && len(s.hidden) > 0 {
		_, found = s.hidden[s.hide(n)]
	}
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
func (d *Desk) servedElsewhere(ctx context.Context, c *ledger.Campaign) (*numbers, error) {
	family, err := d.family(ctx, c)
	all := d.noNumbers(c.Account)
	for i := 0; i < len(family) && err == nil; i++ {
		err = d.serve(ctx, &family[i], all)
	}
	return all, err
}

// serve adds the numbers that have, or may have, a message of a campaign. Those that are hidden, and
// cannot be compared, are refused: else people get a second message without a word.
func (d *Desk) serve(ctx context.Context, c *ledger.Campaign, all *numbers) error {
	const page = 1000
	q := ledger.RowQuery{Account: c.Account, Campaign: c.ID, Limit: page}
	for more := true; more; {
		var found []ledger.Row
		var err error
		if found, more, err = d.Rows(ctx, q); err != nil {
			return err
		}
		for i := range found {
			row := &found[i]
			if row.State != ledger.Skipped && !lostFor(row) && !all.add(row.Number) {
				return conflict(reason.Of(codeForgotten, nil))
			}
			q.After = found[i].Row
		}
	}
	return nil
}

// leftOut are the numbers that a check leaves out: of a mended table whoever any other campaign
// of the family reached, of a retry whoever one did beside that whose rows it has.
func (d *Desk) leftOut(ctx context.Context, c *ledger.Campaign) (*numbers, error) {
	from := c.Options.From
	if from.Campaign.IsZero() || c.Options.Appointments.Any() { // a reminder is one of an appointment
		return nil, nil
	}
	d.starts.Lock() // one that is being started is among them, or begins after this check
	family, err := d.family(ctx, c)
	d.starts.Unlock()
	all := d.noNumbers(c.Account)
	for i := 0; i < len(family) && err == nil; i++ {
		if !from.Retry || family[i].ID != from.Campaign {
			err = d.serve(ctx, &family[i], all)
		}
	}
	return all, err
}

// goneOn reports whether another campaign of the family was started since the check of one began:
// what that check left out is no longer all. Whoever starts the one holds d.starts, so that of two
// that are started at once in this process one sees the other.
func (d *Desk) goneOn(ctx context.Context, c *ledger.Campaign) (bool, error) {
	if c.Options.From.Campaign.IsZero() {
		return false, nil
	}
	family, err := d.family(ctx, c)
	if err != nil {
		return false, err
	}
	events, err := d.Store.CampaignEvents(ctx, c.Account, c.ID)
	if err != nil {
		return false, explained(*c, err)
	}
	since := checkBegan(events)
	for i := range family {
		events, err := d.Store.CampaignEvents(ctx, c.Account, family[i].ID)
		if err != nil {
			return false, explained(*c, err)
		}
		if at := began(events); !at.IsZero() && !at.Before(since) {
			return true, nil
		}
	}
	return false, nil
}

// checkBegan is when the last check of a campaign began.
func checkBegan(events []ledger.Event) (at time.Time) {
	for _, e := range events {
		if e.Status == ledger.Checking && e.Why != ledger.Tested {
			at = e.At
		}
	}
	return at
}

// began is when a campaign was started or scheduled, after the last edit; zero: it was not. One that
// goes on after a pause began before.
func began(events []ledger.Event) (at time.Time) {
	for _, e := range events {
		switch {
		case e.Why == ledger.Tested:
		case e.Status == ledger.Draft:
			at = time.Time{}
		case at.IsZero() && (e.Status == ledger.Scheduled || e.Status == ledger.Running):
			at = e.At
		}
	}
	return at
}
