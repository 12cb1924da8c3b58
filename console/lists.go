package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"relais/auth"
	"relais/contact"
	"relais/reason"
	"relais/sms"
)

// Lists keeps people who get texts again and again.
type Lists interface {
	Lists(ctx context.Context, account string) ([]contact.List, error)
	List(ctx context.Context, account string, id sms.ID) (contact.List, error)
	Create(ctx context.Context, account string, c contact.Content, by sms.Actor) (contact.List, error)
	Change(
		ctx context.Context, account string, id sms.ID, seen int, c contact.Content, by sms.Actor,
	) (contact.List, error)
	Drop(ctx context.Context, account string, id sms.ID, by sms.Actor) error
	Put(
		ctx context.Context, account string, id sms.ID, t contact.Table, body io.Reader, by sms.Actor,
	) (contact.List, error)
	Fill(ctx context.Context, account string, id sms.ID, set int, by sms.Actor) (contact.List, error)
	Refuse(ctx context.Context, account string, id sms.ID, set int, by sms.Actor) (contact.List, error)
	Remove(ctx context.Context, account string, id sms.ID, key string, by sms.Actor) (contact.List, error)
}

// listRoutes are the pages of lists.
func listRoutes() []route {
	return []route{
		{"GET /console/lists", auth.SeeMessages, showLists},
		{"GET /console/lists/new", auth.ManageLists, showNewList},
		{"POST /console/lists/new", auth.ManageLists, createList},
		{"GET /console/lists/{id}", auth.SeeMessages, showList},
		{"GET /console/lists/{id}/change", auth.ManageLists, showListForm},
		{"POST /console/lists/{id}/change", auth.ManageLists, changeList},
		{listUpload, auth.ManageLists, putListTable},
		{"POST /console/lists/{id}/fill", auth.ManageLists, fillList},
		{"POST /console/lists/{id}/refuse", auth.ManageLists, refuseListTable},
		{"POST /console/lists/{id}/remove", auth.ManageLists, removeFromList},
		{"POST /console/lists/{id}/drop", auth.ManageLists, dropList},
		{"POST /console/campaigns/{id}/list", auth.DraftCampaigns, putCampaignList},
	}
}

// listsPage shows the lists of an account, by name.
type listsPage struct {
	frame

	Rows []listRow
}

// listRow is a list among others.
type listRow struct {
	Name, Path, Purpose string
	People              string
	Filled              madeBy // zero: nobody was ever on it
	Waits               bool   // a table waits to be put in force
}

func showLists(q *request) (answer, error) {
	p := &listsPage{frame: *q.frame()}
	found, err := q.console.Lists.Lists(q.ctx(), q.account)
	for i := range found {
		l := &found[i]
		row := listRow{
			Name: l.Name, Path: listPath(l.ID), Purpose: l.Purpose, People: p.many("lists_people", l.Entries),
			Waits: l.Pending != nil,
		}
		if !l.FilledAt.IsZero() {
			row.Filled = madeBy{p.At(l.FilledAt), p.actor(l.FilledBy)}
		}
		p.Rows = append(p.Rows, row)
	}
	return view{name: "lists", data: p}, err
}

func listPath(id sms.ID) string { return Home + "lists/" + id.String() }

// ofList finds the list in the path.
func ofList(q *request) (contact.List, error) {
	id, err := q.id()
	if err != nil {
		return contact.List{}, err
	}
	l, err := q.console.Lists.List(q.ctx(), q.account, id)
	return l, listError(err)
}

// listError is what pages make of an error of a list that is not there.
func listError(err error) error {
	if errors.Is(err, contact.ErrUnknown) {
		return notFound()
	}
	return err
}

// listPage is one list, with the table that waits.
type listPage struct {
	frame
	problems

	List   contact.List
	Path   string
	People string
	Made   madeBy
	Filled madeBy
	Keep   string       // how long people stay on it
	Waits  *listWaiting // nil: no table waits
	Table  contact.Table
	Person string // whom the form takes off, as typed
}

// listWaiting is a table that waits, with what it would do.
type listWaiting struct {
	*contact.Pending

	From    madeBy
	People  string
	Come    string
	Go      string
	Other   string // whose number or values would change
	Skipped []campaignFound
}

// Manage reports whether the person may fill and change the list.
func (p *listPage) Manage() bool { return p.May(auth.ManageLists) }

// Most is the largest table, in mebibytes.
func (p *listPage) Most() int { return contact.MaxBytes >> 20 }

// MostFields is how many columns a list keeps beside number and key.
func (p *listPage) MostFields() int { return contact.MaxFields }

// Fields are the columns that a form asks to keep, as typed.
func (p *listPage) Fields() string { return strings.Join(p.Table.Fields, ", ") }

// Kept are the columns of the list beside number and key.
func (p *listPage) Kept() string { return strings.Join(p.List.Shape.Fields, ", ") }

// listPageOf is the page of the list in the path.
func listPageOf(q *request) (*listPage, error) {
	l, err := ofList(q)
	if err != nil {
		return nil, err
	}
	p := &listPage{frame: *q.frame(), Path: listPath(l.ID), Table: contact.Table{Key: l.Shape.Key}}
	p.show(&l)
	return p, nil
}

// show has the page be about a list as it is now.
func (p *listPage) show(l *contact.List) {
	p.List, p.Waits = *l, nil
	p.People, p.Made = p.many("lists_people", l.Entries), madeBy{p.At(l.MadeAt), p.actor(l.MadeBy)}
	p.Keep = p.say("lists_kept_always")
	if l.KeepDays > 0 {
		p.Keep = p.many("lists_kept_days", l.KeepDays)
	}
	if !l.FilledAt.IsZero() {
		p.Filled = madeBy{p.At(l.FilledAt), p.actor(l.FilledBy)}
	}
	if t := l.Pending; t != nil {
		p.Waits = &listWaiting{
			Pending: t, From: madeBy{p.At(t.At), p.actor(t.By)}, People: p.many("lists_people", t.Entries),
			Come: p.many("lists_come", t.Added), Go: p.many("lists_go", t.Removed), Other: p.many("lists_change", t.Changed),
		}
		for _, s := range t.Skipped {
			p.Waits.Skipped = append(p.Waits.Skipped, campaignFound{
				p.Count(int64(s.Rows)), p.told(s.Reason), p.Count(int64(s.First)),
			})
		}
	}
}

func showList(q *request) (answer, error) {
	p, err := listPageOf(q)
	if err != nil {
		return nil, err
	}
	return view{name: "list", data: p}, nil
}

// removeFromList takes somebody off, by key or number.
func removeFromList(q *request) (answer, error) {
	if err := q.read("person"); err != nil {
		return nil, err
	}
	p, err := listPageOf(q)
	if err != nil {
		return nil, err
	}
	p.Person = q.field("person")
	_, err = q.console.Lists.Remove(withoutCancel(q), q.account, p.List.ID, p.Person, q.actor())
	if err != nil {
		return p.refused(err, "person")
	}
	return redirect{p.Path, "list_person_removed"}, nil
}

// refused shows the list again, with what is wrong in one of its forms.
func (p *listPage) refused(err error, field string) (answer, error) {
	wrong, mendable := errors.AsType[*contact.Error](err)
	if !mendable {
		return nil, listError(err)
	}
	p.refuse(field, p.told(wrong.Reason))
	return view{"list", p, refusedForm}, nil
}

// dropList forgets a list with everybody on it.
func dropList(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	l, err := ofList(q)
	if err != nil {
		return nil, err
	}
	if err := q.console.Lists.Drop(withoutCancel(q), q.account, l.ID, q.actor()); err != nil {
		return nil, listError(err)
	}
	return redirect{Home + "lists", string(auth.ListDropped)}, nil
}

// listFormPage is what people write about a list: of a new one, or of one that there is.
type listFormPage struct {
	frame
	problems

	List  contact.List // zero: it is a new one
	Path  string
	Draft contact.Content
	Days  string // as typed
}

func showNewList(q *request) (answer, error) {
	return view{name: "list_form", data: &listFormPage{frame: *q.frame(), Path: Home + "lists"}}, nil
}

func showListForm(q *request) (answer, error) {
	p, err := listFormOf(q)
	if err != nil {
		return nil, err
	}
	p.Draft, p.Days = p.List.Content, written(p.List.KeepDays)
	return view{name: "list_form", data: p}, nil
}

func listFormOf(q *request) (*listFormPage, error) {
	l, err := ofList(q)
	if err != nil {
		return nil, err
	}
	return &listFormPage{frame: *q.frame(), List: l, Path: listPath(l.ID)}, nil
}

func createList(q *request) (answer, error) {
	p := &listFormPage{frame: *q.frame(), Path: Home + "lists"}
	if _, err := p.read(q); err != nil {
		return nil, err
	}
	if len(p.Problems) > 0 {
		return view{"list_form", p, refusedForm}, nil
	}
	made, err := q.console.Lists.Create(withoutCancel(q), q.account, p.Draft, q.actor())
	if err != nil {
		return p.refused(q, err)
	}
	return redirect{listPath(made.ID), string(auth.ListMade)}, nil
}

func changeList(q *request) (answer, error) {
	p, err := listFormOf(q)
	if err != nil {
		return nil, err
	}
	seen, err := p.read(q)
	if err != nil {
		return nil, err
	}
	if len(p.Problems) > 0 {
		return view{"list_form", p, refusedForm}, nil
	}
	_, err = q.console.Lists.Change(withoutCancel(q), q.account, p.List.ID, seen, p.Draft, q.actor())
	if err != nil {
		return p.refused(q, err)
	}
	return redirect{p.Path, string(auth.ListChanged)}, nil
}

// read takes what was typed. seen is the version that the form was made of.
func (p *listFormPage) read(q *request) (seen int, err error) {
	if err := q.read("version", "name", "source", "purpose", "keep_days"); err != nil {
		return 0, err
	}
	if seen, err = strconv.Atoi(q.field("version")); err != nil {
		return 0, &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	}
	p.Draft = contact.Content{Name: q.field("name"), Source: q.field("source"), Purpose: q.field("purpose")}
	if p.Days = q.field("keep_days"); p.Days != "" {
		if p.Draft.KeepDays, err = strconv.Atoi(p.Days); err != nil {
			p.refuse("keep_days", p.say("lists_days_unreadable"))
		}
	}
	return seen, nil
}

// refused shows the form again, with what was typed and what is wrong.
func (p *listFormPage) refused(q *request, err error) (answer, error) {
	wrong, mendable := errors.AsType[*contact.Error](err)
	switch {
	case errors.Is(err, contact.ErrOutdated):
		now, again := ofList(q)
		if again != nil {
			return nil, again
		}
		p.List = now // whoever sends the form again has seen what the colleague did
		p.refuse("name", p.say("lists_outdated"))
		return view{"list_form", p, http.StatusConflict}, nil
	case !mendable:
		return nil, listError(err)
	}
	field := strings.TrimPrefix(wrong.Field, "/")
	if field == "" {
		field = "name"
	}
	p.refuse(field, p.told(wrong.Reason))
	return view{"list_form", p, refusedForm}, nil
}
