package remote

import (
	"strconv"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type groupsCommand struct {
	List   groupsListCommand   `cmd:"" default:"withargs" help:"The account's groups, by name."`
	Create groupsCreateCommand `cmd:"" help:"Make a group without anybody in it."`
	Change groupsChangeCommand `cmd:"" help:"Change what a group is called; what is not named stays."`
	Drop   groupsDropCommand   `cmd:"" help:"Forget a group. Its contacts stay."`
}

type groupsListCommand struct{ apiFlags }

// Run implements the command.
func (c *groupsListCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	found, err := gateway.Groups(t.Ctx)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, found)
	}
	if len(found.Items) == 0 {
		t.Say("groups_none")
		return nil
	}
	return printGroups(t, found.Items...)
}

func printGroups(t *terminal.Terminal, groups ...client.Group) error {
	rows := [][]string{{t.Text("head_id"), t.Text("head_name"), t.Text("head_people"), t.Text("head_note")}}
	for i := range groups {
		g := &groups[i]
		rows = append(rows, []string{g.ID, g.Name, strconv.Itoa(g.Members), g.Note})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

func (c *apiFlags) showGroup(t *terminal.Terminal, g *client.Group, err error) error {
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, g)
	}
	return printGroups(t, *g)
}

type groupsCreateCommand struct {
	apiFlags
	Name string `required:"" help:"By which people find it."`
	Note string `help:"For people."`
}

// Run implements the command.
func (c *groupsCreateCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	g, err := gateway.CreateGroup(t.Ctx, c.Name, c.Note)
	return c.showGroup(t, g, err)
}

// groupFlags name a group and how to reach the gateway.
type groupFlags struct {
	apiFlags
	Group string `arg:"" help:"The group, by its name or id."`
}

// open finds the group.
func (c *groupFlags) open(t *terminal.Terminal) (*client.Client, string, error) {
	gateway, err := c.client(t)
	if err != nil {
		return nil, "", err
	}
	id, err := groupOf(t, gateway, c.Group)
	if err != nil {
		return nil, "", c.failed(t, err)
	}
	return gateway, id, nil
}

type groupsChangeCommand struct {
	groupFlags
	Name *string `help:"Another name."`
	Note *string `help:"For people."`
}

// Run implements the command. Somebody who changes the group meanwhile is not overwritten.
func (c *groupsChangeCommand) Run(t *terminal.Terminal) error {
	gateway, id, err := c.open(t)
	if err != nil {
		return err
	}
	now, err := gateway.Group(t.Ctx, id)
	if err != nil {
		return c.failed(t, err)
	}
	name, note := now.Name, now.Note
	if c.Name != nil {
		name = *c.Name
	}
	if c.Note != nil {
		note = *c.Note
	}
	g, err := gateway.ChangeGroup(t.Ctx, id, now.Version, name, note)
	return c.showGroup(t, g, err)
}

type groupsDropCommand struct{ groupFlags }

// Run implements the command.
func (c *groupsDropCommand) Run(t *terminal.Terminal) error {
	gateway, id, err := c.open(t)
	if err != nil {
		return err
	}
	if err := gateway.DropGroup(t.Ctx, id); err != nil {
		return c.failed(t, err)
	}
	t.Say("group_dropped")
	return nil
}
