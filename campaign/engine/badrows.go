package engine

import (
	"context"
	"io"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/reason"
	"relais/sms"
)

// BadRows writes the rows that are left out as a table that opens in the spreadsheet which
// the file came from, each with its reason. The whole file is judged anew.
func (d *Desk) BadRows(
	ctx context.Context, account string, id sms.ID, out io.Writer, l reason.Language,
) error {
	c, err := d.Campaign(ctx, account, id)
	if err != nil {
		return err
	}
	if c.File.SHA256 == "" {
		return noFile(&c)
	}
	return d.badRows(ctx, &c, out, l)
}

func (d *Desk) badRows(ctx context.Context, c *ledger.Campaign, out io.Writer, l reason.Language) error {
	book, err := d.open(ctx, c, &c.File)
	if err != nil {
		return unreadable(err)
	}
	o := d.options(c)
	layout, err := campaign.Look(book, o)
	if err != nil {
		return unreadable(err)
	}
	checker, err := campaign.NewChecker(layout, o)
	if err != nil {
		return err
	}
	bad, err := campaign.NewBadRows(out, layout, book.Separator, l)
	if err != nil {
		return err
	}
	_, err = checker.Check(ctx, book, bad.Row, func(int64, int64) {})
	return err
}
