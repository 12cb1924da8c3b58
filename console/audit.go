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
	"relais/plaintext"
	"relais/reason"
	"relais/sms"
)

// Proofs are the exports and erasures of persons, which have a list of their own.
type Proofs interface {
	Audit(ctx context.Context, q person.AuditQuery) (found []person.AuditEntry, more bool, err error)
}

// Programs are clients beside those with an API key that may change something: the
// applications of the OVH door.
type Programs interface {
	Programs(ctx context.Context) ([]Program, error)
}

// Program is one of them, whether it works still or not.
type Program struct {
	Account string
	Actor   sms.Actor // as acts name it
	Name    string
}

// What the page itself does that is in the audit.
const auditExported auth.ActCode = "audit_exported"

// auditPage lists what people did and saw, newest first.
type auditPage struct {
	frame
	problems

	Rows         []actRow
	Next         string // address of older ones; empty: there are none
	People       []option
	Acts         []option
	Accounts     []option
	Asked        auditAsked
	Since, Until string
	Filters      bool
}

// auditAsked is what the list was asked for, which its export repeats.
type auditAsked struct{ Person, Act, Account string }

// wholeGateway stands for the acts that are of no account, where an account is chosen.
const wholeGateway = "-"

// actRowOf is an act in a list.
type actRow struct {
	ID      sms.ID
	At      moment
	Who     string
	What    string
	Subject string
	Account string
	Note    string
	Edits   []editRow
	Address string
}

// auditFilter is what the list is narrowed to.
type auditFilter struct {
	person       string    // id of a user, or one of the actors that are none; empty: everybody
	actor        sms.Actor // as acts name that person
	code         auth.ActCode
	accounts     []string  // of these alone, the gateway itself by an empty name; nil: all
	proofs       []string  // accounts whose exports and erasures of persons are in it
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

// actorWatched is somebody other than a user to whom the list can be narrowed.
type actorWatched struct {
	actor sms.Actor // as acts name it
	name  string    // where the actor itself is a number; empty: it says enough
}

// programsWatched are the keys and the applications of the accounts that the person
// watches, those that work no more too.
func programsWatched(q *request) (found []actorWatched, err error) {
	accounts, _, err := watchedBy(q)
	if err != nil {
		return nil, err
	}
	keys, err := q.console.Keys.Keys(q.ctx())
	if err != nil {
		return nil, err
	}
	for i := range keys {
		if slices.Contains(accounts, keys[i].Account) {
			found = append(found, actorWatched{actor: keys[i].Actor()})
		}
	}
	programs, err := programsOf(q)
	if err != nil {
		return nil, err
	}
	for _, p := range programs {
		if slices.Contains(accounts, p.Account) {
			found = append(found, actorWatched{p.Actor, p.Name})
		}
	}
	slices.SortFunc(found, func(a, b actorWatched) int { return cmp.Compare(a.actor, b.actor) })
	return slices.Compact(found), nil
}

func programsOf(q *request) ([]Program, error) {
	if q.console.Programs == nil {
		return nil, nil
	}
	return q.console.Programs.Programs(q.ctx())
}

// strangers are the actors that are no user and no program.
var strangers = []sms.Actor{auth.Nobody, auth.Machine, auth.Identities}

func (p *auditPage) options(people []auth.User, programs []actorWatched, chosen string) []option {
	all := []option{{"", p.say("audit_everybody"), chosen == ""}}
	for _, u := range people {
		all = append(all, option{u.ID, u.Shown(), chosen == u.ID})
	}
	for _, actor := range strangers {
		all = append(all, option{string(actor), p.actorOf(actor), chosen == string(actor)})
	}
	for _, one := range programs {
		word := p.actorOf(one.actor)
		if one.name != "" {
			word += " (" + one.name + ")"
		}
		all = append(all, option{string(one.actor), word, chosen == string(one.actor)})
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
	p.Asked = auditAsked{f.person, asked.Get("act"), asked.Get("account")}
	p.Since, p.Until = asked.Get("since"), asked.Get("until")
	p.Filters = p.Asked != auditAsked{} || p.Since != "" || p.Until != ""
	programs, err := programsWatched(q)
	if err != nil {
		return f, err
	}
	p.People = p.options(people, programs, f.person)
	if err := p.chooseAct(&f); err != nil {
		return f, err
	}
	if err := p.chooseAccount(q, &f); err != nil {
		return f, err
	}
	others := slices.Clone(strangers)
	for _, one := range programs {
		others = append(others, one.actor)
	}
	other := slices.IndexFunc(others, func(a sms.Actor) bool { return string(a) == f.person })
	switch at := slices.IndexFunc(people, func(u auth.User) bool { return u.ID == f.person }); {
	case other >= 0:
		f.actor = others[other]
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

// chooseAct narrows the list to one kind of act.
func (p *auditPage) chooseAct(f *auditFilter) error {
	const titles = "people/act_"
	f.code = auth.ActCode(p.Asked.Act)
	p.Acts = []option{{"", p.say("audit_every_act"), f.code == ""}}
	known := f.code == ""
	for _, code := range reason.Codes() {
		act, ok := strings.CutPrefix(string(code), titles)
		if !ok {
			continue
		}
		known = known || act == p.Asked.Act
		p.Acts = append(p.Acts, option{act, actTitleOf(&p.frame, auth.ActCode(act)), act == p.Asked.Act})
	}
	slices.SortFunc(p.Acts[1:], func(a, b option) int { return strings.Compare(a.Word, b.Word) })
	if !known {
		return notFound()
	}
	return nil
}

// chooseAccount narrows the list to one account, or to what is of none.
func (p *auditPage) chooseAccount(q *request, f *auditFilter) error {
	accounts, whole, err := watchedBy(q)
	if err != nil {
		return err
	}
	chosen := p.Asked.Account
	p.Accounts = []option{{"", p.say("audit_every_account"), chosen == ""}}
	if whole {
		p.Accounts = append(p.Accounts, option{wholeGateway, p.say("audit_no_account"), chosen == wholeGateway})
	}
	for _, a := range accounts {
		p.Accounts = append(p.Accounts, option{a, a, chosen == a})
	}
	switch {
	case chosen == "":
		f.proofs = accounts
		if !whole {
			f.accounts = accounts
		}
	case chosen == wholeGateway && whole:
		f.accounts = []string{""}
	case slices.Contains(accounts, chosen):
		f.accounts, f.proofs = []string{chosen}, []string{chosen}
	default:
		return notFound()
	}
	return nil
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
	before := f.before
	if last := sms.FirstID(f.until); !f.until.IsZero() && (before.IsZero() || bytes.Compare(last[:], before[:]) < 0) {
		before = last
	}
	asked := auth.ActQuery{
		Accounts: f.accounts, Actor: f.actor, Code: f.code, Before: before, Since: f.since, Limit: limit,
	}
	if found, more, err = q.console.Journal.Acts(q.ctx(), asked); err != nil {
		return nil, false, err
	}
	action, some := strings.CutPrefix(string(f.code), proofMark)
	if f.code != "" && !some {
		return found, more, nil
	}
	for _, account := range f.proofs {
		proofs, further, err := proofsOf(q, person.AuditQuery{
			Account: account, Actor: f.actor, Action: person.Action(action), Since: f.since, Before: before, Limit: limit,
		})
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

// proofMark begins the codes of what was done about persons.
const proofMark = "person_"

// proofsOf are the exports and erasures of persons in an account, as acts.
func proofsOf(q *request, asked person.AuditQuery) (acts []auth.Act, more bool, err error) {
	found, more, err := q.console.Proofs.Audit(q.ctx(), asked)
	if err != nil {
		return nil, false, err
	}
	for i := range found {
		e := &found[i]
		acts = append(acts, auth.Act{
			ID: e.ID, At: e.At, Actor: e.Actor, Account: e.Account, Code: auth.ActCode(proofMark + string(e.Action)),
			Subject: string(e.Subject),
		})
	}
	return acts, more, nil
}

func actRowOf(f *frame, a *auth.Act) actRow {
	who := f.actorOf(a.Actor)
	if a.Via != "" {
		who += " (" + a.Via + ")"
	}
	return actRow{
		ID: a.ID, At: f.At(a.At), Who: who, What: actTitleOf(f, a.Code), Subject: a.Subject,
		Account: a.Account, Note: noteOf(f, a), Edits: editRowsOf(f, a.Edits), Address: a.Address,
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

// exportAudit writes the list as a file for a spreadsheet. That it was written is an act.
func exportAudit(q *request) (answer, error) {
	if err := q.read("person", "act", "account", "since", "until"); err != nil {
		return nil, err
	}
	people, err := peopleOf(q)
	if err != nil {
		return nil, err
	}
	p := &auditPage{frame: *q.frame()}
	filter, err := p.filter(q, q.form, people)
	if err != nil {
		return nil, err
	}
	if len(p.Problems) > 0 {
		return view{"audit", p, http.StatusUnprocessableEntity}, nil
	}
	if err := q.record(auditExported, "", ""); err != nil {
		return nil, err
	}
	return auditFile{filter}, nil
}

// auditFile is the list as CSV (RFC 4180), written page by page.
type auditFile struct{ filter auditFilter }

func (a auditFile) write(w http.ResponseWriter, q *request) {
	const page = 1000
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="journal.csv"`)
	out := csv.NewWriter(w)
	out.Write([]string{"at", "actor", "account", "act", "subject", "note", "address", "via", "changes"}) //nolint:errcheck // Flush tells
	for more := true; more; {
		var found []auth.Act
		var err error
		if found, more, err = actsBy(q, a.filter, page); err != nil {
			q.console.Log.Error("an export of the audit broke off", "error", err)
			panic(http.ErrAbortHandler) // the browser must see that it is not whole
		}
		for i := range found {
			act := &found[i]
			a.filter.before = act.ID
			row := []string{
				act.At.UTC().Format(time.RFC3339), string(act.Actor), act.Account, string(act.Code), act.Subject, act.Note,
				act.Address, act.Via, act.Edits.String(),
			}
			for i := range row {
				row[i] = plaintext.ForSpreadsheet(row[i])
			}
			out.Write(row) //nolint:errcheck // Flush tells
		}
		if out.Flush(); out.Error() != nil {
			return
		}
		more = more && len(found) > 0
	}
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
