package engine

import (
	"context"

	"relais/campaign/ledger"
)

// forgetAll takes away what dropped drafts have: their file, their rows, themselves.
func (f *Feeder) forgetAll(ctx context.Context) {
	found, err := f.Desk.Store.Active(ctx, ledger.Dropped)
	for i := 0; err == nil && i < len(found); i++ {
		err = f.forget(ctx, &found[i])
	}
	if err != nil && ctx.Err() == nil {
		f.Log.Error("a dropped campaign cannot be forgotten", "error", err)
	}
}

func (f *Feeder) forget(ctx context.Context, c *ledger.Campaign) error {
	for {
		if _, ours := f.duty.Held(); !ours || ctx.Err() != nil {
			return ctx.Err()
		}
		gone, err := f.Desk.Store.ForgetCampaign(ctx, c.Account, c.ID)
		if gone || err != nil {
			return err
		}
	}
}
