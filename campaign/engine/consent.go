package engine

import (
	"context"
	"errors"
	"io"
	"strings"

	"relais/campaign/ledger"
	"relais/contact"
	"relais/reason"
	"relais/sms"
)

// Codes of campaigns to groups.
const (
	// CodeNoConsent is why a row gets no advertising: the person did not agree to the purpose, or
	// does not any more.
	CodeNoConsent reason.Code = "consent_missing"
	codePurposed  reason.Code = "campaign_purpose_missing"
)

// Groups are contacts under a name.
type Groups interface {
	// Read returns a group as a table, which is written as it is read, until it is closed; else
	// contact.ErrNoGroup or a *contact.Error.
	Read(ctx context.Context, account string, id sms.ID) (contact.Group, contact.Shape, io.ReadCloser, error)
	// Contact returns one, or contact.ErrNoContact.
	Contact(ctx context.Context, account string, n sms.Number) (contact.Contact, error)
}

// PutGroup makes a copy of a group the file of a campaign, so that its audience stands still while
// the group goes on. purpose is what it is for, of which advertising needs the consent of each. seen
// is the version that it is for; 0: the present one.
func (d *Desk) PutGroup(
	ctx context.Context, account string, id sms.ID, seen int, of sms.ID, purpose string, by sms.Actor,
) (ledger.Campaign, error) {
	c, err := d.editable(ctx, account, id, seen)
	if err != nil {
		return c, err
	}
	purpose = strings.TrimSpace(purpose)
	if !short(purpose) {
		return c, refused("/purpose", codeLetter, nil)
	}
	group, shape, table, err := d.Groups.Read(ctx, account, of)
	if err != nil {
		return c, noGroup(err)
	}
	defer table.Close()
	if c, err = d.Change(ctx, account, id, c.Version, readAs(c.Content, &shape), by); err != nil {
		return c, err
	}
	file := ledger.File{Name: group.Name + ".csv", Group: group.ID, Purpose: purpose}
	return d.putFile(ctx, account, id, c.Version, file, table, by)
}

// noGroup refuses a group that gives no table.
func noGroup(err error) error {
	wrong, mendable := errors.AsType[*contact.Error](err)
	switch {
	case mendable:
		return refused("/group", wrong.Reason.Code, wrong.Reason.Args)
	case errors.Is(err, contact.ErrNoGroup):
		return refused("/group", contact.CodeGroupMissing, nil)
	}
	return err
}

// asks reports whether a campaign goes to those alone who agreed to its purpose.
func asks(c *ledger.Campaign) bool {
	return !c.Options.Group.IsZero() && c.Class == sms.Marketing
}

// mayAsk refuses advertising to a group of which nobody says what it is for.
func mayAsk(c *ledger.Campaign) error {
	if asks(c) && contact.PurposeKey(c.Options.Purpose) == "" {
		return refused("/purpose", codePurposed, nil)
	}
	return nil
}

// unasked is why somebody with a number gets no message of a campaign; zero: they agreed to it, or
// nobody has to. What a person withdrew since the check began counts.
func (d *Desk) unasked(ctx context.Context, c *ledger.Campaign, n sms.Number) (reason.Reason, error) {
	if !asks(c) {
		return reason.Reason{}, nil
	}
	one, err := d.Groups.Contact(ctx, c.Account, n)
	if err != nil && !errors.Is(err, contact.ErrNoContact) {
		return reason.Reason{}, err
	}
	if err == nil && one.Agreed(contact.PurposeKey(c.Options.Purpose)) {
		return reason.Reason{}, nil
	}
	return reason.Of(CodeNoConsent, reason.Args{"purpose": reason.Name(c.Options.Purpose)}), nil
}

// agreeing parts rows of people who agreed to what a campaign is for from the others, whose reason
// says so.
func (f *Feeder) agreeing(
	ctx context.Context, c *ledger.Campaign, rows []ledger.Row,
) (agreed, others []ledger.Row, err error) {
	if !asks(c) {
		return rows, nil, nil
	}
	for i := range rows {
		why, err := f.Desk.unasked(ctx, c, rows[i].Number)
		if err != nil {
			return nil, nil, err
		}
		if why.IsZero() {
			agreed = append(agreed, rows[i])
			continue
		}
		rows[i].Reason = why
		others = append(others, rows[i])
	}
	return agreed, others, nil
}
