package remote

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type templatesCommand struct {
	List    templatesListCommand    `cmd:"" default:"withargs" help:"The account's templates, by folder and name."`
	Show    templatesShowCommand    `cmd:"" help:"One template, or one of its versions."`
	Create  templatesCreateCommand  `cmd:"" help:"Keep a text with fields."`
	Change  templatesChangeCommand  `cmd:"" help:"Make the next version of a template."`
	Archive templatesArchiveCommand `cmd:"" help:"Put a template away; its versions stay."`
	Restore templatesRestoreCommand `cmd:"" help:"Bring a template back that was put away."`
	Preview templatesPreviewCommand `cmd:"" help:"What a template becomes with values, and what that costs one person."`
}

type templatesListCommand struct {
	apiFlags
	Archived bool `help:"Those that were put away instead."`
}

// Run implements the command.
func (c *templatesListCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.Templates(t.Ctx, c.Archived)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, list)
	}
	if len(list.Items) == 0 {
		t.Say("templates_none")
		return nil
	}
	rows := [][]string{{
		t.Text("head_id"), t.Text("head_folder"), t.Text("head_name"), t.Text("head_version"), t.Text("head_uses"),
		t.Text("head_text"),
	}}
	for i := range list.Items {
		one := &list.Items[i]
		rows = append(rows, []string{
			one.ID, one.Folder, one.Name, strconv.Itoa(one.Version), strconv.Itoa(one.Uses), strconv.Quote(one.Text),
		})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

// templateFlags name a template and how to reach the gateway.
type templateFlags struct {
	apiFlags
	ID string `arg:"" help:"The template's id."`
}

// show prints a template whole.
func (c *apiFlags) showTemplate(t *terminal.Terminal, one *client.Template, err error) error {
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, one)
	}
	err = terminal.PrintTable(t.Stdout, []string{
		t.Text("head_id"), t.Text("head_folder"), t.Text("head_name"), t.Text("head_version"), t.Text("head_class"),
		t.Text("head_sender"), t.Text("head_uses"),
	}, []string{
		one.ID, one.Folder, one.Name, fmt.Sprintf("%d/%d", one.Version, one.Latest), one.Class, one.Sender,
		strconv.Itoa(one.Uses),
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.Stdout, one.Text)
	return err
}

type templatesShowCommand struct {
	templateFlags
	Version  int  `help:"That version; default: the present one."`
	Versions bool `help:"List the versions instead, newest first."`
}

// Run implements the command.
func (c *templatesShowCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	if c.Versions {
		return c.list(t, gateway)
	}
	one, err := gateway.Template(t.Ctx, c.ID, c.Version)
	return c.showTemplate(t, one, err)
}

func (c *templatesShowCommand) list(t *terminal.Terminal, gateway *client.Client) error {
	const most = 100
	found, err := gateway.TemplateVersions(t.Ctx, c.ID, most, "")
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, found)
	}
	rows := [][]string{{t.Text("head_version"), t.Text("head_time"), t.Text("head_actor"), t.Text("head_text")}}
	for i := range found.Items {
		one := &found.Items[i]
		rows = append(rows, []string{
			strconv.Itoa(one.Version), t.Shown(one.MadeAt), one.MadeBy, strconv.Quote(one.Text),
		})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

type templatesCreateCommand struct {
	apiFlags
	Name   string `required:"" help:"By which people find it."`
	Text   string `required:"" help:"The text, with fields such as ((name)); - reads it from standard input."`
	Folder string `help:"Where it stands in lists."`
	Class  string `help:"otp, transactional or marketing; default: the account's."`
	Sender string `help:"Sender; default: the account's, else the connector's."`
	Circle string `help:"Who may use it in the console: everyone, approvers or managers." default:"everyone"`
	Answer bool   `help:"Offer it where replies are answered."`
}

// Run implements the command.
func (c *templatesCreateCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	text, err := givenText(t, c.Text)
	if err != nil {
		return err
	}
	made, err := gateway.CreateTemplate(t.Ctx, client.TemplateRequest{
		Name: c.Name, Folder: c.Folder, Text: text, Class: c.Class, Sender: c.Sender, Circle: c.Circle,
		Answer: c.Answer,
	})
	return c.showTemplate(t, made, err)
}

// givenText is a text of the command line, or of standard input.
func givenText(t *terminal.Terminal, text string) (string, error) {
	if text == terminal.StandardInput {
		return readText(t)
	}
	return text, nil
}

type templatesChangeCommand struct {
	templateFlags
	Name   *string `help:"Another name."`
	Text   *string `help:"Another text; - reads it from standard input."`
	Folder *string `help:"Another folder."`
	Class  *string `help:"Another class."`
	Sender *string `help:"Another sender."`
	Circle *string `help:"Other people who may use it: everyone, approvers or managers."`
	Answer *bool   `help:"Whether it is offered where replies are answered." negatable:""`
}

// Run implements the command: what is not named stays. Somebody who changes the template
// meanwhile is not overwritten.
func (c *templatesChangeCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	now, err := gateway.Template(t.Ctx, c.ID, 0)
	if err != nil {
		return c.failed(t, err)
	}
	r := client.TemplateRequest{
		Name: now.Name, Folder: now.Folder, Text: now.Text, Class: now.Class, Sender: now.Sender, Circle: now.Circle,
		Answer: now.Answer,
	}
	for to, from := range map[*string]*string{
		&r.Name: c.Name, &r.Text: c.Text, &r.Folder: c.Folder, &r.Class: c.Class, &r.Sender: c.Sender,
		&r.Circle: c.Circle,
	} {
		if from != nil {
			*to = *from
		}
	}
	if c.Answer != nil {
		r.Answer = *c.Answer
	}
	if r.Text, err = givenText(t, r.Text); err != nil {
		return err
	}
	changed, err := gateway.ChangeTemplate(t.Ctx, c.ID, now.Version, r)
	return c.showTemplate(t, changed, err)
}

type templatesArchiveCommand struct{ templateFlags }

// Run implements the command.
func (c *templatesArchiveCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	if err := gateway.ArchiveTemplate(t.Ctx, c.ID); err != nil {
		return c.failed(t, err)
	}
	t.Say("template_archived")
	return nil
}

type templatesRestoreCommand struct{ templateFlags }

// Run implements the command.
func (c *templatesRestoreCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	one, err := gateway.RestoreTemplate(t.Ctx, c.ID)
	return c.showTemplate(t, one, err)
}

type templatesPreviewCommand struct {
	templateFlags
	Version int      `help:"That version; default: the present one."`
	Value   []string `sep:"none" help:"A value: NAME=VALUE, by the name of a field. May be repeated." placeholder:"NAME=VALUE"`
}

// Run implements the command. A value that is missing shows in the exit code.
func (c *templatesPreviewCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	values, err := valuesOf(t, c.Value)
	if err != nil {
		return err
	}
	shown, err := gateway.PreviewTemplate(t.Ctx, c.ID, c.Version, values)
	if err != nil {
		return c.failed(t, err)
	}
	for _, field := range shown.Missing {
		t.Say("template_missing", "field", field)
	}
	for _, field := range shown.Doubtful {
		t.Say("template_doubtful", "field", field)
	}
	if c.JSON {
		err = terminal.PrintJSON(t.Stdout, shown)
	} else if len(shown.Missing) == 0 {
		_, err = fmt.Fprintln(t.Stdout, shown.Text)
		t.Say("template_cost", "segments", shown.Cost.Written.Segments, "encoding", shown.Cost.Written.Encoding)
	}
	if err != nil {
		return err
	}
	return terminal.LeftOutIf(len(shown.Missing) > 0)
}

// valuesOf reads values of fields, each NAME=VALUE, nil where there are none.
func valuesOf(t *terminal.Terminal, pairs []string) (map[string]string, error) {
	var values map[string]string
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, t.Misuse("value_without_name", "value", pair)
		}
		if _, twice := values[name]; twice {
			return nil, t.Misuse("value_twice", "name", name)
		}
		if values == nil {
			values = map[string]string{}
		}
		values[name] = value
	}
	return values, nil
}

// templateID is the form of an id.
var templateID = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// templateOf finds a template by its name or its id, with @ and a version behind it or
// without. Where a name ends like that itself, the name counts. An id is not looked up:
// a key that only sends may not see the list.
func templateOf(t *terminal.Terminal, gateway *client.Client, text string) (id string, version int, err error) {
	name, version := text, 0
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		if n, err := strconv.Atoi(text[at+1:]); err == nil && n > 0 {
			name, version = text[:at], n
		}
	}
	if templateID.MatchString(name) {
		return name, version, nil
	}
	list, err := gateway.Templates(t.Ctx, false)
	if err != nil {
		return "", 0, err
	}
	for i := range list.Items {
		switch list.Items[i].Name {
		case text:
			return list.Items[i].ID, 0, nil
		case name:
			id = list.Items[i].ID
		}
	}
	if id == "" {
		return "", 0, errors.New(t.Text("template_unknown", "name", name))
	}
	return id, version, nil
}
