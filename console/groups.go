package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"relais/auth"
	"relais/contact"
	"relais/reason"
	"relais/sms"
)

// ContactGroups keeps groups of contacts.
type ContactGroups interface {
	Groups(ctx context.Context, account string) ([]contact.Group, error)
	Group(ctx context.Context, account string, id sms.ID) (contact.Group, error)
	AddGroup(ctx context.Context, account, name, note string, by sms.Actor) (contact.Group, error)
	ChangeGroup(
		ctx context.Context, account string, id sms.ID, seen int, name, note string, by sms.Actor,
	) (contact.Group, error)
	DropGroup(ctx context.Context, account string, id sms.ID, by sms.Actor) error
}

// groupsPage shows the groups of an account, by name.
type groupsPage struct {
	frame

	Rows []groupRow
}

// groupRow is a group among others.
type groupRow struct {
	Name, Path, Note string
	People           string
}

func showGroups(q *request) (answer, error) {
	p := &groupsPage{frame: *q.frame()}
	found, err := q.console.Contacts.Groups(q.ctx(), q.account)
	for i := range found {
		g := &found[i]
		p.Rows = append(p.Rows, groupRow{Name: g.Name, Path: groupPath(g.ID), Note: g.Note, People: p.many("lists_people", g.Members)})
	}
	return view{name: "groups", data: p}, err
}

func groupPath(id sms.ID) string { return Home + "groups/" + id.String() }

// ofGroup finds the group in the path.
func ofGroup(q *request) (contact.Group, error) {
	id, err := q.id()
	if err != nil {
		return contact.Group{}, err
	}
	g, err := q.console.Contacts.Group(q.ctx(), q.account, id)
	return g, contactError(err)
}

// groupPage is one group, with its people.
type groupPage struct {
	frame

	Group  contact.Group
	Path   string
	People string
	Made   madeBy
	Rows   []contactRow
	Next   string // address of the next page; empty on the last
}

// Manage reports whether the person may change the group.
func (p *groupPage) Manage() bool { return p.May(auth.ManageLists) }

func showGroup(q *request) (answer, error) {
	g, err := ofGroup(q)
	if err != nil {
		return nil, err
	}
	p := &groupPage{frame: *q.frame(), Group: g, Path: groupPath(g.ID)}
	p.People, p.Made = p.many("lists_people", g.Members), madeBy{p.At(g.MadeAt), p.actor(g.MadeBy)}
	p.Rows, p.Next, err = p.contactRows(q, g.ID, p.Path)
	return view{name: "group", data: p}, err
}

// dropGroup forgets a group. Its contacts stay.
func dropGroup(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	g, err := ofGroup(q)
	if err != nil {
		return nil, err
	}
	if err := q.console.Contacts.DropGroup(withoutCancel(q), q.account, g.ID, q.actor()); err != nil {
		return nil, contactError(err)
	}
	return redirect{Home + "groups", string(auth.GroupDropped)}, nil
}

// groupFormPage is what people write about a group: of a new one, or of one that there is.
type groupFormPage struct {
	frame
	problems

	Group      contact.Group // zero: it is a new one
	Path       string
	Name, Note string // as typed
}

func showNewGroup(q *request) (answer, error) {
	return view{name: "group_form", data: &groupFormPage{frame: *q.frame(), Path: Home + "groups"}}, nil
}

func showGroupForm(q *request) (answer, error) {
	g, err := ofGroup(q)
	if err != nil {
		return nil, err
	}
	p := &groupFormPage{frame: *q.frame(), Group: g, Path: groupPath(g.ID), Name: g.Name, Note: g.Note}
	return view{name: "group_form", data: p}, nil
}

func createGroup(q *request) (answer, error) {
	p := &groupFormPage{frame: *q.frame(), Path: Home + "groups"}
	if _, err := p.read(q); err != nil {
		return nil, err
	}
	made, err := q.console.Contacts.AddGroup(withoutCancel(q), q.account, p.Name, p.Note, q.actor())
	if err != nil {
		return p.refused(q, err)
	}
	return redirect{groupPath(made.ID), string(auth.GroupMade)}, nil
}

func changeGroup(q *request) (answer, error) {
	g, err := ofGroup(q)
	if err != nil {
		return nil, err
	}
	p := &groupFormPage{frame: *q.frame(), Group: g, Path: groupPath(g.ID)}
	seen, err := p.read(q)
	if err != nil {
		return nil, err
	}
	_, err = q.console.Contacts.ChangeGroup(withoutCancel(q), q.account, g.ID, seen, p.Name, p.Note, q.actor())
	if err != nil {
		return p.refused(q, err)
	}
	return redirect{p.Path, string(auth.GroupChanged)}, nil
}

// read takes what was typed. seen is the version that the form was made of; 0: it makes a group.
func (p *groupFormPage) read(q *request) (seen int, err error) {
	if err := q.read("version", "name", "note"); err != nil {
		return 0, err
	}
	seen, err = strconv.Atoi(q.field("version"))
	if err != nil || seen < 1 && !p.Group.ID.IsZero() {
		return 0, &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	}
	p.Name, p.Note = q.field("name"), q.field("note")
	return seen, nil
}

// refused shows the form again, with what was typed and what is wrong.
func (p *groupFormPage) refused(q *request, err error) (answer, error) {
	wrong, mendable := errors.AsType[*contact.Error](err)
	switch {
	case errors.Is(err, contact.ErrGroupOutdated):
		now, again := ofGroup(q)
		if again != nil {
			return nil, again
		}
		p.Group = now // whoever sends the form again has seen what the colleague did
		p.refuse("name", p.say("groups_outdated"))
		return view{"group_form", p, http.StatusConflict}, nil
	case !mendable:
		return nil, contactError(err)
	}
	field := strings.TrimPrefix(wrong.Field, "/")
	if field == "" {
		field = "name"
	}
	p.refuse(field, p.told(wrong.Reason))
	return view{"group_form", p, refusedForm}, nil
}
