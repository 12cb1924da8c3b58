package local

import (
	"strings"

	"relais/app"
	"relais/auth"
	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/connector"
)

// strayPasskeys says that people have passkeys of other hosts than the configuration names;
// empty: nobody has, or there is no database of this version.
func strayPasskeys(t *terminal.Terminal, settings config.Config) (said string, err error) {
	have, want, err := placeOf(settings).schema(t.Ctx)
	if err != nil || have != want {
		return "", nil //nolint:nilerr // a database that cannot be read has a finding of its own
	}
	store, err := app.OpenDatabase(t.Ctx, settings)
	if err != nil {
		return "", nil //nolint:nilerr // as above
	}
	here := auth.SiteOf(settings.PublicURL).Host
	stray, err := store.StrayPasskeys(t.Ctx, here)
	if err := closed(store, err); err != nil || stray.People == 0 {
		return "", err
	}
	return t.Text("passkeys_elsewhere",
		"count", stray.People, "hosts", strings.Join(stray.Hosts, ", "), "host", here), nil
}

func examinePasskeys(t *terminal.Terminal, settings config.Config) []connector.Finding {
	said, err := strayPasskeys(t, settings)
	if err != nil {
		said = t.Of(err)
	}
	if said == "" {
		return nil
	}
	return []connector.Finding{{Level: connector.Warning, Code: "passkeys_elsewhere", Detail: said}}
}
