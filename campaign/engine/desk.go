package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// Codes of what is refused.
const (
	CodeStatus reason.Code = "campaign_status"

	CodeNoFile reason.Code = "campaign_without_file"
	CodeNoText reason.Code = "campaign_without_text"
	// CodeForgotten is of a campaign whose file is kept no longer.
	CodeForgotten reason.Code = "campaign_file_forgotten"

	codeUpload   reason.Code = "upload_broken"
	codeTooLarge reason.Code = "file_too_large/bytes"
	codeName     reason.Code = "campaign_name_missing"
	codeLong     reason.Code = "campaign_too_long"
	codeLetter   reason.Code = "campaign_forbidden_character"
	codeClass    reason.Code = "campaign_class"
	codeOption   reason.Code = "campaign_option"
	phraseStatus reason.Code = "words/campaign_status_"
)

// Desk is what doors call. Its methods return ledger.ErrUnknown, ledger.ErrOutdated, and a
// *gateway.Error for what a person or a program can mend.
type Desk struct {
	Store   ledger.Store
	Account func(name string) gateway.Account
	// Segments is the most of one message, where a campaign says nothing.
	Segments int
	Seal     func(secret []byte) []byte
	Open     func(sealed []byte) ([]byte, error)
	Lists    Lists
	Groups   Groups
	// Line previews and tests single rows. It is given to the desk before it works.
	Line Line
	// Hidden gives what stands for a number that a retention hid; nil: it cannot be known.
	Hidden func(account string, n sms.Number) sms.Number
	// Keyed gives a keyed hash of a text; nil: nobody is told what was sent before.
	Keyed func(text string) string
	// Told says that an event waits for webhooks; nil: nobody listens.
	Told func()
	// Rouse says that there is something to check, or to feed.
	Rouse   func()
	Metrics *Metrics
	Now     func() time.Time
	// Zone is that of hours; nil: UTC.
	Zone *time.Location
	Log  *slog.Logger

	starts sync.Mutex // of campaigns that go on from each other: one at a time
}

// StatusWord is how people call a status.
func StatusWord(s ledger.Status) reason.Reason { return reason.Of(phraseStatus+reason.Code(s), nil) }

// Create keeps a draft.
func (d *Desk) Create(
	ctx context.Context, account string, c ledger.Content, by sms.Actor,
) (ledger.Campaign, error) {
	made, err := d.draft(account, c, by)
	if err != nil {
		return made, err
	}
	if err := d.Store.AddCampaign(ctx, made); err != nil {
		return ledger.Campaign{}, explained(ledger.Campaign{}, err)
	}
	return d.Campaign(ctx, account, made.ID)
}

// CreateOnce is Create for a request that may come again: it begins one campaign, which is returned each
// time as it is by then. It reports whether the request came before.
func (d *Desk) CreateOnce(
	ctx context.Context, account string, c ledger.Content, request ledger.Request, by sms.Actor,
) (made ledger.Campaign, known bool, err error) {
	if made, err = d.draft(account, c, by); err != nil {
		return made, false, err
	}
	kept, known, err := d.Store.AddCampaignOnce(ctx, made, request)
	if errors.Is(err, ledger.ErrKeyReused) {
		return kept, false, &gateway.Error{
			Kind: gateway.Conflict, Reason: reason.Of(gateway.CodeKeyReused, nil), Field: "Idempotency-Key",
		}
	}
	return kept, known, explained(kept, err)
}

// draft is a campaign as it begins.
func (d *Desk) draft(account string, c ledger.Content, by sms.Actor) (ledger.Campaign, error) {
	if err := checkContent(&c); err != nil {
		return ledger.Campaign{}, err
	}
	now := d.Now().UTC()
	return ledger.Campaign{
		Account: account, ID: sms.BucketOf(account).NewID(now), Version: 1, Content: c, Status: ledger.Draft,
		CreatedAt: now.Truncate(time.Microsecond), CreatedBy: by,
	}, nil
}

// Campaign returns one.
func (d *Desk) Campaign(ctx context.Context, account string, id sms.ID) (ledger.Campaign, error) {
	c, err := d.Store.Campaign(ctx, account, id)
	return c, explained(c, err)
}

// Campaigns returns a page, newest first, without looks and reports.
func (d *Desk) Campaigns(
	ctx context.Context, q ledger.Query,
) (found []ledger.Campaign, more bool, err error) {
	found, more, err = d.Store.Campaigns(ctx, q)
	return found, more, explained(ledger.Campaign{}, err)
}

// Change keeps what somebody wrote over a version that they saw. A campaign that was
// checked is a draft again. Where nothing changes there is no new version.
func (d *Desk) Change(
	ctx context.Context, account string, id sms.ID, seen int, c ledger.Content, by sms.Actor,
) (ledger.Campaign, error) {
	if err := checkContent(&c); err != nil {
		return ledger.Campaign{}, err
	}
	now, err := d.Store.Campaign(ctx, account, id)
	switch {
	case err != nil:
		return now, explained(now, err)
	case now.Version != seen:
		return now, ledger.ErrOutdated
	case now.Content == c:
		return now, nil
	}
	changed, err := d.Store.ChangeCampaign(ctx, account, id, seen, c, d.mark(by))
	return changed, explained(changed, err)
}

// Drop forgets a campaign that was not started.
func (d *Desk) Drop(ctx context.Context, account string, id sms.ID) error {
	err := d.Store.DropCampaign(ctx, account, id)
	if errors.Is(err, ledger.ErrStatus) {
		c, _ := d.Store.Campaign(ctx, account, id)
		return explained(c, err)
	}
	return explained(ledger.Campaign{}, err)
}

// Timeline returns the events of a campaign, oldest first.
func (d *Desk) Timeline(ctx context.Context, account string, id sms.ID) ([]ledger.Event, error) {
	if _, err := d.Campaign(ctx, account, id); err != nil {
		return nil, err
	}
	found, err := d.Store.CampaignEvents(ctx, account, id)
	return found, explained(ledger.Campaign{}, err)
}

// Rows returns a page of the rows of a campaign.
func (d *Desk) Rows(ctx context.Context, q ledger.RowQuery) (found []ledger.Row, more bool, err error) {
	found, more, err = d.Store.CampaignRows(ctx, q)
	return found, more, explained(ledger.Campaign{}, err)
}

// moved tells of a campaign that may have moved.
func (d *Desk) moved(m *ledger.Move, err error) {
	if err == nil && m.To == ledger.Paused {
		d.Metrics.paused(m.Why)
	}
	d.told()
}

// told has webhooks look for events.
func (d *Desk) told() {
	if d.Told != nil {
		d.Told()
	}
}

func (d *Desk) mark(by sms.Actor) ledger.Mark {
	return ledger.Mark{At: d.Now().UTC().Truncate(time.Microsecond), By: by}
}

// explained says what a person can mend of an error of the store.
func explained(c ledger.Campaign, err error) error {
	switch {
	case err == nil, errors.Is(err, ledger.ErrUnknown), errors.Is(err, ledger.ErrOutdated):
		return err
	case errors.Is(err, ledger.ErrStatus):
		return conflict(reason.Of(CodeStatus, reason.Args{"status": StatusWord(c.Status)}))
	default:
		return &gateway.Error{
			Kind: gateway.Unavailable, Reason: reason.Of(gateway.CodeStorageUnavailable, nil), Err: err,
		}
	}
}

func conflict(r reason.Reason) error { return &gateway.Error{Kind: gateway.Conflict, Reason: r} }

func refused(field string, code reason.Code, args reason.Args) error {
	return &gateway.Error{Kind: gateway.Invalid, Reason: reason.Of(code, args), Field: field}
}
