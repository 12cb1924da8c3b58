package console

import "relais/auth"

// provider is the name of the provider of identities; empty: there is none.
func (q *request) provider() string {
	if q.console.Elsewhere == nil {
		return ""
	}
	return q.console.Elsewhere.Name
}

// rolesElsewhere reports whether the provider gives the roles.
func (q *request) rolesElsewhere() bool {
	return q.console.Elsewhere != nil && q.console.Elsewhere.RolesClaim != ""
}

// inviteByMail says by which address the provider first knows a user, or that it does no
// more.
func inviteByMail(q *request) (answer, error) {
	if err := q.read("mail", "seen"); err != nil {
		return nil, err
	}
	var seen *string
	if q.form.Has("seen") {
		address := q.form.Get("seen")
		seen = &address
	}
	return aboutUser(q, "user_mail", func(u auth.User) error {
		return q.console.Users.InviteMail(withoutCancel(q), q.by(), u.ID, seen, q.field("mail"))
	})
}

// releaseIdentity forgets who a user is at the provider.
func releaseIdentity(q *request) (answer, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	return aboutUser(q, "user_released", func(u auth.User) error {
		return q.console.Users.ReleaseIdentity(withoutCancel(q), q.by(), u.ID)
	})
}
