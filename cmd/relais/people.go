package main

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"relais/client"
)

type peopleCommand struct {
	Export peopleExportCommand `cmd:"" help:"Print everything that is stored of a number, as JSON."`
	Erase  peopleEraseCommand  `cmd:"" help:"Erase what is stored of a number."`
}

type peopleExportCommand struct{ numberFlags }

// Run implements the command.
func (c *peopleExportCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	export, err := gateway.ExportPerson(t.ctx, c.Number)
	if err != nil {
		return c.failed(t, err)
	}
	return printJSON(t.stdout, export)
}

type peopleEraseCommand struct {
	numberFlags
	Yes     bool `help:"Do not ask."`
	Cancel  bool `help:"Cancel messages that are queued first; otherwise they are a reason to refuse."`
	OptOuts bool `help:"Forget the number in the suppression list too: it may get marketing again."`
}

// Run implements the command.
func (c *peopleEraseCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	if !c.Yes {
		if err := t.confirm(t.text("erase_confirm", "number", c.Number)); err != nil {
			return err
		}
	}
	done, err := gateway.ErasePerson(t.ctx, c.Number, c.Cancel, c.OptOuts)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, done)
	}
	return printErased(t, done)
}

// confirm asks before what cannot be undone. Only a person's yes will do.
func (t *terminal) confirm(question string) error {
	fmt.Fprintln(t.stderr, question)
	line, err := bufio.NewReader(t.stdin).ReadString('\n')
	answer := strings.ToLower(strings.TrimSpace(line))
	switch {
	case answer == "yes" || answer == t.text("yes"):
		return nil
	case err != nil && answer == "":
		return &usageError{t.text("confirm_missing")}
	default:
		return errors.New(t.text("confirm_no"))
	}
}

func printErased(t *terminal, done *client.EraseAnswer) error {
	fmt.Fprintln(t.stdout, t.text("erased", "messages", done.Messages, "replies", done.Replies))
	if done.Canceled > 0 {
		fmt.Fprintln(t.stdout, t.text("erased_canceled", "messages", done.Canceled))
	}
	if done.TextsShared > 0 {
		fmt.Fprintln(t.stdout, t.text("erased_shared", "messages", done.TextsShared))
	}
	if done.OptOuts > 0 {
		fmt.Fprintln(t.stdout, t.text("erased_opt_outs", "entries", done.OptOuts))
	}
	if done.OptOutsKept > 0 {
		fmt.Fprintln(t.stdout, t.text("erased_kept", "entries", done.OptOutsKept))
	}
	fmt.Fprintln(t.stdout, t.text("erased_audit", "entry", done.Audit))
	return nil
}

type auditCommand struct {
	apiFlags
	Number string `help:"Only of this number." placeholder:"NUMBER"`
	Limit  int    `help:"Most entries to show, up to 1000." default:"20"`
	Cursor string `help:"Go on after an earlier list."`
}

// Run implements the command.
func (c *auditCommand) Run(t *terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.Audit(t.ctx, c.Number, c.Limit, c.Cursor)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return printJSON(t.stdout, list)
	}
	if len(list.Items) == 0 {
		t.say("audit_none")
		return nil
	}
	rows := [][]string{{
		t.text("head_time"), t.text("head_actor"), t.text("head_action"), t.text("head_messages"), t.text("head_replies"), t.text("head_opt_outs"),
		t.text("head_subject"), t.text("head_id"),
	}}
	for _, e := range list.Items {
		rows = append(rows, []string{
			t.shown(e.At), e.Actor, e.Action, strconv.Itoa(e.Messages), strconv.Itoa(e.Replies), strconv.Itoa(e.OptOuts), e.Subject, e.ID,
		})
	}
	if err := printTable(t.stdout, rows...); err != nil {
		return err
	}
	if list.Next != "" {
		t.say("messages_more", "cursor", list.Next)
	}
	return nil
}
