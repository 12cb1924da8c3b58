package engine

import (
	"context"
	"errors"
	"io"
	"slices"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/contact"
	"relais/merge"
	"relais/reason"
	"relais/sms"
)

// Lists are people who get texts again and again.
type Lists interface {
	// List returns one, or contact.ErrUnknown.
	List(ctx context.Context, account string, id sms.ID) (contact.List, error)
	// Read returns a list as a table, which is written as it is read, until it is closed.
	Read(ctx context.Context, account string, id sms.ID) (contact.List, io.ReadCloser, error)
}

// PutList makes a copy of a list the file of a campaign, so that its audience stands still while
// the list goes on. seen is the version that it is for; 0: the present one.
func (d *Desk) PutList(
	ctx context.Context, account string, id sms.ID, seen int, of sms.ID, by sms.Actor,
) (ledger.Campaign, error) {
	c, err := d.editable(ctx, account, id, seen)
	if err != nil {
		return c, err
	}
	list, table, err := d.Lists.Read(ctx, account, of)
	if err != nil {
		return c, noList(err)
	}
	defer table.Close()
	if c, err = d.Change(ctx, account, id, c.Version, readAs(c.Content, &list.Shape), by); err != nil {
		return c, err
	}
	file := ledger.File{Name: list.Name + ".csv", List: list.ID}
	return d.putFile(ctx, account, id, c.Version, file, table, by)
}

// noList refuses a list that gives no table.
func noList(err error) error {
	wrong, mendable := errors.AsType[*contact.Error](err)
	switch {
	case mendable:
		return refused("/list", wrong.Reason.Code, wrong.Reason.Args)
	case errors.Is(err, contact.ErrUnknown):
		return refused("/list", contact.CodeMissing, nil)
	}
	return err
}

// readAs is a campaign that reads the table of a list or of a group, whatever it read before.
func readAs(c ledger.Content, shape *contact.Shape) ledger.Content {
	o := &c.Options
	o.Column, o.Header, o.Region, o.Sheet, o.Hidden = shape.Phone, 1, "", "", false
	o.Encoding, o.Separator = "utf-8", ";"
	named := func(name string) bool { return merge.Fold(name) == merge.Fold(o.Reference) }
	if !named(shape.Key) && !slices.ContainsFunc(shape.Fields, named) {
		o.Reference = ""
	}
	return c
}

// Codes of what is said of the list of a campaign.
const (
	codeNoPurpose reason.Code = "list_without_purpose"
	codeNoSource  reason.Code = "list_without_source"
)

// askPurpose warns of advertising to a list of which nobody wrote down what its people agreed to,
// or where they come from.
func (k *checking) askPurpose(ctx context.Context, report *campaign.Report) error {
	of := k.campaign.Options.List
	if of.IsZero() || k.campaign.Class != sms.Marketing {
		return nil
	}
	list, err := k.Desk.Lists.List(ctx, k.campaign.Account, of)
	switch {
	case errors.Is(err, contact.ErrUnknown):
		return nil // it was dropped since
	case err != nil:
		return err
	}
	warn := func(code reason.Code) {
		why := reason.Of(code, reason.Args{"name": reason.Name(list.Name)})
		report.Warnings = append(report.Warnings, campaign.Said{Code: why.Code.Wire(), Reason: why})
	}
	if list.Purpose == "" {
		warn(codeNoPurpose)
	}
	if list.Source == "" {
		warn(codeNoSource)
	}
	return nil
}
