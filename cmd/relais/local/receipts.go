package local

import (
	"time"

	"relais/cmd/relais/terminal"
	"relais/inbox"
)

type receiptsCommand struct {
	dataFlags
	Limit int `help:"Most receipts to show." default:"20"`
}

// receiptShown is a receipt in JSON.
type receiptShown struct {
	Connector  string     `json:"connector"`
	ProviderID string     `json:"provider_id"`
	Reference  string     `json:"reference,omitempty"`
	Status     string     `json:"status"`
	Reason     string     `json:"reason,omitempty"`
	Code       string     `json:"code"`
	Text       string     `json:"text,omitempty"`
	At         *time.Time `json:"at,omitempty"`
	ReceivedAt *time.Time `json:"received_at"`
}

func shownReceipt(u *inbox.UnmatchedReceipt) receiptShown {
	shown := receiptShown{
		Connector: u.Connector, ProviderID: u.ProviderID, Status: string(u.Status), Reason: string(u.Reason),
		Code: u.Code, Text: u.Text,
		At: moment(u.At), ReceivedAt: moment(u.ReceivedAt),
	}
	if !u.Ref.IsZero() {
		shown.Reference = u.Ref.String()
	}
	return shown
}

// Run implements the command.
func (c *receiptsCommand) Run(t *terminal.Terminal) error {
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	found, err := store.Unmatched(t.Ctx, c.Limit)
	if err := closed(store, err); err != nil {
		return err
	}
	list := make([]receiptShown, len(found))
	rows := [][]string{{
		t.Text("head_received"), t.Text("head_connector"), t.Text("head_provider"),
		t.Text("head_status"), t.Text("head_code"),
	}}
	for i := range found {
		list[i] = shownReceipt(&found[i])
		rows = append(rows, []string{
			t.Shown(found[i].ReceivedAt), list[i].Connector, list[i].ProviderID,
			list[i].Status, list[i].Code,
		})
	}
	if c.JSON {
		return terminal.PrintItems(t.Stdout, list)
	}
	if len(found) == 0 {
		t.Say("receipts_none")
		return nil
	}
	return terminal.PrintTable(t.Stdout, rows...)
}
