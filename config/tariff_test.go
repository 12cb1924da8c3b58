package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relais/config"
	"relais/number"
)

const prices = `
name = "contract"
version = 1
since = 2026-01-01
source = "annex 2"
currency = "EUR"
[segment]
fr-metro = "0.047"
`

// loadBeside loads a configuration that stands beside a tariff and a logo, from elsewhere.
func loadBeside(t *testing.T, table, text string) (config.Config, error) {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string]string{
		"contract.toml": table, "logo.svg": "<svg/>", "relais.toml": text,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return config.Load(filepath.Join(dir, "relais.toml"), noEnvironment, providers())
}

func TestTariff(t *testing.T) {
	c, err := loadBeside(t, prices,
		"[connector.town]\nprovider = \"pigeon\"\nkey = \"k\"\ntariff = \"contract.toml\"\n")
	if err != nil {
		t.Fatal(err)
	}
	conn, _ := c.Connector("town")
	price, destination, ok := conn.Prices.Segment(number.Parsed{Country: "FR", Family: number.FRMetro})
	if c.Currency != "EUR" || !ok || destination != number.FRMetro || price.String() != "0.047" {
		t.Errorf("%s to %s in %s", price, destination, c.Currency)
	}
}

func TestTariffRefused(t *testing.T) {
	const conn = "[connector.town]\nprovider = \"pigeon\"\nkey = \"k\"\ntariff = \"contract.toml\"\n"
	for _, tc := range []struct{ name, table, text, want string }{
		{"another currency", strings.Replace(prices, "EUR", "GBP", 1), conn, `relais.toml:4:1: connector.town.tariff: contract.toml: its prices are in GBP and the gateway counts in EUR; set currency = "GBP", or write the prices in EUR`},
		{"the gateway's currency", prices, "currency = \"GBP\"\n" + conn, `its prices are in EUR and the gateway counts in GBP`},
		{"no currency", prices, "currency = \"euro\"\n", `currency: want three capital letters (ISO 4217), such as "EUR"`},
		{"a wrong price", strings.Replace(prices, `"0.047"`, "0.047", 1), conn, `contract.toml: segment.fr-metro: want the price as text`},
		{"no such file", prices, strings.Replace(conn, "contract.toml", "annex.toml", 1), "connector.town.tariff: annex.toml: cannot be read: no such file"},
		{"neither", prices, strings.Replace(conn, "contract.toml", "ovh", 1), `connector.town.tariff: want "operator", or a file with prices that ends in .toml`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := loadBeside(t, tc.table, tc.text)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q in it", err, tc.want)
			}
		})
	}
}
