package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"relais/duty"
	"relais/person"
	"relais/sms"
)

// PersonRequest asks to erase what is stored of a number.
type PersonRequest struct {
	Account string
	Number  sms.Number
	Actor   string
	Cancel  bool // messages that are queued are canceled first
	OptOuts bool // the suppression list forgets the number too
}

// PersonErased is what became of it.
type PersonErased struct {
	person.ErasureDone
	Canceled int
	Audit    sms.ID
}

// ErasePerson removes a number and what was written to it and by it from an
// account. While a message to it has not ended, it is a Conflict and erases
// nothing. It works in small steps; when one fails, asking again goes on.
func (g *Gateway) ErasePerson(ctx context.Context, r PersonRequest) (*PersonErased, error) {
	done := &PersonErased{}
	var err error
	if r.Cancel {
		if done.Canceled, err = g.cancelAll(ctx, r); err != nil {
			return nil, err
		}
	}
	if err := g.refuseUnended(ctx, r, done.Canceled); err != nil {
		return nil, err
	}
	entry := g.entry(r.Account, r.Actor, person.Erased, r.Number)
	done.Audit = entry.ID
	step := person.Erasure{Numbers: []sms.Number{r.Number}, OptOuts: r.OptOuts, Limit: eraseSize, Audit: entry}
	if entry.Subject != "" {
		step.Numbers = append(step.Numbers, entry.Subject)
	}
	for {
		part, err := g.store.Erase(ctx, step)
		if err != nil {
			return nil, unavailable(err)
		}
		done.Messages += part.Messages
		done.Replies += part.Replies
		done.OptOuts += part.OptOuts
		done.Shared += part.Shared
		if !part.More {
			break
		}
		if err := duty.Sleep(ctx, erasePause); err != nil {
			return nil, unavailable(err)
		}
	}
	g.log.Info("a person was erased", "account", r.Account, "actor", r.Actor, "messages", done.Messages, "replies", done.Replies)
	return done, nil
}

// Hidden is the pseudonym of a number, also where the account hides none.
func (g *Gateway) Hidden(account string, n sms.Number) sms.Number {
	if g.pseudonym == nil {
		return ""
	}
	return g.hide(account, n)
}

// BeginExport puts an export in the audit before anything of it leaves.
// EndExport adds what it held.
func (g *Gateway) BeginExport(ctx context.Context, account, actor string, n sms.Number) (person.AuditEntry, error) {
	entry := g.entry(account, actor, person.Exported, n)
	if err := g.store.Record(ctx, entry); err != nil {
		return entry, unavailable(err)
	}
	return entry, nil
}

// EndExport adds the counts of an export to its entry.
func (g *Gateway) EndExport(ctx context.Context, entry person.AuditEntry) error {
	return g.store.Record(ctx, entry)
}

func (g *Gateway) entry(account, actor string, action person.Action, n sms.Number) person.AuditEntry {
	now := g.now()
	return person.AuditEntry{ID: sms.NewID(now), Account: account, At: now, Actor: actor, Action: action, Subject: g.Hidden(account, n)}
}

// unended are the statuses that are not final.
var unended = slices.DeleteFunc(slices.Clone(sms.Statuses), sms.Status.Final)

func (g *Gateway) to(ctx context.Context, r PersonRequest, status sms.Status) ([]sms.Message, error) {
	found, _, err := g.store.Search(ctx, Query{
		Account: r.Account, To: r.Number, Hidden: g.Hidden(r.Account, r.Number), Status: status, Limit: countAtMost,
	})
	if err != nil {
		return nil, unavailable(err)
	}
	return found, nil
}

// cancelAll leaves alone what a lane has just claimed: it has not ended then.
func (g *Gateway) cancelAll(ctx context.Context, r PersonRequest) (canceled int, err error) {
	queued, err := g.to(ctx, r, sms.Queued)
	if err != nil {
		return 0, err
	}
	for _, m := range queued {
		err := g.Cancel(ctx, m, r.Actor)
		if err == nil {
			canceled++
			continue
		}
		if refusal, ok := errors.AsType[*Error](err); !ok || refusal.Kind != Conflict {
			return canceled, err
		}
	}
	return canceled, nil
}

func (g *Gateway) refuseUnended(ctx context.Context, r PersonRequest, canceled int) error {
	total := 0
	var each []string
	for _, status := range unended {
		found, err := g.to(ctx, r, status)
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
	detail := say("Messages to the number have not ended: %s. Nothing was erased.",
		"Des messages vers ce numéro ne sont pas terminés : %s. Rien n'a été effacé.", strings.Join(each, ", "))
	if canceled > 0 {
		detail = detail.with(say("%d were canceled.", "%d ont été annulés.", canceled))
	}
	detail = detail.with(said{
		"Cancel what is queued with cancel, decide what is uncertain with resolve, and ask again when the others have ended.",
		"Annulez ce qui attend avec cancel, tranchez ce qui est dans le doute avec resolve, et redemandez quand les autres sont terminés.",
	})
	return &Error{
		Kind: Conflict, Code: "person_waiting",
		Detail: detail.english, French: detail.french,
	}
}

const (
	eraseSize   = 200
	erasePause  = 20 * time.Millisecond
	countAtMost = 1000 // messages that have not ended
)
