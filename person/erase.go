package person

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"relais/duty"
	"relais/reason"
	"relais/sms"
)

// Request asks to erase what is stored of a number.
type Request struct {
	Account string
	Number  sms.Number
	Actor   sms.Actor
	Cancel  bool // messages that are queued are canceled first
	OptOuts bool // the suppression list forgets the number too
}

// Gone is what became of it.
type Gone struct {
	ErasureDone
	Canceled int
	Audit    sms.ID
}

// CodeWaiting refuses an erasure while messages to the number have not ended.
const (
	CodeWaiting reason.Code = "person_waiting"
	sayCanceled reason.Code = "person_waiting/canceled"
	sayUnended  reason.Code = "person_waiting/then"
)

// ErasePerson removes a number and what was written to it and by it from an
// account. While a message to it has not ended, it is a Conflict and erases
// nothing. It works in small steps; when one fails, asking again goes on.
func (p *Persons) ErasePerson(ctx context.Context, r Request) (*Gone, error) {
	done := &Gone{}
	var err error
	if r.Cancel {
		if done.Canceled, err = p.cancelAll(ctx, r); err != nil {
			return nil, err
		}
	}
	if err := p.refuseUnended(ctx, r, done.Canceled); err != nil {
		return nil, err
	}
	entry := p.entry(r.Account, r.Actor, Erased, r.Number)
	done.Audit = entry.ID
	step := Erasure{Numbers: []sms.Number{r.Number}, OptOuts: r.OptOuts, Limit: eraseSize, Audit: entry}
	if entry.Subject != "" {
		step.Numbers = append(step.Numbers, entry.Subject)
	}
	for {
		part, err := p.store.Erase(ctx, step)
		if err != nil {
			return nil, p.unavailable(err)
		}
		done.Messages += part.Messages
		done.Replies += part.Replies
		done.OptOuts += part.OptOuts
		done.Rows += part.Rows
		done.Entries += part.Entries
		done.Contacts += part.Contacts
		done.Shared += part.Shared
		if !part.More {
			break
		}
		if err := duty.Sleep(ctx, erasePause); err != nil {
			return nil, p.unavailable(err)
		}
	}
	p.log.Info("a person was erased", "account", r.Account, "actor", r.Actor, "messages", done.Messages,
		"replies", done.Replies)
	return done, nil
}

// BeginExport puts an export in the audit before anything of it leaves.
// EndExport adds what it held.
func (p *Persons) BeginExport(
	ctx context.Context, account string, actor sms.Actor, n sms.Number,
) (AuditEntry, error) {
	entry := p.entry(account, actor, Exported, n)
	if err := p.store.Record(ctx, entry); err != nil {
		return entry, p.unavailable(err)
	}
	return entry, nil
}

// EndExport adds the counts of an export to its entry.
func (p *Persons) EndExport(ctx context.Context, entry AuditEntry) error {
	return p.store.Record(ctx, entry)
}

func (p *Persons) entry(account string, actor sms.Actor, action Action, n sms.Number) AuditEntry {
	now := p.now()
	return AuditEntry{
		ID: sms.BucketOf(account).NewID(now), Account: account, At: now, Actor: actor, Action: action,
		Subject: p.Hidden(account, n),
	}
}

// unended are the statuses that are not final.
var unended = slices.DeleteFunc(slices.Clone(sms.Statuses), sms.Status.Final)

func (p *Persons) to(ctx context.Context, r Request, status sms.Status) ([]sms.Message, error) {
	found, err := p.find(ctx, r.Account, []sms.Number{r.Number, p.Hidden(r.Account, r.Number)}, status,
		countAtMost)
	if err != nil {
		return nil, p.unavailable(err)
	}
	return found, nil
}

// cancelAll leaves alone what a lane has just claimed: it has not ended then.
func (p *Persons) cancelAll(ctx context.Context, r Request) (canceled int, err error) {
	queued, err := p.to(ctx, r, sms.Queued)
	if err != nil {
		return 0, err
	}
	for _, m := range queued {
		done, err := p.cancel(ctx, m, r.Actor)
		if err != nil {
			return canceled, err
		}
		if done {
			canceled++
		}
	}
	return canceled, nil
}

func (p *Persons) refuseUnended(ctx context.Context, r Request, canceled int) error {
	total := 0
	var each []string
	for _, status := range unended {
		found, err := p.to(ctx, r, status)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			total += len(found)
			each = append(each, fmt.Sprintf("%d %s", len(found), status))
		}
	}
	if total == 0 {
		return nil
	}
	waiting := reason.Of(CodeWaiting, reason.Args{"messages": reason.Name(strings.Join(each, ", "))})
	if canceled > 0 {
		waiting = waiting.With(reason.Of(sayCanceled, reason.Args{"number": reason.Count(canceled)}))
	}
	return p.conflict(waiting.With(reason.Of(sayUnended, nil)))
}

const (
	eraseSize   = 200
	erasePause  = 20 * time.Millisecond
	countAtMost = 1000 // messages that have not ended
)
