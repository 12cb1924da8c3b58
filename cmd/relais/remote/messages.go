package remote

import (
	"fmt"

	"relais/client"
	"relais/cmd/relais/terminal"
)

type messagesCommand struct {
	apiFlags
	To        string `help:"Only to this number." placeholder:"NUMBER"`
	Status    string `help:"Only in this status."`
	Class     string `help:"Only of this class."`
	Connector string `help:"Only through this connector." placeholder:"NAME"`
	Reference string `help:"Only with this reference."`
	Metadata  string `help:"Only with this value of one key of the metadata; --since bounds the time that it takes." placeholder:"KEY=VALUE"`
	Since     string `help:"Only accepted since: a date as for send --send-at, or how long ago: 24h." placeholder:"TIME"`
	Until     string `help:"Only accepted before." placeholder:"TIME"`
	Limit     int    `help:"Most messages to show." default:"20"`
	Cursor    string `help:"Go on after an earlier list."`
	Quiet     bool   `short:"q" help:"Print the ids of the messages, one a line, and nothing else."`
	Watch     bool   `short:"w" help:"Stay, and show every second what is new or has changed: on a terminal the whole list, elsewhere one message a line."`
}

// Run implements the command.
func (c *messagesCommand) Run(t *terminal.Terminal) error {
	gateway, err := c.client(t)
	if err != nil {
		return err
	}
	q, err := c.query(t)
	if err != nil {
		return err
	}
	if c.Watch {
		return c.watch(t, gateway, q)
	}
	list, err := pages(t, gateway, q)
	if err != nil {
		return c.failed(t, err)
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, list)
	}
	if c.Quiet {
		return printIDs(t, list.Items)
	}
	return printMessages(t, list)
}

func (c *messagesCommand) query(t *terminal.Terminal) (client.Query, error) {
	if c.Limit < 1 {
		return client.Query{}, t.Misuse("limit_wrong")
	}
	if c.Quiet && c.JSON {
		return client.Query{}, t.Misuse("quiet_or_json")
	}
	q := client.Query{
		To: c.To, Status: client.Status(c.Status), Class: c.Class, Connector: c.Connector,
		Reference: c.Reference, Metadata: c.Metadata, Limit: c.Limit, Cursor: c.Cursor,
	}
	var err error
	if q.Since, err = t.ReadTime("--since", c.Since, terminal.Ago); err != nil {
		return q, err
	}
	q.Until, err = t.ReadTime("--until", c.Until, terminal.Ago)
	return q, err
}

// pages fetches q.Limit messages, in as many pages as that takes.
func pages(t *terminal.Terminal, gateway *client.Client, q client.Query) (*client.MessageList, error) {
	const largest = 1000 // of one page
	whole := &client.MessageList{Items: []client.Message{}}
	for left := q.Limit; left > 0; left = q.Limit - len(whole.Items) {
		page := q
		page.Limit = min(left, largest)
		list, err := gateway.Messages(t.Ctx, page)
		if err != nil {
			return nil, err
		}
		whole.Items, whole.Next = append(whole.Items, list.Items...), list.Next
		if list.Next == "" {
			break
		}
		q.Cursor = list.Next
	}
	return whole, nil
}

func printMessages(t *terminal.Terminal, list *client.MessageList) error {
	if len(list.Items) == 0 {
		t.Say("messages_none")
		return nil
	}
	rows := [][]string{{
		t.Text("head_id"), t.Text("head_to"), t.Text("head_status"), t.Text("head_reason"),
		t.Text("head_connector"), t.Text("head_accepted"),
	}}
	for i := range list.Items {
		m := &list.Items[i]
		rows = append(rows, []string{
			m.ID, m.To, string(m.Status), m.Reason, m.Connector, t.Shown(m.CreatedAt),
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

// watch shows the list again and again on a terminal, and elsewhere each message that
// is new or has changed.
func (c *messagesCommand) watch(t *terminal.Terminal, gateway *client.Client, q client.Query) error {
	seen := t.OnScreen() && !c.JSON && !c.Quiet
	known := map[string]client.Status{}
	err := again(t, func() (bool, error) {
		list, err := pages(t, gateway, q)
		if err != nil {
			return false, err
		}
		if seen {
			return false, t.Redraw(func(t *terminal.Terminal) error { return printMessages(t, list) })
		}
		return false, c.printChanged(t, list, known)
	})
	if err != nil {
		return c.failed(t, err)
	}
	return nil
}

// printChanged prints what is not known in its status, oldest first.
func (c *messagesCommand) printChanged(
	t *terminal.Terminal, list *client.MessageList, known map[string]client.Status,
) error {
	for i := len(list.Items) - 1; i >= 0; i-- {
		m := &list.Items[i]
		if known[m.ID] == m.Status {
			continue
		}
		_, old := known[m.ID]
		known[m.ID] = m.Status
		var err error
		switch {
		case c.JSON:
			err = terminal.PrintLine(t.Stdout, m)
		case c.Quiet && old:
		case c.Quiet:
			_, err = fmt.Fprintln(t.Stdout, m.ID)
		default:
			_, err = fmt.Fprintf(t.Stdout, "%s  %s  %s  %s  %s  %s\n", m.ID, m.To, m.Status, m.Reason,
				m.Connector, t.Shown(m.CreatedAt))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
