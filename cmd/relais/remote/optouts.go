package remote

import (
	"os"
	"slices"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type optOutsCommand struct {
	List   optOutsListCommand   `cmd:"" help:"The list, by number."`
	Show   optOutsShowCommand   `cmd:"" help:"Whether a number gets marketing, and the proof of every change."`
	Add    optOutsAddCommand    `cmd:"" help:"Put a number on the list."`
	Remove optOutsRemoveCommand `cmd:"" help:"Take a number off the list, with the person's consent."`
	Import optOutsImportCommand `cmd:"" help:"Add the numbers of a CSV file."`
	Export optOutsExportCommand `cmd:"" help:"Print the whole list as CSV."`
}

type optOutsListCommand struct {
	apiFlags
	Limit  int    `help:"Most entries to show, up to 1000." default:"100"`
	Cursor string `help:"Go on after an earlier list."`
}

// Run implements the command.
func (c *optOutsListCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.OptOuts(t.Ctx, c.Limit, c.Cursor)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, list)
	}
	if len(list.Items) == 0 {
		t.Say("opt_outs_none")
		return nil
	}
	if err := printOptOuts(t, list.Items); err != nil {
		return err
	}
	if list.Next != "" {
		t.Say("messages_more", "cursor", list.Next)
	}
	return nil
}

func printOptOuts(t *terminal.Terminal, entries []client.OptOut) error {
	rows := [][]string{
		{t.Text("head_number"), t.Text("head_sender"), t.Text("head_source"), t.Text("head_since")},
	}
	for _, o := range entries {
		rows = append(rows, []string{o.Number, o.Sender, o.Source, t.Shown(o.Since)})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

// numberFlags name a number and how to reach the gateway.
type numberFlags struct {
	apiFlags
	Number string `arg:"" help:"The number, E.164 or as dialled in the account's country."`
}

type optOutsShowCommand struct{ numberFlags }

// Run implements the command.
func (c *optOutsShowCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	state, err := gateway.OptOut(t.Ctx, c.Number)
	return c.show(t, state, err)
}

// show prints where a number stands, and every change.
func (c *numberFlags) show(t *terminal.Terminal, state *client.OptOutState, err error) error {
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, state)
	}
	switch stands := func(o client.OptOut) bool { return !o.Provisional }; {
	case slices.ContainsFunc(state.Entries, stands):
		t.Say("opt_out_yes", "number", state.Number)
	case state.OptedOut:
		t.Say("opt_out_provisional", "number", state.Number)
	default:
		t.Say("opt_out_no", "number", state.Number)
	}
	if len(state.Proofs) == 0 {
		return nil
	}
	rows := [][]string{{
		t.Text("head_time"), t.Text("head_change"), t.Text("head_sender"),
		t.Text("head_source"), t.Text("head_actor"), t.Text("head_note"), t.Text("head_answers"),
	}}
	for _, p := range state.Proofs {
		rows = append(rows, []string{t.Shown(p.At), p.Change, p.Sender, p.Source, p.Actor, p.Note, p.Message})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}

type optOutsAddCommand struct {
	numberFlags
	Sender string `help:"Stop this sender alone." placeholder:"NAME"`
	Reason string `help:"Kept with the proof."`
}

// Run implements the command.
func (c *optOutsAddCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	state, err := gateway.AddOptOut(t.Ctx, c.Number, c.Sender, c.Reason)
	return c.show(t, state, err)
}

type optOutsRemoveCommand struct {
	numberFlags
	Sender string `help:"For this sender alone." placeholder:"NAME"`
	Reason string `help:"Kept with the proof."`
}

// Run implements the command.
func (c *optOutsRemoveCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	state, err := gateway.RemoveOptOut(t.Ctx, c.Number, c.Sender, c.Reason)
	return c.show(t, state, err)
}

type optOutsImportCommand struct {
	apiFlags
	File   string `arg:"" help:"UTF-8, one number a line, or CSV with columns named number and sender; - is standard input, # begins a comment."`
	DryRun bool   `help:"Say what would be added and what cannot be read; add nothing."`
}

// Run implements the command. Lines that name no number show in the exit code, after
// the others were added.
func (c *optOutsImportCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	name, file := t.Text("standard_input"), t.Stdin
	if c.File != terminal.StandardInput {
		opened, err := os.Open(c.File)
		if err != nil {
			return t.Failed(err, "file_unreadable", "file", c.File)
		}
		defer opened.Close()
		name, file = c.File, opened
	}
	load := gateway.ImportOptOuts
	if c.DryRun {
		load = gateway.TryOptOuts
	}
	answer, err := load(t.Ctx, file)
	if err != nil {
		return c.failed(t, err)
	}
	for _, r := range answer.Refused {
		t.Say("opt_outs_refused", "file", name, "line", r.Line, "detail", r.Detail)
	}
	switch {
	case c.JSON:
		err = terminal.PrintJSON(t.Stdout, answer)
	case c.DryRun:
		t.Say("opt_outs_tried", "added", answer.Added, "known", answer.Known)
	default:
		t.Say("opt_outs_imported", "added", answer.Added, "known", answer.Known)
	}
	if err == nil && len(answer.Refused) > 0 {
		t.Say("opt_outs_some_refused", "lines", len(answer.Refused))
		return terminal.ErrLeftOut
	}
	return err
}

type optOutsExportCommand struct{ apiFlags }

// Run implements the command.
func (c *optOutsExportCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	file, err := gateway.ExportOptOuts(t.Ctx)
	if err != nil {
		return c.failed(t, err)
	}
	_, err = t.Stdout.Write(file)
	return err
}
