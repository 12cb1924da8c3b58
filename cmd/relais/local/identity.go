package local

import (
	"fmt"
	"net/url"

	"relais/auth"
	"relais/cmd/relais/terminal"
)

// identityOf is who a user is at a provider of identities, as a list has room for it.
func identityOf(t *terminal.Terminal, u auth.User) string {
	switch {
	case u.Identity.Subject != "":
		if at, err := url.Parse(u.Identity.Issuer); err == nil && at.Host != "" {
			return at.Host
		}
		return u.Identity.Issuer
	case u.Mail != "":
		return t.Text("user_identity_awaited", "mail", u.Mail)
	default:
		return ""
	}
}

type usersIdentityCommand struct {
	dataFlags
	Name    string `arg:"" help:"Name by which they sign in."`
	Mail    string `help:"Invite them by the mail address that the provider tells; none takes that back." placeholder:"ADDRESS|none"`
	Release bool   `help:"Forget who they are there, and end their sessions."`
}

// Run implements the command.
func (c *usersIdentityCommand) Run(t *terminal.Terminal) error {
	return c.withUser(t, c.Name, func(people *auth.People, user auth.User) error {
		if c.Release {
			if err := people.ReleaseIdentity(t.Ctx, onMachine(), user.ID); err != nil {
				return err
			}
			t.Say("user_identity_released", "user", user.Name)
		}
		if c.Mail != "" {
			mail := c.Mail
			if mail == "none" {
				mail = ""
			}
			if err := people.InviteMail(t.Ctx, onMachine(), user.ID, nil, mail); err != nil {
				return err
			}
			t.Say("user_mail_set", "user", user.Name)
		}
		user, err := people.User(t.Ctx, user.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return terminal.PrintJSON(t.Stdout, shownUser(user))
		}
		if i := user.Identity; i.Subject != "" {
			_, err = fmt.Fprintf(t.Stdout, "%s %s\n", i.Issuer, i.Subject)
		} else if user.Mail != "" {
			_, err = fmt.Fprintln(t.Stdout, t.Text("user_identity_awaited", "mail", user.Mail))
		}
		return err
	})
}

type usersEmergencyCommand struct {
	dataFlags
	Name string `arg:"" help:"Name by which they sign in."`
	Off  bool   `help:"No more; their sessions end."`
}

// Run implements the command.
func (c *usersEmergencyCommand) Run(t *terminal.Terminal) error {
	return c.withUser(t, c.Name, func(people *auth.People, user auth.User) error {
		if err := people.SetEmergency(t.Ctx, onMachine(), user.ID, !c.Off); err != nil {
			return err
		}
		if c.Off {
			t.Say("user_emergency_off", "user", user.Name)
		} else {
			t.Say("user_emergency_on", "user", user.Name)
		}
		return c.sayUser(t, people, user)
	})
}
