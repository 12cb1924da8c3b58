package config

import "testing"

func TestQuotasInMoneyWithoutATariff(t *testing.T) {
	const budget = "[quota.budget]\nper = \"account\"\nevery = \"month\"\n"
	for _, tc := range []struct {
		name, text string
		tariff     string
		want       int
	}{
		{"no tariff", budget + "money = \"50\"", "", 1},
		{"a tariff", budget + "money = \"50\"", TariffOfOperator, 0},
		{"no money", budget + "messages = 50", "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := load("relais.toml", []byte(tc.text), func(string) (string, bool) { return "", false }, nil)
			if err != nil {
				t.Fatal(err)
			}
			c.Connectors = []Connector{{Name: "ovh", Tariff: tc.tariff}}
			if got := c.quotasWithoutPrices(); len(got) != tc.want {
				t.Errorf("warnings %q, want %d", got, tc.want)
			}
		})
	}
}
