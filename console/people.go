package console

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"relais/gateway"
	"relais/inbox"
	"relais/number"
	"relais/person"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// PersonFile writes everything that an account stores of a number, and puts into the
// audit that it did.
type PersonFile func(ctx context.Context, to io.Writer, account string, actor sms.Actor, n sms.Number) error

// newPeoplePage is about the rights of one person: what is stored, to take along or to erase.
type peoplePage struct {
	frame
	problems

	Typed    string // the number that was refused
	Person   string // token of the number; empty: none was asked for
	Number   string
	Messages int
	Replies  int
	OptOuts  int
	Waiting  int // messages that have not ended
	Cancel   bool
	Forget   bool
}

// Many says that a count goes on beyond what is looked at.
func (p *peoplePage) Many(n int) bool { return n >= most }

func showPeople(q *request) (answer, error) {
	token := q.URL.Query().Get("person")
	if token == "" {
		return view{name: "people", data: &peoplePage{}}, nil
	}
	n, err := q.console.personOf(q.account, token)
	if err != nil {
		return nil, err
	}
	if err := recordSearch(q, n); err != nil {
		return nil, err
	}
	p, err := newPeoplePage(q, n)
	return view{name: "people", data: p}, err
}

func newPeoplePage(q *request, n sms.Number) (*peoplePage, error) {
	p := &peoplePage{frame: *q.frame(), Person: q.console.tokenOf(q.account, n)}
	p.Number = p.frame.Number(n)
	hidden := q.console.Persons.Hidden(q.account, n)
	found, _, err := q.console.Reader.Search(q.ctx(), search.Query{Account: q.account, To: n, Hidden: hidden, Limit: most})
	if err != nil {
		return nil, err
	}
	p.Messages = len(found)
	for i := range found {
		if !found[i].Status.Final() {
			p.Waiting++
		}
	}
	replies, _, err := q.console.Reader.Inbounds(q.ctx(), inbox.InboundQuery{
		Account: q.account, From: n, HiddenFrom: hidden, Limit: most,
	})
	if err != nil {
		return nil, err
	}
	p.Replies = len(replies)
	entries, _, err := q.console.OptOuts.OptOutProofs(q.ctx(), q.account, n)
	p.OptOuts = len(entries)
	return p, err
}

// searchPeople takes a number out of a form and puts a token for it into the address.
func searchPeople(q *request) (answer, error) {
	if err := q.read("number"); err != nil {
		return nil, err
	}
	read, err := number.Parse(q.field("number"), q.console.Gateway.Region(q.account))
	if refused, ok := errors.AsType[*number.Error](err); ok {
		p := &peoplePage{Typed: q.field("number")}
		p.refuse("number", refused.Reason.In(q.lang))
		return view{"people", p, http.StatusUnprocessableEntity}, nil
	}
	if err != nil {
		return nil, err
	}
	return redirect{to: Home + "people?person=" + q.console.tokenOf(q.account, read.Number)}, nil
}

// exportPerson answers with everything that is stored of a person, as a file.
func exportPerson(q *request) (answer, error) {
	if err := q.read("person"); err != nil {
		return nil, err
	}
	n, err := q.console.personOf(q.account, q.field("person"))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := q.console.PersonFile(q.ctx(), &b, q.account, q.actor(), n); err != nil {
		return nil, err
	}
	return file{"person.json", "application/json", b.Bytes()}, nil
}

// erasePerson erases what is stored of a person, once somebody has ticked that they mean
// it.
func erasePerson(q *request) (answer, error) {
	if err := q.read("person", "cancel", "forget", "sure"); err != nil {
		return nil, err
	}
	n, err := q.console.personOf(q.account, q.field("person"))
	if err != nil {
		return nil, err
	}
	r := person.Request{
		Account: q.account, Number: n, Actor: q.actor(), Cancel: q.form.Has("cancel"), OptOuts: q.form.Has("forget"),
	}
	if !q.form.Has("sure") {
		return refusePerson(q, r, "sure", phrase("people_sure_missing"))
	}
	_, err = q.console.Persons.ErasePerson(withoutCancel(q), r)
	if refused, ok := errors.AsType[*gateway.Error](err); ok && refused.Kind == gateway.Conflict {
		return refusePerson(q, r, "cancel", refused.Reason)
	}
	if err != nil {
		return nil, err
	}
	return redirect{Home + "people?person=" + q.field("person"), "person_erased"}, nil
}

// refusePerson shows the page again, with what was ticked.
func refusePerson(q *request, r person.Request, field string, why reason.Reason) (answer, error) {
	p, err := newPeoplePage(q, r.Number)
	if err != nil {
		return nil, err
	}
	p.Cancel, p.Forget = r.Cancel, r.OptOuts
	p.refuse(field, why.In(q.lang))
	return view{"people", p, http.StatusUnprocessableEntity}, nil
}
