package console

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"relais/auth"
	"relais/person"
	"relais/reason"
	"relais/sms"
)

// Proofs are the exports and erasures of persons, which have a list of their own.
type Proofs interface {
	Audit(ctx context.Context, q person.AuditQuery) (found []person.AuditEntry, more bool, err error)
}

// What the page itself does that is in the audit.
const auditExported auth.ActCode = "audit_exported"

// auditPage lists what people did and saw, newest first.
type auditPage struct {
	frame
	problems

	Rows         []actRow
	Next         string // address of older ones; empty: there are none
	Export       string // address of the file
	People       []option
	Since, Until string
	Filters      bool
}

// actRowOf is an act in a list.
type actRow struct {
	ID      sms.ID
	At      moment
	Who     string
	What    string
	Subject string
	Account string
	Note    string
	Address string
}

// auditFilter is what the list is narrowed to.
type auditFilter struct {
	person       string    // id of a user, or one of the actors that are none; empty: everybody
	actor        sms.Actor // as acts name that person
	since, until time.Time // zero: from the beginning, until now
	before       sms.ID
}

func showAudit(q *request) (answer, error) {
	p := &auditPage{frame: *q.frame()}
	people, err := peopleOf(q)
	if err != nil {
		return nil, err
	}
	asked := q.URL.Query()
	filter, err := p.filter(q, asked, people)
	if err != nil {
		return nil, err
	}
	p.People = p.options(people, filter.person)
	if len(p.Problems) > 0 {
		return view{"audit", p, http.StatusUnprocessableEntity}, nil
	}
	found, more, err := actsBy(q, filter, pageSize)
	if err != nil {
		return nil, err
	}
	for i := range found {
		p.Rows = append(p.Rows, actRowOf(&p.frame, &found[i]))
	}
	asked.Del("said")
	asked.Del("before")
	p.Export = Home + "audit.csv?" + asked.Encode()
	if more && len(found) > 0 {
		asked.Set("before", found[len(found)-1].ID.Ref())
		p.Next = Home + "audit?" + asked.Encode()
	}
	return view{name: "audit", data: p}, nil
}

// watchedBy are the accounts whose acts the person may read; whole: those of all, and of
// the gateway itself.
func watchedBy(q *request) (accounts []string, whole bool, err error) {
	all, err := q.console.Reader.Accounts(q.ctx())
	if err != nil {
		return nil, false, err
	}
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.Name
	}
	return q.session.User.Accounts(auth.SeeAudit, names), q.session.May(auth.SeeAudit, ""), nil
}

// peopleOf are the users whom the list can be narrowed to: those who have something to do
// with an account that the person watches.
func peopleOf(q *request) ([]auth.User, error) {
	accounts, whole, err := watchedBy(q)
	if err != nil {
		return nil, err
	}
	all, err := q.console.Users.Users(q.ctx())
	return slices.DeleteFunc(all, func(u auth.User) bool {
		return !whole && !slices.ContainsFunc(u.Roles, func(g auth.Grant) bool {
			return g.Account == "" || slices.Contains(accounts, g.Account)
		})
	}), err
}

// strangers are the actors that are no user.
var strangers = []sms.Actor{auth.Nobody, auth.Machine, auth.Identities}

func (p *auditPage) options(people []auth.User, chosen string) []option {
	all := []option{{"", p.say("audit_everybody"), chosen == ""}}
	for _, u := range people {
		all = append(all, option{u.ID, u.Shown(), chosen == u.ID})
	}
	for _, actor := range strangers {
		all = append(all, option{string(actor), p.actorOf(actor), chosen == string(actor)})
	}
	return all
}

// actorOf says who did something, people who are no user too.
func (f *frame) actorOf(actor sms.Actor) string {
	if slices.Contains(strangers, actor) {
		return f.say("audit_actor_" + string(actor))
	}
	return f.actor(actor)
}

// filter reads what is asked for. What was typed wrongly is told at its field.
func (p *auditPage) filter(q *request, asked url.Values, people []auth.User) (f auditFilter, err error) {
	f.person = asked.Get("person")
	p.Since, p.Until = asked.Get("since"), asked.Get("until")
	p.Filters = f.person != "" || p.Since != "" || p.Until != ""
	stranger := slices.IndexFunc(strangers, func(a sms.Actor) bool { return string(a) == f.person })
	switch at := slices.IndexFunc(people, func(u auth.User) bool { return u.ID == f.person }); {
	case stranger >= 0:
		f.actor = strangers[stranger]
	case at >= 0:
		f.actor = people[at].Actor()
	case f.person != "":
		return f, notFound()
	}
	f.since, f.until = p.day(q, "since", p.Since), p.day(q, "until", p.Until)
	if !f.until.IsZero() {
		f.until = f.until.AddDate(0, 0, 1) // the day is in it
	}
	if !f.since.IsZero() && !f.until.IsZero() && !f.since.Before(f.until) {
		p.refuse("until", p.say("audit_order"))
	}
	if before := asked.Get("before"); before != "" {
		if f.before, err = sms.ParseRef(before); err != nil {
			return f, &problem{http.StatusBadRequest, reason.Of(sayNoCursor, nil)}
		}
	}
	return f, nil
}

func (p *auditPage) day(q *request, field, typed string) time.Time {
	if typed == "" {
		return time.Time{}
	}
	at, err := time.ParseInLocation(time.DateOnly, typed, q.console.Zone)
	if err != nil {
		p.refuse(field, p.say("day_unreadable"))
	}
	return at
}

// actsBy reads both lists, newest first: what people did, and the exports and erasures of
// persons.
func actsBy(q *request, f auditFilter, limit int) (found []auth.Act, more bool, err error) {
	accounts, whole, err := watchedBy(q)
	if err != nil {
		return nil, false, err
	}
	before := f.before
	if last := sms.FirstID(f.until); !f.until.IsZero() && (before.IsZero() || bytes.Compare(last[:], before[:]) < 0) {
		before = last
	}
	asked := auth.ActQuery{Actor: f.actor, Before: before, Since: f.since, Limit: limit}
	if !whole {
		asked.Accounts = accounts
	}
	if found, more, err = q.console.Journal.Acts(q.ctx(), asked); err != nil {
		return nil, false, err
	}
	for _, account := range accounts {
		proofs, further, err := proofsOf(q, account, f, before, limit)
		if err != nil {
			return nil, false, err
		}
		found, more = append(found, proofs...), more || further
	}
	slices.SortFunc(found, func(a, b auth.Act) int { return -cmp.Compare(a.ID.String(), b.ID.String()) })
	if len(found) > limit {
		found, more = found[:limit], true
	}
	return found, more, nil
}

// proofsOf are the exports and erasures of persons in an account, as acts.
func proofsOf(q *request, account string, f auditFilter, before sms.ID, limit int) (acts []auth.Act, more bool, err error) {
	found, more, err := q.console.Proofs.Audit(q.ctx(), person.AuditQuery{Account: account, Before: before, Limit: limit})
	if err != nil {
		return nil, false, err
	}
	for i := range found {
		e := &found[i]
		if !f.since.IsZero() && e.At.Before(f.since) {
			return acts, false, nil
		}
		if f.actor != "" && e.Actor != f.actor {
			continue
		}
		acts = append(acts, auth.Act{
			ID: e.ID, At: e.At, Actor: e.Actor, Account: account, Code: auth.ActCode("person_" + string(e.Action)),
			Subject: string(e.Subject),
		})
	}
	return acts, more, nil
}

func actRowOf(f *frame, a *auth.Act) actRow {
	return actRow{
		ID: a.ID, At: f.At(a.At), Who: f.actorOf(a.Actor), What: actTitleOf(f, a.Code), Subject: a.Subject,
		Account: a.Account, Note: noteOf(f, a), Address: a.Address,
	}
}

// actTitleOf is what was done in words; the code where nobody wrote them.
func actTitleOf(f *frame, code auth.ActCode) string {
	title := code.Title()
	if said := title.In(f.Lang); said != string(title.Code) {
		return said
	}
	return string(code)
}

// noteOf is what more is known of an act: roles by their names.
func noteOf(f *frame, a *auth.Act) string {
	if role := auth.Role(a.Note); role.Valid() {
		return role.Title().In(f.Lang)
	}
	return a.Note
}

// mostActs bounds one file.
const mostActs = 10_000

// exportAudit writes the list as a file for a spreadsheet. That it was written is an act.
func exportAudit(q *request) (answer, error) {
	people, err := peopleOf(q)
	if err != nil {
		return nil, err
	}
	p := &auditPage{frame: *q.frame()}
	filter, err := p.filter(q, q.URL.Query(), people)
	if err != nil {
		return nil, err
	}
	if len(p.Problems) > 0 {
		return nil, &problem{http.StatusUnprocessableEntity, reason.Of(Words+"/day_unreadable", nil)}
	}
	if err := q.record(auditExported, "", ""); err != nil {
		return nil, err
	}
	rows := [][]string{{"at", "actor", "account", "act", "subject", "note", "address"}}
	for more := true; more && len(rows) <= mostActs; {
		var found []auth.Act
		if found, more, err = actsBy(q, filter, 1000); err != nil {
			return nil, err
		}
		for i := range found {
			a := &found[i]
			rows = append(rows, []string{
				a.At.UTC().Format(time.RFC3339), string(a.Actor), a.Account, string(a.Code), a.Subject, a.Note, a.Address,
			})
			filter.before = a.ID
		}
		more = more && len(found) > 0
	}
	return tableFile("journal.csv", rows)
}

// file is an answer that browsers keep, and do not show.
type file struct {
	name, kind string
	body       []byte
}

func (a file) write(w http.ResponseWriter, _ *request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Content-Disposition", `attachment; filename="`+a.name+`"`)
	w.Write(a.body) //nolint:errcheck // the browser may have gone
}

// tableFile is a table as CSV (RFC 4180), in which a spreadsheet finds no formula.
func tableFile(name string, rows [][]string) (answer, error) {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	for _, row := range rows {
		for i := range row {
			row[i] = harmless(row[i])
		}
		if err := out.Write(row); err != nil {
			return nil, err
		}
	}
	out.Flush()
	return file{name, "text/csv; charset=utf-8", b.Bytes()}, out.Error()
}

// harmless keeps a spreadsheet from taking a cell for a formula: it shows the apostrophe
// and calculates nothing (OWASP, "CSV Injection").
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
