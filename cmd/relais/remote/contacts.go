package remote

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type contactsCommand struct {
	List     contactsListCommand     `cmd:"" default:"withargs" help:"The account's contacts, by number."`
	Show     contactsShowCommand     `cmd:"" help:"One contact, with everything the person ever agreed to."`
	Add      contactsAddCommand      `cmd:"" help:"Add a contact."`
	Import   contactsImportCommand   `cmd:"" help:"Add and change contacts from a table: tell first what it would do, and do it with --apply."`
	Change   contactsChangeCommand   `cmd:"" help:"Change what is known of a contact; what is not named stays."`
	Consent  contactsConsentCommand  `cmd:"" help:"Write down what a person agreed to, with its proof."`
	Withdraw contactsWithdrawCommand `cmd:"" help:"Withdraw what a person agreed to."`
	Drop     contactsDropCommand     `cmd:"" help:"Forget a contact. What the person agreed to is withdrawn, and stays as a proof."`
}

type contactsListCommand struct {
	apiFlags
	Group  string `help:"Of that group alone, by its name or id." placeholder:"GROUP"`
	Limit  int    `help:"Most contacts of a page." default:"100" placeholder:"COUNT"`
	Cursor string `help:"Go on after an earlier list."`
}

// Run implements the command.
func (c *contactsListCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	group := ""
	if c.Group != "" {
		if group, err = groupOf(t, gateway, c.Group); err != nil {
			return c.failed(t, err)
		}
	}
	found, err := gateway.Contacts(t.Ctx, group, c.Limit, c.Cursor)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, found)
	}
	if len(found.Items) == 0 {
		t.Say("contacts_none")
		return nil
	}
	if err := printContacts(t, found.Items...); err != nil {
		return err
	}
	if found.Next != "" {
		t.Say("messages_more", "cursor", found.Next)
	}
	return nil
}

func printContacts(t *terminal.Terminal, contacts ...client.Contact) error {
	rows := [][]string{{t.Text("head_number"), t.Text("head_values"), t.Text("head_agreed")}}
	for i := range contacts {
		c := &contacts[i]
		agreed := []string{}
		for _, one := range c.Consents {
			if one.InForce && !slices.Contains(agreed, one.Purpose) {
				agreed = append(agreed, one.Purpose)
			}
		}
		rows = append(rows, []string{c.Number, valuesShown(c.Values), strings.Join(agreed, ", ")})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

// valuesShown are values in the order of their names.
func valuesShown(values map[string]string) string {
	all := []string{}
	for name, value := range values {
		all = append(all, name+"="+value)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// contactFlags name a contact and how to reach the gateway.
type contactFlags struct {
	apiFlags
	Number string `arg:"" help:"The contact's number."`
}

// showContact prints a contact, and everything the person ever agreed to.
func (c *apiFlags) showContact(t *terminal.Terminal, one *client.Contact, err error) error {
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, one)
	}
	if err := printContacts(t, *one); err != nil || len(one.Consents) == 0 {
		return err
	}
	rows := [][]string{{
		t.Text("head_purpose"), t.Text("head_given"), t.Text("head_source"), t.Text("head_proof"), t.Text("head_noted_by"),
		t.Text("head_withdrawn"),
	}}
	for _, given := range one.Consents {
		ended := ""
		if given.WithdrawnAt != nil {
			ended = strings.TrimSpace(t.Shown(*given.WithdrawnAt) + " " + given.WithdrawnSource)
		}
		rows = append(rows, []string{
			given.Purpose, t.Shown(given.GivenAt), given.Source, given.Proof, given.NotedBy, ended,
		})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

type contactsShowCommand struct{ contactFlags }

// Run implements the command.
func (c *contactsShowCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	one, err := gateway.Contact(t.Ctx, c.Number)
	return c.showContact(t, one, err)
}

type contactsAddCommand struct {
	contactFlags
	Value []string `sep:"none" help:"A value by the name of its field. May be repeated." placeholder:"NAME=VALUE"`
	Group []string `sep:"none" help:"A group that it is in, by its name or id. May be repeated." placeholder:"GROUP"`
}

// Run implements the command.
func (c *contactsAddCommand) Run(t *terminal.Terminal) error {
	values, err := valuesOf(t, c.Value)
	if err != nil {
		return err
	}
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	r := client.ContactRequest{Values: values}
	if r.Groups, err = groupsOf(t, gateway, c.Group); err != nil {
		return c.failed(t, err)
	}
	one, err := gateway.CreateContact(t.Ctx, c.Number, r)
	return c.showContact(t, one, err)
}

type contactsChangeCommand struct {
	contactFlags
	Value    []string `sep:"none" help:"Another value by the name of its field; an empty one takes it away. May be repeated." placeholder:"NAME=VALUE"`
	Group    []string `sep:"none" help:"A group that it comes into, by its name or id. May be repeated." placeholder:"GROUP"`
	NotGroup []string `sep:"none" help:"A group that it leaves, likewise." placeholder:"GROUP"`
}

// Run implements the command: what is not named stays. Somebody who changes the contact meanwhile
// is not overwritten.
func (c *contactsChangeCommand) Run(t *terminal.Terminal) error {
	values, err := valuesOf(t, c.Value)
	if err != nil {
		return err
	}
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	now, err := gateway.Contact(t.Ctx, c.Number)
	if err != nil {
		return c.failed(t, err)
	}
	in, err := groupsOf(t, gateway, c.Group)
	if err != nil {
		return c.failed(t, err)
	}
	out, err := groupsOf(t, gateway, c.NotGroup)
	if err != nil {
		return c.failed(t, err)
	}
	r := client.ContactRequest{Values: now.Values}
	maps.Copy(r.Values, values)
	for _, id := range append(slices.Clone(now.Groups), in...) {
		if !slices.Contains(out, id) {
			r.Groups = append(r.Groups, id)
		}
	}
	one, err := gateway.ChangeContact(t.Ctx, c.Number, now.Version, r)
	return c.showContact(t, one, err)
}

type contactsConsentCommand struct {
	contactFlags
	Purpose string `required:"" help:"What the person agreed to."`
	Source  string `required:"" help:"Where it was given, such as a form, paper, the telephone."`
	Proof   string `help:"The words that were shown, or where they are kept."`
	GivenAt string `help:"When it was given: RFC 3339, \"2026-03-01 09:30\" in local time, or how long ago: 2h; default: now." placeholder:"TIME"`
}

// Run implements the command.
func (c *contactsConsentCommand) Run(t *terminal.Terminal) error {
	r := client.ConsentRequest{Purpose: c.Purpose, Source: c.Source, Proof: c.Proof}
	if c.GivenAt != "" {
		at, err := t.ReadTime("--given-at", c.GivenAt, terminal.Ago)
		if err != nil {
			return err
		}
		r.GivenAt = &at
	}
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	one, err := gateway.AddConsent(t.Ctx, c.Number, r)
	return c.showContact(t, one, err)
}

type contactsWithdrawCommand struct {
	contactFlags
	Purpose string `required:"" help:"Of the consents that end."`
	Source  string `help:"How the person said so."`
}

// Run implements the command.
func (c *contactsWithdrawCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	one, err := gateway.WithdrawConsent(t.Ctx, c.Number, c.Purpose, c.Source)
	return c.showContact(t, one, err)
}

type contactsDropCommand struct{ contactFlags }

// Run implements the command.
func (c *contactsDropCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	if err := gateway.DropContact(t.Ctx, c.Number); err != nil {
		return c.failed(t, err)
	}
	t.Say("contact_dropped")
	return nil
}

// groupOf finds a group by its name or its id.
func groupOf(t *terminal.Terminal, gateway *client.Client, text string) (string, error) {
	if templateID.MatchString(text) {
		return text, nil
	}
	found, err := gateway.Groups(t.Ctx)
	if err != nil {
		return "", err
	}
	for i := range found.Items {
		if found.Items[i].Name == text {
			return found.Items[i].ID, nil
		}
	}
	return "", errors.New(t.Text("group_unknown", "name", text))
}

func groupsOf(t *terminal.Terminal, gateway *client.Client, texts []string) (ids []string, err error) {
	for _, text := range texts {
		id, err := groupOf(t, gateway, text)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}
