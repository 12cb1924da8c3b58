package remote

import (
	"fmt"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type peopleCommand struct {
	Export peopleExportCommand `cmd:"" help:"Print everything that is stored of a number, as JSON."`
	Erase  peopleEraseCommand  `cmd:"" help:"Erase what is stored of a number."`
}

type peopleExportCommand struct{ numberFlags }

// Run implements the command.
func (c *peopleExportCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	export, err := gateway.ExportPerson(t.Ctx, c.Number)
	if err != nil {
		return c.failed(t, err)
	}
	return terminal.PrintJSON(t.Stdout, export)
}

type peopleEraseCommand struct {
	numberFlags
	Yes     bool `help:"Do not ask."`
	Cancel  bool `help:"Cancel messages that are queued first; otherwise they are a reason to refuse."`
	OptOuts bool `help:"Forget the number in the suppression list too: it may get marketing again."`
}

// Run implements the command.
func (c *peopleEraseCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	if !c.Yes {
		if err := t.Confirm(t.Text("erase_confirm", "number", c.Number)); err != nil {
			return err
		}
	}
	done, err := gateway.ErasePerson(t.Ctx, c.Number, c.Cancel, c.OptOuts)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, done)
	}
	return printErased(t, done)
}

func printErased(t *terminal.Terminal, done *client.EraseAnswer) error {
	fmt.Fprintln(t.Stdout, t.Text("erased", "messages", done.Messages, "replies", done.Replies))
	if done.Canceled > 0 {
		fmt.Fprintln(t.Stdout, t.Text("erased_canceled", "messages", done.Canceled))
	}
	if done.TextsShared > 0 {
		fmt.Fprintln(t.Stdout, t.Text("erased_shared", "messages", done.TextsShared))
	}
	if done.Rows > 0 {
		fmt.Fprintln(t.Stdout, t.Text("erased_rows", "rows", done.Rows))
	}
	if done.OptOuts > 0 {
		fmt.Fprintln(t.Stdout, t.Text("erased_opt_outs", "entries", done.OptOuts))
	}
	if done.OptOutsKept > 0 {
		fmt.Fprintln(t.Stdout, t.Text("erased_kept", "entries", done.OptOutsKept))
	}
	fmt.Fprintln(t.Stdout, t.Text("erased_audit", "entry", done.Audit))
	return nil
}
