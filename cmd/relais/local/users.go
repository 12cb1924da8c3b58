package local

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"relais/app"
	"relais/auth"
	"relais/cmd/relais/terminal"
	"relais/reason"
)

type usersCommand struct {
	Create    usersCreateCommand    `cmd:"" help:"Add a user; standard output gets the link by which they choose a password, and nothing else."`
	List      usersListCommand      `cmd:"" help:"List the users and their roles."`
	Roles     usersRolesCommand     `cmd:"" help:"Give a user other roles, or show those they have."`
	Reset     usersResetCommand     `cmd:"" help:"Take a user's password away and make a new link."`
	Identity  usersIdentityCommand  `cmd:"" help:"Show who a user is at the provider of identities, or invite or release them."`
	Emergency usersEmergencyCommand `cmd:"" help:"Let a user sign in by password although passwords are turned off."`
	Disable   usersDisableCommand   `cmd:"" help:"Let a user sign in no more; their sessions end."`
	Enable    usersEnableCommand    `cmd:"" help:"Let a user sign in again."`
	Sessions  usersSessionsCommand  `cmd:"" help:"List where a user is signed in, or end that."`
}

// userShown is a user in JSON.
type userShown struct {
	Name       string     `json:"name"`
	Display    string     `json:"display,omitempty"`
	Language   string     `json:"language,omitempty"`
	Roles      []string   `json:"roles"`
	Password   bool       `json:"password"`
	SecondStep bool       `json:"second_step"`
	Passkeys   int        `json:"passkeys,omitempty"`
	Mail       string     `json:"mail,omitempty"`
	Identity   *identity  `json:"identity,omitempty"`
	Emergency  bool       `json:"emergency,omitempty"`
	CreatedAt  *time.Time `json:"created_at"`
	SignedInAt *time.Time `json:"signed_in_at,omitempty"`
	DisabledAt *time.Time `json:"disabled_at,omitempty"`
	Link       string     `json:"link,omitempty"` // only when it was just made
	LinkEndsAt *time.Time `json:"link_ends_at,omitempty"`
}

// identity is who a user is to a provider of identities.
type identity struct {
	Issuer  string     `json:"issuer"`
	Subject string     `json:"subject"`
	Since   *time.Time `json:"since"`
}

func shownUser(u auth.User) userShown {
	shown := userShown{
		Name: u.Name, Display: u.Display, Language: string(u.Language), Roles: roleWords(u.Roles),
		Password: u.HasPassword, SecondStep: u.HasSecondStep(), Passkeys: u.PasskeyCount,
		CreatedAt:  moment(u.CreatedAt),
		SignedInAt: moment(u.SignedInAt), DisabledAt: moment(u.DisabledAt), Mail: u.Mail, Emergency: u.Emergency,
	}
	if i := u.Identity; i.Subject != "" {
		shown.Identity = &identity{i.Issuer, i.Subject, moment(i.Since)}
	}
	return shown
}

func roleWords(roles []auth.Grant) []string {
	words := make([]string, len(roles))
	for i, g := range roles {
		words[i] = g.String()
	}
	return words
}

// onMachine is who works with these commands, as the audit names them.
func onMachine() auth.By { return auth.By{Actor: auth.Machine, Via: systemUser()} }

// systemUser is the name of the user of the system, behind sudo that of the person.
func systemUser() string {
	name := strconv.Itoa(os.Getuid())
	if known, err := user.Current(); err == nil {
		name = known.Username
	}
	if person := os.Getenv("SUDO_USER"); os.Getuid() == 0 && person != "" {
		name += ", sudo " + person
	}
	return name
}

// told puts what a person is told into their language.
func told(t *terminal.Terminal, err error) error {
	if e, ok := errors.AsType[*auth.Error](err); ok {
		return errors.New(e.Reason.In(t.Language))
	}
	return err
}

// withPeople opens the database, does something with its people, and closes it.
func (f *dataFlags) withPeople(t *terminal.Terminal, create bool, do func(*auth.People) error) error {
	store, err := f.open(t, create)
	if err != nil {
		return err
	}
	return told(t, closed(store, do(peopleOf(store))))
}

func peopleOf(store app.Database) *auth.People {
	return auth.NewPeople(auth.PeopleOptions{Store: store})
}

// withUser is withPeople for a user who is there.
func (f *dataFlags) withUser(
	t *terminal.Terminal, name string, do func(*auth.People, auth.User) error,
) error {
	return f.withPeople(t, false, func(people *auth.People) error {
		user, err := people.UserNamed(t.Ctx, name)
		if auth.HasCode(err, auth.CodeUserUnknown) {
			return errors.New(t.Text("user_unknown", "user", name))
		}
		if err != nil {
			return err
		}
		return do(people, user)
	})
}

// welcome is the address behind which a user chooses a password. The code stands in the
// fragment, which no browser sends, so that no server's log has it.
func (f *dataFlags) welcome(t *terminal.Terminal, link auth.Link) (string, error) {
	settings, err := f.settings(t)
	if err != nil {
		return "", err
	}
	base := settings.PublicURL
	if base == "" {
		base = "http://" + Callable(settings.Listen)
		t.Say("user_link_here", "address", base)
	}
	return base + "/console/welcome#" + link.Code, nil
}

// sayLink prints a link that was made, or the user with it.
func (f *dataFlags) sayLink(t *terminal.Terminal, u auth.User, link auth.Link) error {
	address, err := f.welcome(t, link)
	if err != nil {
		return err
	}
	t.Say("user_link", "until", t.Shown(link.EndsAt))
	if f.JSON {
		shown := shownUser(u)
		shown.Link, shown.LinkEndsAt = address, moment(link.EndsAt)
		return terminal.PrintJSON(t.Stdout, shown)
	}
	_, err = fmt.Fprintln(t.Stdout, address)
	return err
}

// roleFlags say which roles a user gets.
type roleFlags struct {
	Admin   bool     `help:"Make them administrator, as --role admin does."`
	Role    []string `help:"A role: reader, agent, approver, manager or dpo of an account, operator or admin of the gateway. ROLE@ACCOUNT is one for that account. May be repeated." placeholder:"ROLE"`
	Account string   `help:"Account of the roles that name none." placeholder:"ACCOUNT"`
}

func (f *roleFlags) grants() []auth.Grant {
	roles := []auth.Grant{}
	for _, word := range f.Role {
		name, account, named := strings.Cut(strings.TrimSpace(word), "@")
		role := auth.Role(name)
		if !named && !role.WholeGateway() {
			account = f.Account
		}
		roles = append(roles, auth.Grant{Account: account, Role: role})
	}
	if f.Admin {
		roles = append(roles, auth.Grant{Role: auth.Admin})
	}
	return roles
}

type usersCreateCommand struct {
	dataFlags
	roleFlags
	Name     string `arg:"" help:"Name by which they sign in; a mail address may be one."`
	Display  string `help:"How colleagues call them." placeholder:"NAME"`
	Language string `help:"Language of their pages: en or fr. Default: what their browser asks for."`
	Mail     string `help:"Mail address by which the provider of identities knows them." placeholder:"ADDRESS"`
}

// Run implements the command.
func (c *usersCreateCommand) Run(t *terminal.Terminal) error {
	roles := c.grants()
	if len(roles) == 0 && c.Mail == "" {
		return t.Misuse("user_roles_missing")
	}
	if _, err := auth.UserName(c.Name); err != nil {
		return &terminal.UsageError{Text: told(t, err).Error()}
	}
	return c.withPeople(t, c.onlyWhole(roles), func(people *auth.People) error {
		user, link, err := people.Create(t.Ctx, onMachine(), auth.NewUser{
			Name: c.Name, Display: c.Display, Language: reason.Language(c.Language), Roles: roles,
			Mail: c.Mail,
		})
		if err != nil {
			return err
		}
		t.Say("user_created", "user", user.Name, "roles", strings.Join(roleWords(user.Roles), ", "))
		return c.sayLink(t, user, link)
	})
}

// onlyWhole reports whether the roles need no account, so that a database that is made
// for the first administrator will do.
func (c *usersCreateCommand) onlyWhole(roles []auth.Grant) bool {
	for _, g := range roles {
		if g.Account != "" {
			return false
		}
	}
	return true
}

type usersListCommand struct{ dataFlags }

// Run implements the command.
func (c *usersListCommand) Run(t *terminal.Terminal) error {
	var users []auth.User
	err := c.withPeople(t, false, func(people *auth.People) (err error) {
		users, err = people.Users(t.Ctx)
		return err
	})
	if err != nil {
		return err
	}
	list := make([]userShown, len(users))
	rows := [][]string{{
		t.Text("head_name"), t.Text("head_roles"), t.Text("head_second_step"), t.Text("head_identity"),
		t.Text("head_signed_in"), t.Text("head_state"),
	}}
	for i, u := range users {
		list[i] = shownUser(u)
		rows = append(rows, []string{
			u.Name, strings.Join(list[i].Roles, " "), secondStep(t, u), identityOf(t, u), t.Shown(u.SignedInAt),
			stateOfUser(t, u),
		})
	}
	if c.JSON {
		return terminal.PrintItems(t.Stdout, list)
	}
	if len(users) == 0 {
		t.Say("users_none")
		return nil
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

func secondStep(t *terminal.Terminal, u auth.User) string {
	switch {
	case !u.SecondStepAt.IsZero():
		return t.Text("user_step_set")
	case u.PasskeyCount > 0:
		return t.Text("user_step_passkeys", "count", u.PasskeyCount)
	case u.NeedsSecondStep():
		return t.Text("user_step_missing")
	default:
		return ""
	}
}

func stateOfUser(t *terminal.Terminal, u auth.User) string {
	switch {
	case !u.DisabledAt.IsZero():
		return t.Text("user_state_disabled")
	case !u.CanEnter():
		return t.Text("user_state_invited")
	default:
		return t.Text("user_state_active")
	}
}

type usersRolesCommand struct {
	dataFlags
	roleFlags
	Name string `arg:"" help:"Name by which they sign in."`
}

// Run implements the command.
func (c *usersRolesCommand) Run(t *terminal.Terminal) error {
	return c.withUser(t, c.Name, func(people *auth.People, user auth.User) error {
		if roles := c.grants(); len(roles) > 0 {
			if err := people.SetRoles(t.Ctx, onMachine(), user.ID, nil, roles); err != nil {
				return err
			}
			var err error
			if user, err = people.User(t.Ctx, user.ID); err != nil {
				return err
			}
			t.Say("user_roles_set", "user", user.Name)
		}
		if c.JSON {
			return terminal.PrintJSON(t.Stdout, shownUser(user))
		}
		for _, word := range roleWords(user.Roles) {
			fmt.Fprintln(t.Stdout, word)
		}
		return nil
	})
}

type usersResetCommand struct {
	dataFlags
	Name       string `arg:"" help:"Name by which they sign in."`
	SecondStep bool   `help:"Take their second step and their passkeys away too: the telephone is lost."`
}

// Run implements the command.
func (c *usersResetCommand) Run(t *terminal.Terminal) error {
	return c.withUser(t, c.Name, func(people *auth.People, user auth.User) error {
		link, err := people.Reset(t.Ctx, onMachine(), user.ID, c.SecondStep)
		if err != nil {
			return err
		}
		if user, err = people.User(t.Ctx, user.ID); err != nil {
			return err
		}
		t.Say("user_reset", "user", user.Name)
		if user.PasskeyCount > 0 {
			t.Say("user_passkeys_stay", "user", user.Name, "count", user.PasskeyCount)
		}
		return c.sayLink(t, user, link)
	})
}

type usersDisableCommand struct {
	dataFlags
	Name string `arg:"" help:"Name by which they sign in."`
}

// Run implements the command.
func (c *usersDisableCommand) Run(t *terminal.Terminal) error {
	return c.withUser(t, c.Name, func(people *auth.People, user auth.User) error {
		if err := people.Disable(t.Ctx, onMachine(), user.ID); err != nil {
			return err
		}
		t.Say("user_disabled", "user", user.Name)
		return c.sayUser(t, people, user)
	})
}

type usersEnableCommand struct {
	dataFlags
	Name string `arg:"" help:"Name by which they sign in."`
}

// Run implements the command.
func (c *usersEnableCommand) Run(t *terminal.Terminal) error {
	return c.withUser(t, c.Name, func(people *auth.People, user auth.User) error {
		if err := people.Enable(t.Ctx, onMachine(), user.ID); err != nil {
			return err
		}
		t.Say("user_enabled", "user", user.Name)
		return c.sayUser(t, people, user)
	})
}

// sayUser prints a user in JSON, as they are now, where that was asked for.
func (f *dataFlags) sayUser(t *terminal.Terminal, people *auth.People, user auth.User) error {
	if !f.JSON {
		return nil
	}
	user, err := people.User(t.Ctx, user.ID)
	if err != nil {
		return err
	}
	return terminal.PrintJSON(t.Stdout, shownUser(user))
}

type usersSessionsCommand struct {
	dataFlags
	Name string `arg:"" help:"Name by which they sign in."`
	End  string `help:"End the session of this id, or all of them." placeholder:"ID|all"`
}

// sessionShown is a session in JSON.
type sessionShown struct {
	ID        string     `json:"id"`
	CreatedAt *time.Time `json:"created_at"`
	SeenAt    *time.Time `json:"seen_at"`
	EndsAt    *time.Time `json:"ends_at"`
	Address   string     `json:"address"`
	Agent     string     `json:"agent,omitempty"`
}

// Run implements the command.
func (c *usersSessionsCommand) Run(t *terminal.Terminal) error {
	return c.withUser(t, c.Name, func(people *auth.People, user auth.User) error {
		all, err := people.Sessions(t.Ctx, user.ID)
		if err != nil {
			return err
		}
		if c.End != "" {
			return c.end(t, people, user, all)
		}
		list := make([]sessionShown, len(all))
		rows := [][]string{{t.Text("head_id"), t.Text("head_since"), t.Text("head_last"), t.Text("head_url")}}
		for i, s := range all {
			list[i] = sessionShown{
				s.ID, moment(s.CreatedAt), moment(s.SeenAt), moment(s.EndsAt), s.Address, s.Agent,
			}
			rows = append(rows, []string{s.ID, t.Shown(s.CreatedAt), t.Shown(s.SeenAt), s.Address})
		}
		if c.JSON {
			return terminal.PrintItems(t.Stdout, list)
		}
		if len(all) == 0 {
			t.Say("user_sessions_none", "user", user.Name)
			return nil
		}
		return terminal.PrintTable(t.Stdout, rows...)
	})
}

func (c *usersSessionsCommand) end(
	t *terminal.Terminal, people *auth.People, user auth.User, all []auth.Session,
) error {
	ended := 0
	for _, s := range all {
		if c.End != "all" && c.End != s.ID {
			continue
		}
		if err := people.EndSession(t.Ctx, onMachine(), user.ID, s.ID); err != nil {
			return err
		}
		ended++
	}
	if ended == 0 && c.End != "all" {
		return errors.New(t.Text("user_session_unknown", "id", c.End, "user", user.Name))
	}
	t.Say("user_sessions_ended", "count", ended)
	return nil
}
