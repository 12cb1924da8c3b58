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

// listUpload takes a table for a list.
const listUpload = "POST /console/lists/{id}/table"

// putListTable reads a table as it arrives. It waits then, and the page says what it would do.
func putListTable(q *request) (answer, error) {
	if err := q.mayUpload(); err != nil {
		return nil, err
	}
	p, err := listPageOf(q)
	if err != nil {
		return nil, err
	}
	up, err := q.uploading("file", "column", "key", "fields")
	switch {
	case err != nil:
		p.refuse("file", p.say("campaigns_file_none"))
		return view{"list", p, refusedForm}, nil //nolint:nilerr // the page says it
	case up.other != "":
		return toAccount(q, up.other), nil
	}
	p.Table = contact.Table{
		Name: up.name, Column: strings.TrimSpace(up.values["column"]), Key: strings.TrimSpace(up.values["key"]),
		Fields: namesIn(up.values["fields"]),
	}
	l, err := q.console.Lists.Put(withoutCancel(q), q.account, p.List.ID, p.Table, up.file, q.actor())
	if errors.Is(err, contact.ErrOutdated) {
		return redirect{p.Path, "list_moved"}, nil
	}
	if err != nil {
		if up.file.cut {
			err = &contact.Error{Reason: phrase("campaigns_file_cut")}
		}
		return p.refused(err, "file")
	}
	return redirect{to: listPath(l.ID) + "#waits"}, nil
}

// namesIn are names of columns, which people part by commas or semicolons.
func namesIn(text string) (names []string) {
	for name := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' }) {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// fillList puts the table that waits in force.
func fillList(q *request) (answer, error) {
	return decideListTable(q, q.console.Lists.Fill, auth.ListFilled)
}

// refuseListTable forgets it.
func refuseListTable(q *request) (answer, error) {
	return decideListTable(q, q.console.Lists.Refuse, auth.ListRefused)
}

// decideListTable decides about the table that the person saw. Where another one waits by now, or
// none, they are told and see what is there.
func decideListTable(
	q *request, decide func(context.Context, string, sms.ID, int, sms.Actor) (contact.List, error), act auth.ActCode,
) (answer, error) {
	if err := q.read("table"); err != nil {
		return nil, err
	}
	l, err := ofList(q)
	if err != nil {
		return nil, err
	}
	seen, err := strconv.Atoi(q.field("table"))
	if err != nil {
		return nil, &problem{http.StatusBadRequest, reason.Of(sayFormForeign, nil)}
	}
	_, err = decide(withoutCancel(q), q.account, l.ID, seen, q.actor())
	_, nothing := errors.AsType[*contact.Error](err)
	switch {
	case nothing, errors.Is(err, contact.ErrOutdated):
		return redirect{listPath(l.ID), "list_moved"}, nil
	case err != nil:
		return nil, listError(err)
	}
	return redirect{listPath(l.ID), string(act)}, nil
}
