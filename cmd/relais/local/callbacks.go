package local

import (
	"errors"
	"strings"

	"relais/app"
	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/connector"
	"relais/connector/ovh"
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

type ovhCallbacksCommand struct {
	Config    string `help:"Configuration file (TOML)." placeholder:"FILE" env:"RELAIS_CONFIG"`
	Connector string `help:"Name of the connector, when several are OVH's." placeholder:"NAME"`
	Show      bool   `help:"Show what is set and change nothing." xor:"do"`
	Remove    bool   `help:"Remove the callbacks." xor:"do"`
	JSON      bool   `help:"Print JSON."`
}

// callbacksShown are the addresses that are set, their secrets hidden.
type callbacksShown struct {
	Connector string        `json:"connector"`
	Service   string        `json:"service"`
	Callbacks ovh.Callbacks `json:"callbacks"`
}

// Run implements the command. It reads back what it set.
func (c *ovhCallbacksCommand) Run(t *terminal.Terminal) error {
	settings, err := (&Flags{Config: c.Config}).Load(t)
	if err != nil {
		return err
	}
	name, section, err := c.choose(t, settings)
	if err != nil {
		return err
	}
	client := connector.NewHTTPClient(1)
	defer client.CloseIdleConnections()
	options := section.LoginOptions(client)
	if !c.Show {
		wanted := ovh.Callbacks{}
		if !c.Remove {
			if err := checkSealKey(t, settings); err != nil {
				return err
			}
			address, err := app.CallbackURL(settings, name)
			if err != nil {
				return err
			}
			wanted = ovh.CallbacksAt(address)
		}
		if err := ovh.SetCallbacks(t.Ctx, options, section.Service, wanted); err != nil {
			return err
		}
	}
	set, err := ovh.ReadCallbacks(t.Ctx, options, section.Service)
	if err != nil {
		return err
	}
	shown := callbacksShown{name, section.Service, ovh.Callbacks{
		Receipt: withoutSecret(set.Receipt), Reply: withoutSecret(set.Reply), Stop: withoutSecret(set.Stop),
	}}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, shown)
	}
	return terminal.PrintTable(t.Stdout,
		[]string{t.Text("callbacks_receipts"), orNone(t, shown.Callbacks.Receipt)},
		[]string{t.Text("callbacks_replies"), orNone(t, shown.Callbacks.Reply)},
		[]string{t.Text("callbacks_stops"), orNone(t, shown.Callbacks.Stop)})
}

func (c *ovhCallbacksCommand) choose(
	t *terminal.Terminal, settings config.Config,
) (string, *ovh.Config, error) {
	var names []string
	sections := map[string]*ovh.Config{}
	for _, conn := range settings.Connectors {
		if section, ok := conn.Section.(*ovh.Config); ok && (c.Connector == "" || c.Connector == conn.Name) {
			names = append(names, conn.Name)
			sections[conn.Name] = section
		}
	}
	switch len(names) {
	case 0:
		return "", nil, errors.New(t.Text("callbacks_no_connector"))
	case 1:
		return names[0], sections[names[0]], nil
	default:
		return "", nil, t.Misuse("callbacks_which", "connectors", strings.Join(names, ", "))
	}
}

// withoutSecret hides the part of an address that only the operator may know.
func withoutSecret(address string) string {
	before, after, ours := strings.Cut(address, "/callbacks/")
	parts := strings.Split(after, "/")
	if !ours || len(parts) < 2 {
		return address
	}
	parts[1] = "***"
	return before + "/callbacks/" + strings.Join(parts, "/")
}

func orNone(t *terminal.Terminal, address string) string {
	if address == "" {
		return t.Text("callbacks_none")
	}
	return address
}
