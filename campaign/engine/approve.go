package engine

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// Codes of approvals.
const (
	// CodeNeeded is why a start waits: somebody else has to agree.
	CodeNeeded reason.Code = "approval_needed"
	// CodeOwn is of somebody who agrees to what they wrote or started themselves.
	CodeOwn reason.Code = "own_approval"

	codeNeededRows     reason.Code = "approval_needed/rows"
	codeNeededPrice    reason.Code = "approval_needed/price"
	codeNeededUnpriced reason.Code = "approval_needed/unpriced"
	codeNoSentence     reason.Code = "refusal_without_sentence"
)

// mostSentence is how long the sentence of a refusal may be, in characters.
const mostSentence = 500

// NeedsApproval says why somebody else has to agree to a campaign that was checked, by the rules
// that its account has now; zero: nobody has to.
func (d *Desk) NeedsApproval(c *ledger.Campaign) (reason.Reason, error) {
	if len(c.Report) == 0 {
		return reason.Reason{}, nil
	}
	report, err := campaign.ReadReport(c.Report, reason.English)
	if err != nil {
		return reason.Reason{}, err
	}
	return d.needs(c.Account, report)
}

func (d *Desk) needs(account string, r *campaign.Report) (reason.Reason, error) {
	from := d.Account(account).Approval
	if from.Rows > 0 && r.Rows.Ready >= from.Rows {
		return reason.Of(codeNeededRows, reason.Args{
			"count": reason.Count(r.Rows.Ready), "most": reason.Count(from.Rows - 1),
		}), nil
	}
	if from.Above == 0 || r.Forecast == nil || r.Rows.Ready == 0 {
		return reason.Reason{}, nil
	}
	if n := r.Forecast.WithoutPrice; n > 0 { // what it costs nobody knows
		return reason.Of(codeNeededUnpriced, reason.Args{"count": reason.Count(n)}), nil
	}
	price := r.Forecast.Price
	if price == nil {
		return reason.Reason{}, nil
	}
	sum, err := sms.ParseMoney(price.Amount)
	if err != nil || sum <= from.Above {
		return reason.Reason{}, err
	}
	return reason.Of(codeNeededPrice, reason.Args{
		"price": reason.Money{Amount: price.Amount, Currency: price.Currency},
		"most":  reason.Money{Amount: from.Above.String(), Currency: price.Currency},
	}), nil
}

// mostUntyped is how many messages somebody starts without typing their number.
const mostUntyped = 1000

// Typed is how many messages a person types before a campaign starts; 0: nothing is typed. It
// stands in where an account asks nobody else to agree: one person alone does not send a whole
// town something by a slip.
func (d *Desk) Typed(c *ledger.Campaign) int {
	if d.Account(c.Account).Approval != (gateway.Approval{}) || c.Counts.Waiting <= mostUntyped {
		return 0
	}
	return c.Counts.Waiting
}

// Approve agrees to a campaign that somebody else wrote and started, by the check that was read:
// it starts at once, or at its time. Of two who agree to the same at once, both are told that it
// has started.
func (d *Desk) Approve(
	ctx context.Context, account string, id sms.ID, check string, by sms.Actor,
) (ledger.Campaign, error) {
	c, err := d.second(ctx, account, id, check, by)
	if err != nil || approvedFrom(&c, check) {
		return c, err
	}
	now := d.Now()
	if err := d.mayBegin(&c, c.StartAt, now); err != nil {
		return c, err
	}
	m := ledger.Move{To: ledger.Running, Second: true, StartAt: c.StartAt}
	if c.StartAt.After(now) {
		m.To = ledger.Scheduled
	}
	return d.setOff(ctx, &c, m, by, approvedFrom)
}

// Refuse does not agree to a campaign, with a sentence that says why: it is a draft again, to be
// checked anew.
func (d *Desk) Refuse(
	ctx context.Context, account string, id sms.ID, check, sentence string, by sms.Actor,
) (ledger.Campaign, error) {
	sentence = strings.TrimSpace(sentence)
	switch {
	case sentence == "":
		return ledger.Campaign{}, refused("/sentence", codeNoSentence, nil)
	case utf8.RuneCountInString(sentence) > mostSentence:
		return ledger.Campaign{}, refused("/sentence", codeLong, reason.Args{"most": reason.Count(mostSentence)})
	case !shown(sentence, "\n"):
		return ledger.Campaign{}, refused("/sentence", codeLetter, nil)
	}
	c, err := d.second(ctx, account, id, check, by)
	switch {
	case c.Status == ledger.Draft && c.Why == ledger.RefusedByPerson:
		return c, nil // it was refused before
	case err != nil:
		return c, err
	case c.Status != ledger.Awaiting:
		return c, explained(c, ledger.ErrStatus)
	}
	c, err = d.Store.MoveCampaign(ctx, account, id, ledger.Move{
		Mark: d.mark(by), From: []ledger.Status{ledger.Awaiting}, To: ledger.Draft, Check: check, Version: c.Version,
		Second: true, Why: ledger.RefusedByPerson,
		Saw: reason.Of(ledger.RefusedByPerson, reason.Args{"sentence": reason.Name(sentence)}),
	})
	d.told()
	return c, agreed(c, err)
}

// second finds a campaign that somebody agrees to, or does not.
func (d *Desk) second(
	ctx context.Context, account string, id sms.ID, check string, by sms.Actor,
) (ledger.Campaign, error) {
	c, err := d.Campaign(ctx, account, id)
	switch {
	case err != nil || approvedFrom(&c, check):
		return c, err
	case c.Status != ledger.Awaiting:
		return c, explained(c, ledger.ErrStatus)
	case check != c.Check:
		return c, conflict(reason.Of(CodeOutdated, nil))
	case c.Own(by):
		return c, conflict(reason.Of(CodeOwn, nil))
	}
	return c, nil
}

// approvedFrom reports whether somebody agreed to what a check found.
func approvedFrom(c *ledger.Campaign, check string) bool {
	return c.ApprovedBy != "" && startedFrom(c, check)
}

// mayBegin refuses a start at a time; zero: at once.
func (d *Desk) mayBegin(c *ledger.Campaign, at, now time.Time) error {
	switch {
	case c.Counts.Waiting == 0 && !takesOver(c):
		return conflict(reason.Of(CodeNoRows, nil))
	case !at.IsZero() && c.Options.Appointments.Any():
		return refused("/start_at", codeOwnTimes, nil)
	case !at.IsZero() && now.Sub(at) > slack: // whoever wrote it meant that moment, and not any later one
		return refused("/start_at", codePast, nil)
	case late(c, later(at, now)):
		return refused("/options/end_by", codeEndPast, nil)
	case at.After(now.Add(mostAhead)):
		return refused("/start_at", codeFar, nil)
	}
	return nil
}

// setOff moves a campaign that was found as it is to where it starts. done reports whether
// somebody else has done the same.
func (d *Desk) setOff(
	ctx context.Context, c *ledger.Campaign, m ledger.Move, by sms.Actor,
	done func(c *ledger.Campaign, check string) bool,
) (ledger.Campaign, error) {
	d.starts.Lock()
	defer d.starts.Unlock()
	switch gone, err := d.goneOn(ctx, c); {
	case err != nil:
		return *c, err
	case gone:
		return *c, conflict(reason.Of(CodeOutdated, nil))
	}
	check := c.Check
	m.Mark, m.From, m.Check, m.Version = d.mark(by), []ledger.Status{c.Status}, check, c.Version
	moved, err := d.Store.MoveCampaign(ctx, c.Account, c.ID, m)
	d.Rouse()
	d.told()
	if errors.Is(err, ledger.ErrStatus) && done(&moved, check) {
		return moved, nil // somebody else did it at the same moment
	}
	return moved, agreed(moved, err)
}

// agreed says what a person can mend where a start was refused by the store.
func agreed(c ledger.Campaign, err error) error {
	switch {
	case errors.Is(err, ledger.ErrOutdated):
		return conflict(reason.Of(CodeOutdated, nil))
	case errors.Is(err, ledger.ErrOwn):
		return conflict(reason.Of(CodeOwn, nil))
	case errors.As(err, new(*ledger.SentBeforeError)):
		return err
	}
	return explained(c, err)
}
