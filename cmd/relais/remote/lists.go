package remote

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type listsCommand struct {
	List    listsListCommand    `cmd:"" default:"withargs" help:"The account's lists, by name."`
	Show    listsShowCommand    `cmd:"" help:"One list, with the table that waits."`
	Create  listsCreateCommand  `cmd:"" help:"Make a list without anybody on it."`
	Change  listsChangeCommand  `cmd:"" help:"Change what is written about a list."`
	Put     listsPutCommand     `cmd:"" help:"Give a list a table, and tell what it would change. The list stays as it is."`
	Fill    listsFillCommand    `cmd:"" help:"Put the table that waits in force."`
	Refuse  listsRefuseCommand  `cmd:"" help:"Forget the table that waits."`
	Entries listsEntriesCommand `cmd:"" help:"The people on a list, in the order of its table."`
	Remove  listsRemoveCommand  `cmd:"" help:"Take a person off a list."`
	Drop    listsDropCommand    `cmd:"" help:"Forget a list, with everybody on it. Campaigns keep their copies."`
}

type listsListCommand struct{ apiFlags }

// Run implements the command.
func (c *listsListCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	found, err := gateway.Lists(t.Ctx)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, found)
	}
	if len(found.Items) == 0 {
		t.Say("lists_none")
		return nil
	}
	return printLists(t, found.Items...)
}

func printLists(t *terminal.Terminal, lists ...client.List) error {
	rows := [][]string{{
		t.Text("head_id"), t.Text("head_name"), t.Text("head_people"), t.Text("head_filled"), t.Text("head_source"),
		t.Text("head_purpose"),
	}}
	for i := range lists {
		l := &lists[i]
		filled := ""
		if l.FilledAt != nil {
			filled = t.Shown(*l.FilledAt)
		}
		rows = append(rows, []string{l.ID, l.Name, strconv.Itoa(l.Entries), filled, l.Source, l.Purpose})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

// listFlags name a list and how to reach the gateway.
type listFlags struct {
	apiFlags
	List string `arg:"" help:"The list, by its name or id."`
}

// open finds the list.
func (c *listFlags) open(t *terminal.Terminal) (*client.Client, string, error) {
	gateway, err := c.client(t)
	if err != nil {
		return nil, "", err
	}
	id, err := listOf(t, gateway, c.List)
	if err != nil {
		return nil, "", c.failed(t, err)
	}
	return gateway, id, nil
}

// listOf finds a list by its name or its id.
func listOf(t *terminal.Terminal, gateway *client.Client, text string) (string, error) {
	if templateID.MatchString(text) {
		return text, nil
	}
	found, err := gateway.Lists(t.Ctx)
	if err != nil {
		return "", err
	}
	for i := range found.Items {
		if found.Items[i].Name == text {
			return found.Items[i].ID, nil
		}
	}
	return "", errors.New(t.Text("list_unknown", "name", text))
}

// showList prints a list, and the table that waits.
func (c *apiFlags) showList(t *terminal.Terminal, l *client.List, err error) error {
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, l)
	}
	if err := printLists(t, *l); err != nil || l.Table == nil {
		return err
	}
	w := l.Table
	t.Say("list_table", "table", w.Table, "file", w.Name, "people", w.Entries, "added", w.Added, "removed", w.Removed,
		"changed", w.Changed)
	for _, s := range w.Skipped {
		t.Say("list_skipped", "rows", s.Rows, "first", s.First, "why", s.Detail)
	}
	return nil
}

type listsShowCommand struct{ listFlags }

// Run implements the command.
func (c *listsShowCommand) Run(t *terminal.Terminal) error {
	gateway, id, err := c.open(t)
	if err != nil {
		return err
	}
	l, err := gateway.List(t.Ctx, id)
	return c.showList(t, l, err)
}

type listsCreateCommand struct {
	apiFlags
	Name     string `required:"" help:"By which people find it."`
	Source   string `help:"Where the numbers come from."`
	Purpose  string `help:"What the people agreed to; advertising to the list is warned of without it."`
	KeepDays int    `help:"How long entries stay after they came; default: no end." placeholder:"DAYS"`
}

// Run implements the command.
func (c *listsCreateCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	l, err := gateway.CreateList(t.Ctx, client.ListRequest{
		Name: c.Name, Source: c.Source, Purpose: c.Purpose, KeepDays: c.KeepDays,
	})
	return c.showList(t, l, err)
}

type listsChangeCommand struct {
	listFlags
	Name     *string `help:"Another name."`
	Source   *string `help:"Where the numbers come from."`
	Purpose  *string `help:"What the people agreed to; advertising to the list is warned of without it."`
	KeepDays *int    `help:"How long entries stay after they came; 0: no end." placeholder:"DAYS"`
}

// Run implements the command: what is not named stays. Somebody who changes the list meanwhile is
// not overwritten.
func (c *listsChangeCommand) Run(t *terminal.Terminal) error {
	gateway, id, err := c.open(t)
	if err != nil {
		return err
	}
	now, err := gateway.List(t.Ctx, id)
	if err != nil {
		return c.failed(t, err)
	}
	r := client.ListRequest{Name: now.Name, Source: now.Source, Purpose: now.Purpose, KeepDays: now.KeepDays}
	for to, from := range map[*string]*string{&r.Name: c.Name, &r.Source: c.Source, &r.Purpose: c.Purpose} {
		if from != nil {
			*to = *from
		}
	}
	if c.KeepDays != nil {
		r.KeepDays = *c.KeepDays
	}
	l, err := gateway.ChangeList(t.Ctx, id, now.Version, r)
	return c.showList(t, l, err)
}

type listsPutCommand struct {
	listFlags
	File      string   `arg:"" help:"The table: CSV, TSV, XLSX, XLSM or ODS."`
	Column    string   `help:"The column with the numbers, by its name or letter; default: as the content says." placeholder:"COLUMN"`
	Key       string   `help:"The column that tells people apart; default: the number does." placeholder:"COLUMN"`
	Field     []string `sep:"none" help:"A column that is kept; default: all others. May be repeated." placeholder:"COLUMN"`
	HeaderRow int      `help:"The row with the names of the columns; -1: there is none; default: as the content says." placeholder:"ROW"`
	Sheet     string   `help:"Of a workbook; default: the first with data."`
	Hidden    bool     `help:"Hidden rows and columns count too."`
	Encoding  string   `help:"Of a text file; default: as the content says."`
	Separator string   `help:"Of a text file; default: as the content says; \"tab\" is one."`
	Fill      bool     `help:"Put the table in force at once, whatever it changes."`
}

// Run implements the command.
func (c *listsPutCommand) Run(t *terminal.Terminal) error {
	file, err := os.Open(c.File)
	if err != nil {
		return t.Failed(err, "file_unreadable", "file", c.File)
	}
	defer file.Close()
	gateway, id, err := c.open(t)
	if err != nil {
		return err
	}
	separator := c.Separator
	if strings.EqualFold(separator, "tab") {
		separator = "\t"
	}
	l, err := gateway.PutListTable(t.Ctx, id, client.TableOptions{
		Name: filepath.Base(c.File), Column: c.Column, Key: c.Key, Fields: c.Field, Header: c.HeaderRow, Sheet: c.Sheet,
		Hidden: c.Hidden, Encoding: c.Encoding, Separator: separator,
	}, file)
	if err == nil && c.Fill {
		l, err = gateway.FillList(t.Ctx, id, l.Table.Table)
	}
	if err := c.showList(t, l, err); err != nil {
		return err
	}
	if !c.Fill {
		t.Say("list_next", "name", l.Name)
	}
	return nil
}

type listsFillCommand struct{ listFlags }

// Run implements the command. What is put in force is the table that waits now.
func (c *listsFillCommand) Run(t *terminal.Terminal) error {
	return c.decide(t, func(g *client.Client, id string, table int) (*client.List, error) {
		return g.FillList(t.Ctx, id, table)
	})
}

type listsRefuseCommand struct{ listFlags }

// Run implements the command.
func (c *listsRefuseCommand) Run(t *terminal.Terminal) error {
	return c.decide(t, func(g *client.Client, id string, table int) (*client.List, error) {
		return g.RefuseListTable(t.Ctx, id, table)
	})
}

func (c *listFlags) decide(
	t *terminal.Terminal, decide func(g *client.Client, id string, table int) (*client.List, error),
) error {
	gateway, id, err := c.open(t)
	if err != nil {
		return err
	}
	now, err := gateway.List(t.Ctx, id)
	if err != nil {
		return c.failed(t, err)
	}
	table := 0 // which waits nowhere: the gateway says so
	if now.Table != nil {
		table = now.Table.Table
	}
	l, err := decide(gateway, id, table)
	return c.showList(t, l, err)
}

type listsEntriesCommand struct {
	listFlags
	Limit  int    `help:"Most entries of a page." default:"100" placeholder:"COUNT"`
	Cursor string `help:"Go on after an earlier list."`
}

// Run implements the command.
func (c *listsEntriesCommand) Run(t *terminal.Terminal) error {
	gateway, id, err := c.open(t)
	if err != nil {
		return err
	}
	l, err := gateway.List(t.Ctx, id)
	if err != nil {
		return c.failed(t, err)
	}
	page, err := gateway.ListEntries(t.Ctx, id, c.Limit, c.Cursor)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, page)
	}
	rows := [][]string{append([]string{t.Text("head_row"), t.Text("head_key"), t.Text("head_number")}, l.Columns.Fields...)}
	for _, e := range page.Items {
		row := []string{strconv.Itoa(e.Row), e.Key, e.Number}
		for _, field := range l.Columns.Fields {
			row = append(row, e.Values[field])
		}
		rows = append(rows, row)
	}
	if err := terminal.PrintTable(t.Stdout, rows...); err != nil {
		return err
	}
	if page.Next != "" {
		t.Say("messages_more", "cursor", page.Next)
	}
	return nil
}

type listsRemoveCommand struct {
	listFlags
	Key string `arg:"" help:"The person, by key; by number where the list has no key."`
}

// Run implements the command.
func (c *listsRemoveCommand) Run(t *terminal.Terminal) error {
	gateway, id, err := c.open(t)
	if err != nil {
		return err
	}
	l, err := gateway.RemoveListEntry(t.Ctx, id, c.Key)
	return c.showList(t, l, err)
}

type listsDropCommand struct{ listFlags }

// Run implements the command.
func (c *listsDropCommand) Run(t *terminal.Terminal) error {
	gateway, id, err := c.open(t)
	if err != nil {
		return err
	}
	if err := gateway.DropList(t.Ctx, id); err != nil {
		return c.failed(t, err)
	}
	t.Say("list_dropped")
	return nil
}
