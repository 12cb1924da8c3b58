package smpp

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"relais/gateway"
	"relais/inbox"
	"relais/sms"
)

// ReplyEndpoints are where a reply goes: to the clients of its account that want it.
func (d *Door) ReplyEndpoints(ctx context.Context, in *inbox.Inbound) (all []sms.ID, err error) {
	for _, name := range slices.Sorted(maps.Keys(d.clients)) {
		c := d.clients[name]
		wants, err := d.wants(ctx, c, in)
		if err != nil {
			return nil, err
		}
		if !wants {
			continue
		}
		id, err := d.endpointOf(ctx, c)
		if err != nil {
			return nil, err
		}
		all = append(all, id)
	}
	return all, nil
}

func (d *Door) wants(ctx context.Context, c *client, in *inbox.Inbound) (bool, error) {
	switch {
	case c.Account != in.Account, c.Replies == repliesNone:
		return false, nil
	case c.Replies == repliesOfAccount:
		return true, nil
	case in.Message.IsZero():
		return false, nil
	}
	m, err := d.Store.Message(ctx, in.Account, in.Message)
	if errors.Is(err, gateway.ErrNotFound) {
		return false, nil
	}
	return err == nil && m.Actor == c.actor, err
}

// minute is a moment as receipts write it (3.4, appendix B).
func (d *Door) minute(at time.Time) string { return at.In(d.Zone).Format("0601021504") }
