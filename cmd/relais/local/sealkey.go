package local

import (
	"errors"
	"fmt"
	"strings"

	"relais/app"
	"relais/cmd/relais/terminal"
)

type sealKeyCommand struct {
	Replace sealKeyReplaceCommand `cmd:"" help:"Take a new seal key where the old one is lost for good; the gateway is stopped meanwhile."`
}

type sealKeyReplaceCommand struct {
	dataFlags
	Yes bool `help:"Do not ask."`
}

// Run implements the command. With SQLite it asks for the database alone: a gateway
// would go on with the key that it has in memory.
func (c *sealKeyReplaceCommand) Run(t *terminal.Terminal) error {
	settings, err := c.settings(t)
	if err != nil {
		return err
	}
	if !c.Yes {
		if err := t.Confirm(t.Text("seal_confirm")); err != nil {
			return err
		}
	}
	store, err := c.open(t, false)
	if err != nil {
		return err
	}
	free, err := app.OnlyOne(settings)
	if err != nil {
		return closed(store, placeOf(settings).failed(t, err))
	}
	left, err := app.ReplaceSealKey(t.Ctx, settings, store)
	if err := closed(store, errors.Join(err, free())); err != nil {
		return err
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, left)
	}
	t.Say("seal_replaced")
	if len(left.Webhooks) > 0 {
		t.Say("seal_webhooks", "webhooks", strings.Join(left.Webhooks, " "))
	}
	if len(left.Applications) > 0 {
		t.Say("seal_applications", "applications", strings.Trim(fmt.Sprint(left.Applications), "[]"))
	}
	if len(left.Users) > 0 {
		t.Say("seal_users", "users", strings.Join(left.Users, " "))
	}
	return nil
}
