package ovh

import (
	"cmp"
	"context"
	"slices"

	"relais/sms"
)

// step is how many numbers one transaction gives, so that a long list holds up
// nobody who writes.
const step = 500

// numberedIn gives numbers in steps.
func (d *Door) numberedIn(ctx context.Context, account string, ids []sms.ID) ([]Numbered, error) {
	all := make([]Numbered, 0, len(ids))
	for some := range slices.Chunk(ids, step) {
		numbered, err := d.Store.OVHNumbers(ctx, account, some)
		if err != nil {
			return nil, err
		}
		all = append(all, numbered...)
	}
	return all, nil
}

// Numbers are those by which an account's clients know messages.
func (d *Door) Numbers(ctx context.Context, account string, ids []sms.ID) ([]int64, error) {
	numbered, err := d.numberedIn(ctx, account, ids)
	numbers := make([]int64, len(numbered))
	for i, n := range numbered {
		numbers[i] = n.Number
	}
	return numbers, err
}

// shown are the numbers of messages, in ascending order, without those that were
// deleted. Older messages get the smaller numbers.
func (c *call) shown(found []sms.Message) ([]int64, error) {
	ids := make([]sms.ID, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	return c.numbersOf(ids)
}

func (c *call) numbersOf(ids []sms.ID) ([]int64, error) {
	slices.SortFunc(ids, func(a, b sms.ID) int { return slices.Compare(a[:], b[:]) })
	numbered, err := c.door.numberedIn(c.ctx(), c.app.Account, ids)
	if err != nil {
		return nil, err
	}
	all := make([]int64, 0, len(numbered))
	for _, n := range numbered {
		if !n.Gone {
			all = append(all, n.Number)
		}
	}
	slices.SortFunc(all, cmp.Compare)
	return all, nil
}
