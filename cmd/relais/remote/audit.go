package remote

import (
	"strconv"

	"relais/cmd/relais/terminal"
)

type auditCommand struct {
	apiFlags
	Number string `help:"Only of this number." placeholder:"NUMBER"`
	Limit  int    `help:"Most entries to show, up to 1000." default:"20"`
	Cursor string `help:"Go on after an earlier list."`
}

// Run implements the command.
func (c *auditCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	list, err := gateway.Audit(t.Ctx, c.Number, c.Limit, c.Cursor)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, list)
	}
	if len(list.Items) == 0 {
		t.Say("audit_none")
		return nil
	}
	rows := [][]string{{
		t.Text("head_time"), t.Text("head_actor"), t.Text("head_action"), t.Text("head_messages"),
		t.Text("head_replies"), t.Text("head_opt_outs"),
		t.Text("head_subject"), t.Text("head_id"),
	}}
	for _, e := range list.Items {
		rows = append(rows, []string{
			t.Shown(e.At), e.Actor, e.Action, strconv.Itoa(e.Messages), strconv.Itoa(e.Replies),
			strconv.Itoa(e.OptOuts), e.Subject, e.ID,
		})
	}
	if err := terminal.PrintTable(t.Stdout, rows...); err != nil {
		return err
	}
	if list.Next != "" {
		t.Say("messages_more", "cursor", list.Next)
	}
	return nil
}
