package local

import (
	"errors"

	"relais/app"
	"relais/cmd/relais/terminal"
)

type callbacksCommand struct {
	Config string `help:"Configuration file (TOML)." placeholder:"FILE" env:"RELAIS_CONFIG"`
	JSON   bool   `help:"Print JSON."`
}

// callbackAddress is what an operator is given. The address holds a secret,
// which only the operator may know: printing it is what this command is for.
type callbackAddress struct {
	Connector string `json:"connector"`
	Provider  string `json:"provider"`
	URL       string `json:"url"`
}

// Run implements the command.
func (c *callbacksCommand) Run(t *terminal.Terminal) error {
	settings, err := (&Flags{Config: c.Config}).Load(t)
	if err != nil {
		return err
	}
	if len(settings.Connectors) == 0 {
		return errors.New(t.Text("callbacks_no_connectors"))
	}
	if err := checkSealKey(t, settings); err != nil {
		return err
	}
	var addresses []callbackAddress
	rows := [][]string{{t.Text("head_connector"), t.Text("head_url")}}
	for _, conn := range settings.Connectors {
		url, err := app.CallbackURL(settings, conn.Name)
		if err != nil {
			return err
		}
		addresses = append(addresses, callbackAddress{conn.Name, conn.Provider, url})
		rows = append(rows, []string{conn.Name, url})
	}
	if c.JSON {
		return terminal.PrintItems(t.Stdout, addresses)
	}
	return terminal.PrintTable(t.Stdout, rows...)
}
