package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"relais/reason"
)

// administration is what is done about other people.
type administration struct{ *core }

// NewUser is a user to be.
type NewUser struct {
	Name     string
	Display  string
	Language reason.Language
	Roles    []Grant
	Mail     string // by which a provider of identities first knows them; "": none is invited
}

// Link is what lets a user choose a password, once. The code is the only copy.
type Link struct {
	Code   string
	EndsAt time.Time
}

// Create adds a user, and makes the link by which they choose a password.
func (a administration) Create(ctx context.Context, by By, n NewUser) (User, Link, error) {
	name, err := UserName(n.Name)
	if err != nil {
		return User{}, Link{}, err
	}
	if err := errors.Join(checkDisplay(n.Display), checkLanguage(n.Language)); err != nil {
		return User{}, Link{}, err
	}
	roles, err := checkRoles(n.Roles)
	if err != nil {
		return User{}, Link{}, err
	}
	mail, err := MailAddress(n.Mail)
	if err != nil {
		return User{}, Link{}, err
	}
	id, err := randomText(10)
	if err != nil {
		return User{}, Link{}, err
	}
	u := User{
		ID: id, Name: name, Display: n.Display, Language: n.Language, CreatedAt: a.now(), Roles: roles, Mail: mail,
	}
	link, invitation, err := a.link(u)
	if err != nil {
		return User{}, Link{}, err
	}
	acts := append([]Act{by.about(u, UserCreated), by.about(u, UserInvited)}, by.grants(u, nil, roles)...)
	if mail != "" {
		acts = append(acts, by.about(u, MailInvited))
	}
	err = a.store.AddUser(ctx, Record{User: u}, Change{Invitation: invitation, Acts: a.stamp(acts...)})
	if err != nil {
		return User{}, Link{}, explain(err)
	}
	return u, link, nil
}

// link makes an invitation, which the store does not have yet.
func (a administration) link(u User) (Link, *Invitation, error) {
	code, err := randomText(20)
	if err != nil {
		return Link{}, nil, err
	}
	now := a.now()
	i := &Invitation{Hash: HashOf(code), User: u.ID, CreatedAt: now, EndsAt: now.Add(LinkLife)}
	return Link{code, i.EndsAt}, i, nil
}

// Invite makes a new link for a user instead of the last one. Their password works until
// the link is used.
func (a administration) Invite(ctx context.Context, by By, user string) (Link, error) {
	return a.renew(ctx, user, func(r *Record, c *Change) {
		c.Acts = append(c.Acts, by.about(r.User, UserInvited))
	})
}

// Reset takes a user's password away, and the second step with all passkeys too where that
// is lost, ends their sessions and makes a link.
func (a administration) Reset(ctx context.Context, by By, user string, step bool) (Link, error) {
	return a.renew(ctx, user, func(r *Record, c *Change) {
		r.Password, r.HasPassword = "", false
		c.EndAll = true
		c.Acts = append(c.Acts, by.about(r.User, UserReset))
		r.dropWaiting()
		if step && (r.Secret != nil || len(r.Passkeys) > 0) {
			r.Passkeys, r.PasskeyCount = nil, 0
			r.dropStep()
			c.Acts = append(c.Acts, by.about(r.User, SecondStepRemoved))
		}
	})
}

func (a administration) renew(ctx context.Context, user string, change func(*Record, *Change)) (Link, error) {
	link, invitation, err := a.link(User{ID: user})
	if err != nil {
		return Link{}, err
	}
	err = a.about(ctx, user, func(r *Record) (Change, error) {
		if !r.DisabledAt.IsZero() {
			return Change{}, refuse(CodeDisabled, nil)
		}
		c := Change{Invitation: invitation}
		change(r, &c)
		return c, nil
	})
	if err != nil {
		return Link{}, err
	}
	return link, nil
}

// SetRoles gives a user these roles and no others, and ends their sessions where that
// changes something. The audit of each account that is concerned tells of it. seen are the
// roles that whoever decides saw: where somebody else has changed them meanwhile the error
// is CodeRolesChanged; nil: whatever they are.
func (a administration) SetRoles(ctx context.Context, by By, user string, seen, roles []Grant) error {
	roles, err := checkRoles(roles)
	if err != nil {
		return err
	}
	return a.about(ctx, user, func(r *Record) (Change, error) {
		before := sortedRoles(r.Roles)
		if slices.Equal(before, roles) {
			return Change{}, nil
		}
		if seen != nil && !slices.Equal(before, sortedRoles(seen)) {
			return Change{}, refuse(CodeRolesChanged, nil)
		}
		keep := r.Is(Admin)
		r.Roles = roles
		return Change{EndAll: true, KeepAdmin: keep, Acts: by.grants(r.User, before, roles)}, nil
	})
}

// grants are the acts of roles that are given and taken, each in the audit of its account.
func (b By) grants(u User, before, after []Grant) []Act {
	acts := []Act{}
	tell := func(code ActCode, all, others []Grant) {
		for _, g := range all {
			if !slices.Contains(others, g) {
				act := b.about(u, code)
				act.Account, act.Note = g.Account, string(g.Role)
				acts = append(acts, act)
			}
		}
	}
	tell(RoleTaken, before, after)
	tell(RoleGiven, after, before)
	return acts
}

// Disable lets a user sign in no more, and ends their sessions. What they did stays in the
// audit, and their name is not given again.
func (a administration) Disable(ctx context.Context, by By, user string) error {
	return a.about(ctx, user, func(r *Record) (Change, error) {
		if !r.DisabledAt.IsZero() {
			return Change{}, nil
		}
		r.DisabledAt = a.now()
		return Change{EndAll: true, KeepAdmin: r.Is(Admin), Acts: []Act{by.about(r.User, UserDisabled)}}, nil
	})
}

// Enable lets a user sign in again.
func (a administration) Enable(ctx context.Context, by By, user string) error {
	return a.about(ctx, user, func(r *Record) (Change, error) {
		if r.DisabledAt.IsZero() {
			return Change{}, nil
		}
		r.DisabledAt = time.Time{}
		return Change{Acts: []Act{by.about(r.User, UserEnabled)}}, nil
	})
}

// about is change for a user whom somebody else names.
func (a administration) about(ctx context.Context, user string, change func(*Record) (Change, error)) error {
	err := a.change(ctx, user, change)
	if errors.Is(err, ErrUnknown) {
		return refuse(CodeUserUnknown, nil)
	}
	return err
}

// User returns a user by id. The error is CodeUserUnknown where there is none.
func (a administration) User(ctx context.Context, id string) (User, error) {
	r, err := a.store.UserByID(ctx, id)
	return r.User, userUnknown(err)
}

// UserNamed returns a user by the name by which they sign in.
func (a administration) UserNamed(ctx context.Context, name string) (User, error) {
	name, err := UserName(name)
	if err != nil {
		return User{}, refuse(CodeUserUnknown, nil)
	}
	r, err := a.store.UserByName(ctx, name)
	return r.User, userUnknown(err)
}

func userUnknown(err error) error {
	if errors.Is(err, ErrUnknown) {
		return refuse(CodeUserUnknown, nil)
	}
	if err != nil {
		return fmt.Errorf("look for a user: %w", err)
	}
	return nil
}

// HasAdministrator reports whether there is one who may sign in, or choose a password for
// that. Without one, relais users create --admin makes the first.
func (a administration) HasAdministrator(ctx context.Context) (bool, error) {
	all, err := a.store.Users(ctx)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(all, func(u User) bool { return u.MayAnywhere(ManageUsers) }), nil
}

// Users returns all of them, by name.
func (a administration) Users(ctx context.Context) ([]User, error) { return a.store.Users(ctx) }

// DropSealedSteps takes the second step away from users whose secret this seal key does
// not open, and returns their names: the key of before is lost, and so are they. A role
// that needs a second step asks for another at the next sign-in.
func (a administration) DropSealedSteps(ctx context.Context, by By) (names []string, err error) {
	names = []string{}
	all, err := a.store.Users(ctx)
	if err != nil {
		return names, err
	}
	for _, u := range all {
		dropped := false
		err := a.about(ctx, u.ID, func(r *Record) (Change, error) {
			dropped = false
			if r.Secret == nil {
				return Change{}, nil
			}
			if _, err := a.open(r); err == nil {
				return Change{}, nil
			}
			dropped = true
			r.dropStep()
			return Change{EndAll: true, Acts: []Act{by.about(r.User, SecondStepRemoved)}}, nil
		})
		if err != nil {
			return names, err
		}
		if dropped {
			names = append(names, u.Name)
		}
	}
	return names, nil
}
