package console

import (
	"cmp"
	"context"
	"slices"
	"time"

	"relais/auth"
	"relais/credit"
	"relais/inbox"
	"relais/lane"
	"relais/quota"
	"relais/reason"
	"relais/sender"
	"relais/sms"
)

// Senders are those that an account's configuration lists, with their last days.
type Senders func(account string) []sender.Listed

// How near an end is before home speaks of it.
const (
	creditSoon = 7 * 24 * time.Hour
	// senderSoon is long: who renews a proof waits for others. Home goes on as long after
	// the end.
	senderSoon = 30 * 24 * time.Hour
)

// mostReplies is how many of the newest replies home looks at for unanswered ones: each
// person's last one is a question to the database.
const mostReplies = 50

// unanswered are the conversations that nobody has answered.
type unanswered struct {
	count  int
	oldest time.Time
	more   bool // there are replies that were not looked at
}

// findUnanswered adds the conversations that wait for an answer, for who may give it. One
// that may be a STOP is a task of its own.
func (p *homePage) findUnanswered(q *request) error {
	if !q.may(auth.Send) || !q.may(auth.SeeTexts) {
		return nil
	}
	answer, err := q.console.unanswered.Get(q.ctx(), q.account, func(ctx context.Context) (unanswered, error) {
		return countUnanswered(q.during(ctx)) //nolint:contextcheck // the request has it
	})
	found := answer.Value
	if err != nil || found.count == 0 {
		return err
	}
	name := "todo_unanswered"
	if found.more {
		name = "todo_unanswered_most"
	}
	p.Todo = append(p.Todo, task{
		What: p.sayWith(name, reason.Args{"count": reason.Count(found.count)}),
		More: p.sayWith("todo_unanswered_more", reason.Args{
			"span": reason.Name(spanOf(q.now().Sub(found.oldest)).In(p.Lang)),
		}),
		Path: Home + "inbox", Button: p.say("todo_unanswered_button"),
	})
	return nil
}

func countUnanswered(q *request) (found unanswered, err error) {
	var replies []inbox.Inbound
	replies, found.more, err = q.console.Reader.Inbounds(q.ctx(), inbox.InboundQuery{
		Account: q.account, Limit: mostReplies,
	})
	w := &walk{q: q, show: showOpen}
	seen := map[sms.Number]bool{}
	for i := range replies {
		if err != nil {
			break
		}
		var newest bool
		if newest, err = w.newest(&replies[i], seen, true); err == nil && newest {
			err = w.take(&replies[i])
		}
	}
	for i := range w.found {
		if c := &w.found[i]; c.Intent != inbox.IntentUnsure {
			found.count, found.oldest = found.count+1, c.ReceivedAt
		}
	}
	return found, err
}

// findQuotas adds the quotas of the account and of its keys that are nearly used, for who
// sees to them.
func (p *homePage) findQuotas(q *request) error {
	if !q.may(auth.ManageKeys) && !q.may(auth.Operate) {
		return nil
	}
	keys, err := keysOf(q)
	if err != nil {
		return err
	}
	var actors []sms.Actor
	for i := range keys {
		if keys[i].RevokedAt.IsZero() && len(actors) < most {
			actors = append(actors, sms.KeyActor(keys[i].Name))
		}
	}
	all, err := q.console.Quotas.QuotaStandings(q.ctx(), q.account, actors)
	if err != nil {
		return err
	}
	near := slices.DeleteFunc(all, func(s quota.Standing) bool { return s.Used < nearlyUsed })
	if len(near) == 0 {
		return nil
	}
	slices.SortStableFunc(near, func(a, b quota.Standing) int { return cmp.Compare(b.Used, a.Used) })
	first := &near[0]
	p.Todo = append(p.Todo, task{
		What: p.sayWith("todo_quotas", reason.Args{
			"count": reason.Count(len(near)), "quota": reason.Name(first.Quota),
		}),
		More: p.sayWith("todo_quotas_more", reason.Args{
			"quota": reason.Name(first.Quota), "used": reason.Count(first.Used), "left": first.Left,
			"until": reason.Name(p.At(first.Until).People),
		}),
		Path: Home + "usage#quotas", Button: p.say("todo_quotas_button"),
	})
	return nil
}

// findSenders adds the senders of the account whose last day is near, or not long ago.
func (p *homePage) findSenders(q *request) {
	if q.console.Senders == nil || !q.may(auth.Operate) {
		return
	}
	now := q.now()
	for _, s := range q.console.Senders(q.account) {
		left := s.Until.Sub(now)
		if s.Until.IsZero() || left > senderSoon || left < -senderSoon {
			continue
		}
		name := "todo_sender"
		if left <= 0 {
			name = "todo_sender_over"
		}
		p.Todo = append(p.Todo, task{
			What: p.sayWith(name, reason.Args{
				"sender": reason.Name(s.Name), "day": p.dayArg(s.Until.Add(-time.Second)),
			}),
			More: p.say("todo_sender_more"), Path: Home + "settings", Button: p.say("todo_sender_button"),
		})
	}
}

// findCredit adds the operators whose credit ends soon at the rate of the last day, or is
// below what the configuration wants.
func (p *homePage) findCredit(q *request, states []lane.Description) error {
	if !q.may(auth.Operate) {
		return nil
	}
	now := q.now()
	for i := range states {
		d := &states[i]
		record, err := q.console.Credits.Credit(q.ctx(), d.Name, now.Add(-24*time.Hour))
		if err != nil {
			return err
		}
		if d.Balance != nil && d.Balance.At.After(record.At) {
			record.Balance = *d.Balance
		}
		if record.At.IsZero() {
			continue
		}
		p.addCredit(d, &record, now)
	}
	return nil
}

func (p *homePage) addCredit(d *lane.Description, record *credit.Record, now time.Time) {
	name, args := "todo_credit_low", reason.Args{"connector": reason.Name(d.Name)}
	perDay, emptyAt := lastDay(record, now)
	switch {
	case perDay > 0 && emptyAt.Before(now.Add(creditSoon)):
		name, args["day"] = "todo_credit", p.dayArg(emptyAt)
	case d.CreditAlert == nil || record.Amount >= *d.CreditAlert:
		return
	}
	p.Todo = append(p.Todo, task{
		What: p.sayWith(name, args),
		More: p.sayWith("todo_credit_more", reason.Args{
			"left": reason.Name(amountOf(&p.frame, record.Amount, record.Unit)),
		}),
		Path: Home + "connectors/" + d.Name, Button: p.say("see"),
	})
}

// dayArg is the day of a time for a phrase.
func (f *frame) dayArg(t time.Time) reason.Arg {
	return reason.Day(t.In(f.q.console.Zone).Format(time.DateOnly))
}

// sayWith is a phrase with what it speaks of.
func (f *frame) sayWith(name string, args reason.Args) string {
	return reason.Of(Words+"/"+reason.Code(name), args).In(f.Lang)
}
