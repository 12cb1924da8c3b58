package local

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"relais/app"
	"relais/auth"
	"relais/cmd/relais/terminal"
	"relais/usage"
)

type usageCommand struct {
	dataFlags
	Since   string `help:"First month, as 2026-01; default: the last one." placeholder:"MONTH"`
	Until   string `help:"Last month, counted too; default: this month." placeholder:"MONTH"`
	Account string `help:"Only this account." placeholder:"NAME"`
	CSV     bool   `name:"csv" help:"Print CSV."`
}

// usageShown is a row in JSON.
type usageShown struct {
	Month        string `json:"month"`
	Account      string `json:"account"`
	Key          string `json:"key"`
	Class        string `json:"class"`
	Connector    string `json:"connector"`
	Messages     int64  `json:"messages"`
	Sent         int64  `json:"sent"`
	Segments     int64  `json:"segments"`
	Price        string `json:"price"`
	Currency     string `json:"currency"`
	WithoutPrice int64  `json:"without_price"`
	InDoubt      int64  `json:"in_doubt"`
}

// Run implements the command.
func (c *usageCommand) Run(t *terminal.Terminal) error {
	if c.CSV && c.JSON {
		return t.Misuse("usage_one_form")
	}
	months, err := usage.Months(c.Since, c.Until, time.Now(), t.LocalZone())
	if err != nil {
		return wrongMonths(t, err)
	}
	settings, err := c.settings(t)
	if err != nil {
		return err
	}
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	rows, err := c.count(t, store, months)
	if err := closed(store, err); err != nil {
		return err
	}
	switch {
	case c.CSV:
		return usage.Write(t.Stdout, rows, settings.Currency)
	case c.JSON:
		return terminal.PrintItems(t.Stdout, shownUsage(rows, settings.Currency))
	case len(rows) == 0:
		t.Say("usage_none")
		return nil
	default:
		return printUsage(t, rows, settings.Currency)
	}
}

// wrongMonths says for people what is wrong with the months.
func wrongMonths(t *terminal.Terminal, err error) error {
	switch {
	case errors.Is(err, usage.ErrOrder):
		return t.Misuse("usage_order")
	case errors.Is(err, usage.ErrMany):
		return t.Misuse("usage_many")
	default:
		return t.Misuse("usage_month")
	}
}

// count reads the accounts one after the other, in the order of their names.
func (c *usageCommand) count(
	t *terminal.Terminal, store app.Database, months []time.Time,
) ([]usage.Row, error) {
	names, err := c.accounts(t.Ctx, store)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New(t.Text("account_unknown", "account", c.Account))
	}
	var all []usage.Row
	for _, name := range names {
		rows, err := usage.Of(t.Ctx, store, name, months)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	return all, nil
}

func (c *usageCommand) accounts(ctx context.Context, store auth.Store) (names []string, err error) {
	accounts, err := store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		if c.Account == "" || c.Account == a.Name {
			names = append(names, a.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func shownUsage(rows []usage.Row, currency string) []usageShown {
	shown := make([]usageShown, len(rows))
	for i := range rows {
		u := &rows[i]
		shown[i] = usageShown{
			Month: u.Month.Format("2006-01"), Account: u.Account, Key: string(u.Key), Class: string(u.Class),
			Connector: u.Connector,
			Messages:  u.Messages, Sent: u.Sent, Segments: u.Segments,
			Price: u.Price.String(), Currency: currency,
			WithoutPrice: u.WithoutPrice, InDoubt: u.InDoubt,
		}
	}
	return shown
}

func printUsage(t *terminal.Terminal, used []usage.Row, currency string) error {
	rows := [][]string{{
		t.Text("head_month"), t.Text("head_account"), t.Text("head_key"), t.Text("head_class"),
		t.Text("head_connector"), t.Text("head_messages"),
		t.Text("head_sent"), t.Text("head_segments"), t.Text("head_cost"), t.Text("head_without_price"),
		t.Text("head_in_doubt"),
	}}
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	for i := range used {
		u := &used[i]
		rows = append(rows, []string{
			u.Month.Format("2006-01"), u.Account, string(u.Key), string(u.Class), u.Connector, count(u.Messages),
			count(u.Sent), count(u.Segments),
			t.Amount(u.Price.String(), currency), count(u.WithoutPrice), count(u.InDoubt),
		})
	}
	return terminal.PrintTable(t.Stdout, rows...)
}
