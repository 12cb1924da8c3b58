package config

import (
	"strings"
	"testing"

	"relais/reason"
)

func TestQuotasInMoneyWithoutATariff(t *testing.T) {
	const budget = "[quota.budget]\nper = \"account\"\nevery = \"month\"\n"
	for _, tc := range []struct {
		name, text string
		connectors []Connector
		want       string // empty: no warning
	}{
		{"no tariff", budget + "money = \"50\"", []Connector{{Name: "ovh"}}, "no connector has a tariff"},
		{"a tariff", budget + "money = \"50\"", []Connector{{Name: "ovh", Tariff: TariffOfOperator}}, ""},
		{"a tariff of one", budget + "money = \"50\"", []Connector{{Name: "ovh", Tariff: TariffOfOperator}, {Name: "sfr"}}, "through sfr have no price"},
		{"segments beside", budget + "money = \"50\"\nsegments = 50", []Connector{{Name: "ovh", Tariff: TariffOfOperator}, {Name: "sfr"}}, ""},
		{"no money", budget + "messages = 50", []Connector{{Name: "ovh"}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := load("relais.toml", []byte(tc.text), func(string) (string, bool) {
				return "", false
			}, Parts{})
			if err != nil {
				t.Fatal(err)
			}
			c.Connectors = tc.connectors
			got := reason.Reason{}.With(c.quotasWithoutPrices()...).In(reason.English)
			if (got == "") != (tc.want == "") || !strings.Contains(got, tc.want) {
				t.Errorf("warnings %q, want %q", got, tc.want)
			}
		})
	}
}
