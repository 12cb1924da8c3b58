package console

import (
	"net/http"
	"time"

	"relais/auth"
	"relais/inbox"
	"relais/reason"
	"relais/sms"
)

// optOutPage says where a number stands, and proves it.
type optOutPage struct {
	frame

	Path     string
	Number   string
	Entries  []optOutRow
	Stands   []string
	Proofs   []proof
	Typed    string // reason
	Seen     string // the last proof that the form is about
	Problems []fieldProblem
}

// proof is one change of the list.
type proof struct {
	At      moment
	What    string
	Source  string
	Actor   string
	Sender  sms.Sender
	Note    string // word that was read, operator's code, reason; empty: none, or not for the reader
	Message string // id of the message that was answered; empty: none
	Reply   string // id of the reply; empty: none
	Last    bool
}

// Wrong is what is wrong with a field, empty when nothing is.
func (p *optOutPage) Wrong(field string) string { return wrongWith(p.Problems, field) }

func showOptOut(q *request) (answer, error) {
	n, err := q.console.personOf(q.account, q.PathValue("person"))
	if err != nil {
		return nil, err
	}
	if err := recordSearch(q, n); err != nil {
		return nil, err
	}
	p, err := optOutOf(q, n)
	return view{name: "optout", data: p}, err
}

func optOutOf(q *request, n sms.Number) (*optOutPage, error) {
	entries, changes, err := q.console.OptOuts.OptOutProofs(q.ctx(), q.account, n)
	if err != nil {
		return nil, err
	}
	p := &optOutPage{frame: *q.frame(), Path: optOutPath(q, n)}
	p.Number = p.ListedNumber(n)
	for i := range entries {
		o := &entries[i]
		p.Stands = append(p.Stands, standsOf(&p.frame, o))
		p.Entries = append(p.Entries, optOutRow{
			Sender: o.Sender, Source: sourceOf(&p.frame, o.Source), Since: p.At(o.Since), Pill: standingOf(&p.frame, o),
		})
	}
	for i := range changes {
		one := p.proof(&changes[i])
		one.Last = i == len(changes)-1
		p.Seen = changes[i].ID.String()
		p.Proofs = append(p.Proofs, one)
	}
	return p, nil
}

func (p *optOutPage) proof(c *inbox.OptOutChange) proof {
	name := "opt_out_was_removed"
	switch {
	case c.Added && c.Provisional:
		name = "opt_out_was_held"
	case c.Added:
		name = "opt_out_was_added"
	}
	shown := proof{
		At: datedOf(&p.frame, c.At), What: phrase(name).In(p.Lang), Source: sourceOf(&p.frame, c.Source), Actor: p.actor(c.Actor),
		Sender: c.Sender,
	}
	if p.May(auth.ManageOptOuts) {
		shown.Note = c.Note
	}
	if !c.Message.IsZero() && p.May(auth.SeeMessages) {
		shown.Message = c.Message.String()
	}
	if !c.Inbound.IsZero() && p.May(auth.SeeMessages) {
		shown.Reply = c.Inbound.String()
	}
	return shown
}

// removeOptOut takes a number off the list, with the person's consent.
func removeOptOut(q *request) (answer, error) {
	if err := q.read("reason", "seen"); err != nil {
		return nil, err
	}
	n, err := q.console.personOf(q.account, q.PathValue("person"))
	if err != nil {
		return nil, err
	}
	p, err := optOutOf(q, n)
	if err != nil {
		return nil, err
	}
	note, why := typedReason(q, "reason", true)
	p.Typed = note
	seen := q.field("seen")
	switch {
	case why != "":
		p.Problems = []fieldProblem{{"reason", why}}
		return view{"optout", p, http.StatusUnprocessableEntity}, nil
	case seen != "" && seen != p.Seen && len(p.Entries) > 0: // somebody removed it, and it came back
		p.Problems = []fieldProblem{{"reason", p.say("opt_out_overtaken")}}
		return view{"optout", p, http.StatusConflict}, nil
	}
	return changeOptOut(q, inbox.OptOutChange{Number: n, Note: note})
}

// datedOf is a time with its day, also when that is today: paper is read later.
func datedOf(f *frame, t time.Time) moment {
	local := t.In(f.q.console.Zone)
	return moment{
		Machine: local.Format(time.RFC3339),
		People: reason.Of(Words+"/day_and_hour", reason.Args{
			"day": reason.Day(local.Format(time.DateOnly)), "time": reason.Clock(local.Hour()*60 + local.Minute()),
		}).In(f.Lang),
	}
}

// Printed is when a page is put on paper.
func (f *frame) Printed() moment { return datedOf(f, f.q.now()) }
