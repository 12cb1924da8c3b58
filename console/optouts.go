package console

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"relais/auth"
	"relais/inbox"
	"relais/number"
	"relais/reason"
	"relais/sms"
)

// Acts about the suppression list, in the audit.
const (
	optOutsExported auth.ActCode = "opt_outs_exported"
)

// OptOuts reads suppression lists.
type OptOuts interface {
	OptOuts(ctx context.Context, q inbox.OptOutQuery) (found []inbox.OptOut, more bool, err error)
	OptOutProofs(ctx context.Context, account string, n sms.Number) ([]inbox.OptOut, []inbox.OptOutChange, error)
}

// optOutsPage is the suppression list, by number, with forms to search it and to put a
// number on it.
type optOutsPage struct {
	frame

	Rows     []optOutRow
	Next     string // address of the next page; empty on the last
	Add      optOutForm
	Search   optOutForm
	Problems []fieldProblem
}

// optOutForm is what was typed into a form.
type optOutForm struct{ Number, Reason string }

// optOutRow is an entry of the list.
type optOutRow struct {
	Path   string
	Number string
	Sender sms.Sender // the only one that is stopped; empty: all
	Source string
	Since  moment
	Pill   pill
}

// Wrong is what is wrong with a field, empty when nothing is.
func (p *optOutsPage) Wrong(field string) string { return wrongWith(p.Problems, field) }

func wrongWith(problems []fieldProblem, field string) string {
	for _, w := range problems {
		if w.Field == field {
			return w.Why
		}
	}
	return ""
}

// ListedNumber is a number of the list as the person may see it: whole to those who look
// after the list.
func (f *frame) ListedNumber(n sms.Number) string {
	if f.May(auth.ManageOptOuts) || !strings.HasPrefix(string(n), "+") {
		return f.Number(n)
	}
	return masked(grouped(string(n)))
}

func showOptOuts(q *request) (answer, error) {
	p, err := optOutsOf(q)
	return view{name: "optouts", data: p}, err
}

func optOutsOf(q *request) (*optOutsPage, error) {
	p := &optOutsPage{frame: *q.frame()}
	query := inbox.OptOutQuery{Account: q.account, Limit: pageSize}
	if after := q.URL.Query().Get("after"); after != "" {
		n, err := q.console.personOf(q.account, after)
		if err != nil {
			return nil, &problem{http.StatusBadRequest, reason.Of(sayNoCursor, nil)}
		}
		query.After = n
	}
	found, more, err := q.console.OptOuts.OptOuts(q.ctx(), query)
	if err != nil {
		return nil, err
	}
	for i := range found {
		o := &found[i]
		p.Rows = append(p.Rows, optOutRow{
			Path: optOutPath(q, o.Number), Number: p.ListedNumber(o.Number), Sender: o.Sender,
			Source: sourceOf(&p.frame, o.Source),
			Since:  p.At(o.Since), Pill: standingOf(&p.frame, o),
		})
	}
	if more {
		p.Next = Home + "opt-outs?after=" + q.console.tokenOf(q.account, found[len(found)-1].Number)
	}
	return p, nil
}

// optOutPath is the address of where a number stands.
func optOutPath(q *request, n sms.Number) string {
	return Home + "opt-outs/" + q.console.tokenOf(q.account, n)
}

func sourceOf(f *frame, s inbox.Source) string {
	return phrase("opt_out_from_" + string(s)).In(f.Lang)
}

// standingOf says whether an entry stands, or waits for a person's decision.
func standingOf(f *frame, o *inbox.OptOut) pill {
	if o.Provisional {
		return pill{"careful", phrase("opt_out_provisional").In(f.Lang)}
	}
	return pill{"bad", phrase("opt_out_stands").In(f.Lang)}
}

// standsOf says in a sentence what an entry holds back.
func standsOf(f *frame, o *inbox.OptOut) string {
	name := "opt_out_since"
	switch {
	case o.Provisional:
		name = "opt_out_since_provisional"
	case o.Sender != "":
		name = "opt_out_since_sender"
	}
	day := reason.Day(o.Since.In(f.q.console.Zone).Format("2006-01-02"))
	return reason.Of(Words+"/"+reason.Code(name), reason.Args{
		"day":    day,
		"sender": reason.Name(o.Sender),
	}).In(f.Lang)
}

// searchOptOuts takes a number out of a form, and goes to the page that says where it
// stands.
func searchOptOuts(q *request) (answer, error) {
	if err := q.read("number"); err != nil {
		return nil, err
	}
	n, why, err := typedNumber(q, "number")
	if err != nil {
		return nil, err
	}
	if why != "" {
		p, err := optOutsOf(q)
		if err != nil {
			return nil, err
		}
		p.Search, p.Problems = optOutForm{Number: q.field("number")}, []fieldProblem{{"number", why}}
		return view{"optouts", p, http.StatusUnprocessableEntity}, nil
	}
	return redirect{to: optOutPath(q, n)}, nil
}

// typedNumber reads the number in a field; why says what is wrong with it. A handset is
// taken whatever the rules of the account say of its number: its STOP must count.
func typedNumber(q *request, field string) (n sms.Number, why string, err error) {
	typed := q.field(field)
	if typed == "" {
		return "", phrase("opt_out_no_number").In(q.lang), nil
	}
	read, err := number.Every.Parse(typed, q.console.Gateway.Region(q.account))
	if refused, ok := errors.AsType[*number.Error](err); ok {
		return "", refused.Reason.In(q.lang), nil
	}
	return read.Number, "", err
}

// longestReason is the longest reason of a change, in characters.
const longestReason = 255

// typedReason reads the reason in a field; why says what is wrong with it.
func typedReason(q *request, field string, needed bool) (note, why string) {
	note = q.field(field)
	switch {
	case note == "" && needed:
		return note, phrase("opt_out_no_reason").In(q.lang)
	case utf8.RuneCountInString(note) > longestReason || !utf8.ValidString(note):
		return note, reason.Of(Words+"/opt_out_reason_long",
			reason.Args{"most": reason.Count(longestReason)}).In(q.lang)
	}
	return note, ""
}

// addOptOut puts a number on the list for somebody who asked at the desk, by telephone or
// by letter.
func addOptOut(q *request) (answer, error) {
	if err := q.read("add", "reason"); err != nil {
		return nil, err
	}
	n, wrongNumber, err := typedNumber(q, "add")
	if err != nil {
		return nil, err
	}
	note, wrongReason := typedReason(q, "reason", false)
	var problems []fieldProblem
	if wrongNumber != "" {
		problems = append(problems, fieldProblem{"add", wrongNumber})
	}
	if wrongReason != "" {
		problems = append(problems, fieldProblem{"reason", wrongReason})
	}
	if len(problems) > 0 {
		p, err := optOutsOf(q)
		if err != nil {
			return nil, err
		}
		p.Add, p.Problems = optOutForm{q.field("add"), note}, problems
		return view{"optouts", p, http.StatusUnprocessableEntity}, nil
	}
	return changeOptOut(q, inbox.OptOutChange{Number: n, Added: true, Note: note})
}

// changeOptOut makes a change of the list, and goes to the page that says where the number
// standsOf now. Where somebody was faster it says so.
func changeOptOut(q *request, c inbox.OptOutChange) (answer, error) {
	c.Account, c.Source, c.Actor = q.account, inbox.FromConsole, q.actor()
	changes := []inbox.OptOutChange{c}
	made, err := q.console.Inbox.ChangeOptOuts(withoutCancel(q), changes)
	if err != nil {
		return nil, err
	}
	said := "opt_out_removed"
	switch {
	case c.Added && made > 0:
		said = "opt_out_added"
	case c.Added:
		said = "opt_out_known"
	case made == 0:
		said = "opt_out_gone"
	}
	return redirect{optOutPath(q, c.Number), said}, nil
}
