package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"relais/auth"
	"relais/reason"
)

// Users is what administrators do about other people.
type Users interface {
	Users(ctx context.Context) ([]auth.User, error)
	User(ctx context.Context, id string) (auth.User, error)
	Create(ctx context.Context, by auth.By, n auth.NewUser) (auth.User, auth.Link, error)
	Invite(ctx context.Context, by auth.By, user string) (auth.Link, error)
	Reset(ctx context.Context, by auth.By, user string, step bool) (auth.Link, error)
	SetRoles(ctx context.Context, by auth.By, user string, seen, roles []auth.Grant) error
	Disable(ctx context.Context, by auth.By, user string) error
	Enable(ctx context.Context, by auth.By, user string) error
	Sessions(ctx context.Context, user string) ([]auth.Session, error)
	EndSession(ctx context.Context, by auth.By, user, id string) error
	InviteMail(ctx context.Context, by auth.By, user string, seen *string, mail string) error
	ReleaseIdentity(ctx context.Context, by auth.By, user string) error
}

// usersPage lists everybody who may sign in, or might once.
type usersPage struct {
	frame

	Rows []userRow
}

// userRowOf is a user in a list.
type userRow struct {
	ID    string
	Name  string
	Shown string
	Pill  pill
	Roles []string
	Step  string  // whether there is a second step
	Last  *moment // nil: never signed in
}

func showUsers(q *request) (answer, error) {
	all, err := q.console.Users.Users(q.ctx())
	if err != nil {
		return nil, err
	}
	p := &usersPage{frame: *q.frame()}
	for _, u := range all {
		p.Rows = append(p.Rows, userRowOf(&p.frame, u))
	}
	return view{name: "users", data: p}, nil
}

func userRowOf(f *frame, u auth.User) userRow {
	row := userRow{ID: u.ID, Name: u.Name, Shown: u.Shown(), Pill: userStateOf(f, u), Step: f.say(stepWord(u))}
	for _, g := range u.Roles {
		row.Roles = append(row.Roles, grantOf(f, g))
	}
	if !u.SignedInAt.IsZero() {
		at := f.At(u.SignedInAt)
		row.Last = &at
	}
	return row
}

func userStateOf(f *frame, u auth.User) pill {
	switch {
	case !u.DisabledAt.IsZero():
		return pill{"bad", f.say("user_disabled")}
	case !u.CanEnter():
		return pill{"waiting", f.say("user_invited")}
	default:
		return pill{"good", f.say("user_active")}
	}
}

// stepWord is the phrase for the second step of a user.
func stepWord(u auth.User) string {
	switch {
	case !u.SecondStepAt.IsZero():
		return "user_step_set"
	case u.PasskeyCount > 0:
		return "user_step_passkey"
	case u.NeedsSecondStep():
		return "user_step_missing"
	default:
		return "user_step_none"
	}
}

// newUserPage asks who somebody will be.
type newUserPage struct {
	frame
	problems

	Name, Display, Language string
	Mail                    string // by which the provider of identities knows them
	Elsewhere               string // that provider; empty: there is none
	Groups                  []roleGroup
}

// Languages are those that the new user may read.
func (p *newUserPage) Languages() []option { return languagesOf(&p.frame, p.Language) }

// roleGroup are the roles of an account, or of the whole gateway.
type roleGroup struct {
	Account string // empty: the whole gateway
	Roles   []roleChoice
}

// roleChoice is a role that may be ticked.
type roleChoice struct {
	Field  string // of the form
	Word   string
	Hint   string
	Chosen bool
}

// grantsOf are all roles that there are, for the whole gateway and for each account.
func grantsOf(q *request) (all [][]auth.Grant, err error) {
	accounts, err := q.console.Reader.Accounts(q.ctx())
	if err != nil {
		return nil, err
	}
	whole := []auth.Grant{}
	for _, r := range auth.Roles() {
		if r.WholeGateway() {
			whole = append(whole, auth.Grant{Role: r})
		}
	}
	all = append(all, whole)
	for _, a := range accounts {
		of := []auth.Grant{}
		for _, r := range auth.Roles() {
			if !r.WholeGateway() {
				of = append(of, auth.Grant{Account: a.Name, Role: r})
			}
		}
		all = append(all, of)
	}
	return all, nil
}

// roleField is the field of a form with which a role is ticked.
func roleField(g auth.Grant) string { return "role:" + g.String() }

// groups are the roles that may be ticked, with those that are.
func (f *frame) groups(all [][]auth.Grant, chosen []auth.Grant) (groups []roleGroup) {
	for _, of := range all {
		g := roleGroup{Account: of[0].Account}
		for _, one := range of {
			g.Roles = append(g.Roles, roleChoice{
				Field: roleField(one), Word: one.Role.Title().In(f.Lang),
				Hint:   reason.Of(Words+"/role_hint_"+reason.Code(one.Role), nil).In(f.Lang),
				Chosen: slices.Contains(chosen, one),
			})
		}
		groups = append(groups, g)
	}
	return groups
}

// readRoles reads a form with fields and roles, and returns those that are ticked.
func readRoles(q *request, all [][]auth.Grant, fields ...string) (chosen []auth.Grant, err error) {
	for _, of := range all {
		for _, g := range of {
			fields = append(fields, roleField(g))
		}
	}
	if err := q.read(fields...); err != nil {
		return nil, err
	}
	for _, of := range all {
		for _, g := range of {
			if q.form.Has(roleField(g)) {
				chosen = append(chosen, g)
			}
		}
	}
	return chosen, nil
}

func showNewUser(q *request) (answer, error) {
	all, err := grantsOf(q)
	if err != nil {
		return nil, err
	}
	p := &newUserPage{frame: *q.frame(), Elsewhere: q.provider()}
	p.Groups = p.groups(all, nil)
	return view{name: "user_new", data: p}, nil
}

// createUser adds a user and shows the link for them, once.
func createUser(q *request) (answer, error) {
	all, err := grantsOf(q)
	if err != nil {
		return nil, err
	}
	chosen, err := readRoles(q, all, "name", "display", "language", "mail")
	if err != nil {
		return nil, err
	}
	p := &newUserPage{
		frame: *q.frame(), Name: q.field("name"), Display: q.field("display"), Language: q.field("language"),
		Mail: q.field("mail"), Elsewhere: q.provider(),
	}
	p.Groups = p.groups(all, chosen)
	if len(chosen) == 0 && (p.Mail == "" || !q.rolesElsewhere()) {
		p.refuse("roles", p.say("user_without_role"))
		return view{"user_new", p, http.StatusUnprocessableEntity}, nil
	}
	u, link, err := q.console.Users.Create(withoutCancel(q), q.by(), auth.NewUser{
		Name: p.Name, Display: p.Display, Language: reason.Language(p.Language), Roles: chosen,
		Mail: p.Mail,
	})
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		p.refuse(fieldOfUser(refused.Reason.Code), refused.Reason.In(q.lang))
		return refuseForm("user_new", p, refused), nil
	}
	if err != nil {
		return nil, err
	}
	if q.emergencyOnly() { // where a link opens nothing
		return redirect{Home + "users/" + u.ID, "user_created"}, nil
	}
	return newLinkPage(q, u, link), nil
}

// fieldOfUser is the field that a refusal is about.
func fieldOfUser(code reason.Code) string {
	switch code {
	case auth.CodeDisplay:
		return "display"
	case auth.CodeMail, auth.CodeMailTaken, auth.CodeMailBound, auth.CodeMailChanged:
		return "mail"
	case auth.CodeLanguage:
		return "language"
	case auth.CodeRole, auth.CodeRoleAccount, auth.CodeRoleWhole, auth.CodeAccount, auth.CodeLastAdmin,
		auth.CodeRolesChanged:
		return "roles"
	default:
		return "name"
	}
}

// newLinkPage shows a link that works once. It stands in this answer alone.
type linkPage struct {
	frame

	ID     string // of the user
	For    string
	Link   string
	EndsAt moment
}

func newLinkPage(q *request, u auth.User, link auth.Link) answer {
	f := q.frame()
	return view{name: "user_link", data: &linkPage{
		frame: *f, ID: u.ID, For: u.Shown(), Link: q.origin() + Home + "welcome#" + link.Code, EndsAt: f.At(link.EndsAt),
	}}
}

// origin is how browsers reach the console: as the configuration says, else as this one
// does.
func (q *request) origin() string {
	if q.console.PublicURL != "" {
		return q.console.PublicURL
	}
	if q.console.Secure {
		return "https://" + q.Host
	}
	return "http://" + q.Host
}

// pageOfUser shows a user, and what may be done about them.
type userPage struct {
	frame
	problems

	userRow

	Disabled  bool
	Invited   bool // they cannot sign in yet
	Mail      string
	MailSeen  string  // the address that the form is about
	Bound     *moment // when they first came by the provider; nil: never
	Issuer    string
	Emergency bool
	Elsewhere string // the provider of identities; empty: there is none
	Groups    []roleGroup
	Sessions  []sessionRow
	seen      []auth.Grant
}

func showUser(q *request) (answer, error) {
	u, err := userAt(q)
	if err != nil {
		return nil, err
	}
	p, err := pageOfUser(q, u, u.Roles)
	return view{name: "user", data: p}, err
}

// userAt is that in the path. What names nobody is not there.
func userAt(q *request) (auth.User, error) {
	u, err := q.console.Users.User(q.ctx(), q.PathValue("user"))
	if auth.HasCode(err, auth.CodeUserUnknown) {
		return u, notFound()
	}
	return u, err
}

func pageOfUser(q *request, u auth.User, chosen []auth.Grant) (*userPage, error) {
	all, err := grantsOf(q)
	if err != nil {
		return nil, err
	}
	open, err := q.console.Users.Sessions(q.ctx(), u.ID)
	if err != nil {
		return nil, err
	}
	f := q.frame()
	p := &userPage{
		frame: *f, userRow: userRowOf(f, u), Disabled: !u.DisabledAt.IsZero(), Invited: !u.CanEnter(),
		Groups: f.groups(all, chosen), Sessions: f.sessionRows(open), seen: u.Roles, Mail: u.Mail, MailSeen: u.Mail, Emergency: u.Emergency,
		Elsewhere: q.provider(), Issuer: u.Identity.Issuer,
	}
	if u.Identity.Subject != "" {
		at := f.At(u.Identity.Since)
		p.Bound = &at
	}
	return p, nil
}

// refuseUser shows the page of a user again, with what was refused.
func refuseUser(q *request, u auth.User, chosen []auth.Grant, refused *auth.Error) (answer, error) {
	p, err := pageOfUser(q, u, chosen)
	if err != nil {
		return nil, err
	}
	if refused.Reason.Code == auth.CodeMailChanged { // the page shows what the other one wrote
		if u, err = userAt(q); err != nil {
			return nil, err
		}
		p.MailSeen = u.Mail
	}
	field := "roles"
	if of := fieldOfUser(refused.Reason.Code); of == "mail" {
		field, p.Mail = of, q.field("mail")
	}
	p.refuse(field, refused.Reason.In(q.lang))
	return refuseForm("user", p, refused), nil
}

// aboutUser does something about the user in the path, and shows their page with what was
// done.
func aboutUser(q *request, said string, do func(u auth.User) error) (answer, error) {
	u, err := userAt(q)
	if err != nil {
		return nil, err
	}
	err = do(u)
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		return refuseUser(q, u, u.Roles, refused)
	}
	return redirect{Home + "users/" + u.ID, said}, err
}

// setRoles gives the user the roles that are ticked, and no others.
func setRoles(q *request) (answer, error) {
	all, err := grantsOf(q)
	if err != nil {
		return nil, err
	}
	chosen, err := readRoles(q, all, "seen")
	if err != nil {
		return nil, err
	}
	u, err := userAt(q)
	if err != nil {
		return nil, err
	}
	err = q.console.Users.SetRoles(withoutCancel(q), q.by(), u.ID, seenOf(q), chosen)
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		if refused.Reason.Code == auth.CodeRolesChanged { // the page shows what the other one chose
			if u, err = userAt(q); err != nil {
				return nil, err
			}
			chosen = u.Roles
		}
		return refuseUser(q, u, chosen, refused)
	}
	return redirect{Home + "users/" + u.ID, "roles"}, err
}

// Seen are the roles that the page shows, for the form that changes them.
func (p *userPage) Seen() string {
	texts := []string{}
	for _, g := range p.seen {
		texts = append(texts, g.String())
	}
	return strings.Join(texts, " ")
}

// seenOf are the roles that the person saw who changes them; nil where the form does not
// tell.
func seenOf(q *request) []auth.Grant {
	if !q.form.Has("seen") {
		return nil
	}
	seen := []auth.Grant{}
	for text := range strings.FieldsSeq(q.form.Get("seen")) {
		role, account, _ := strings.Cut(text, "@")
		seen = append(seen, auth.Grant{Account: account, Role: auth.Role(role)})
	}
	return seen
}

// inviteUser makes a new link, instead of the last one.
func inviteUser(q *request) (answer, error) {
	return showNewLink(q, nil, func(u auth.User) (auth.Link, error) {
		return q.console.Users.Invite(withoutCancel(q), q.by(), u.ID)
	})
}

// resetUser takes the password away, and the second step where that is lost too.
func resetUser(q *request) (answer, error) {
	return showNewLink(q, []string{"step"}, func(u auth.User) (auth.Link, error) {
		return q.console.Users.Reset(withoutCancel(q), q.by(), u.ID, q.form.Has("step"))
	})
}

func showNewLink(q *request, fields []string, make func(auth.User) (auth.Link, error)) (answer, error) {
	if err := q.read(fields...); err != nil {
		return nil, err
	}
	u, err := userAt(q)
	if err != nil {
		return nil, err
	}
	link, err := make(u)
	if refused, ok := errors.AsType[*auth.Error](err); ok {
		return refuseUser(q, u, u.Roles, refused)
	}
	if err != nil {
		return nil, err
	}
	return newLinkPage(q, u, link), nil
}

func disableUser(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	return aboutUser(q, "user_disabled", func(u auth.User) error {
		return q.console.Users.Disable(withoutCancel(q), q.by(), u.ID)
	})
}

func enableUser(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	return aboutUser(q, "user_enabled", func(u auth.User) error {
		return q.console.Users.Enable(withoutCancel(q), q.by(), u.ID)
	})
}

func endUserSession(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	u, err := userAt(q)
	if err != nil {
		return nil, err
	}
	err = q.console.Users.EndSession(withoutCancel(q), q.by(), u.ID, q.PathValue("session"))
	if auth.HasCode(err, auth.CodeSessionEnded) {
		return nil, notFound()
	}
	return redirect{Home + "users/" + u.ID, "session_ended"}, err
}
