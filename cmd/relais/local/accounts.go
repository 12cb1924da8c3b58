package local

import (
	"errors"
	"time"

	"relais/auth"
	"relais/cmd/relais/terminal"
)

type accountsCommand struct {
	Create accountsCreateCommand `cmd:"" help:"Create an account."`
	List   accountsListCommand   `cmd:"" help:"List the accounts."`
}

// accountShown is an account in JSON.
type accountShown struct {
	Name      string     `json:"name"`
	CreatedAt *time.Time `json:"created_at"`
}

type accountsCreateCommand struct {
	dataFlags
	Name string `arg:"" help:"Name: a-z, 0-9, dot, dash and underscore."`
}

// Run implements the command.
func (c *accountsCreateCommand) Run(t *terminal.Terminal) error {
	if auth.CheckName("account", c.Name) != nil {
		return t.Misuse("account_name_wrong")
	}
	store, err := c.open(t, true)
	if err != nil {
		return err
	}
	account := auth.Account{Name: c.Name, CreatedAt: time.Now()}
	err = closed(store, store.AddAccount(t.Ctx, account))
	if errors.Is(err, auth.ErrExists) {
		return errors.New(t.Text("account_exists", "account", c.Name))
	}
	if err != nil {
		return err
	}
	t.Say("account_created", "account", c.Name)
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, accountShown{account.Name, moment(account.CreatedAt)})
	}
	return nil
}

type accountsListCommand struct{ dataFlags }

// Run implements the command.
func (c *accountsListCommand) Run(t *terminal.Terminal) error {
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	accounts, err := store.Accounts(t.Ctx)
	if err := closed(store, err); err != nil {
		return err
	}
	list := make([]accountShown, len(accounts))
	rows := [][]string{{t.Text("head_account"), t.Text("head_created")}}
	for i, a := range accounts {
		list[i] = accountShown{a.Name, moment(a.CreatedAt)}
		rows = append(rows, []string{a.Name, t.Shown(a.CreatedAt)})
	}
	if c.JSON {
		return terminal.PrintItems(t.Stdout, list)
	}
	if len(accounts) == 0 {
		t.Say("accounts_none")
		return nil
	}
	return terminal.PrintTable(t.Stdout, rows...)
}
