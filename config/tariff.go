package config

import (
	"fmt"
	"strings"

	"relais/config/section"
	"relais/plaintext"
	"relais/tariff"
)

// TariffOfOperator stands for the prices that the operator itself tells.
const TariffOfOperator = "operator"

func wrongTariff(name string) string {
	return section.Unless(name == "" || name == TariffOfOperator || strings.HasSuffix(name, ".toml"),
		fmt.Sprintf("want %q, or a file with prices that ends in .toml", TariffOfOperator))
}

// tariffs reads the files that connectors name. Unlike a pack of rules a tariff is
// judged with the configuration: its currency must be that of the gateway.
func (l *loader) tariffs() {
	for i := range l.cfg.Connectors {
		conn := &l.cfg.Connectors[i]
		if !strings.HasSuffix(conn.Tariff, ".toml") {
			continue
		}
		table, err := l.tariff(conn.Tariff)
		if err != nil {
			l.complain(path{"connector", conn.Name, "tariff"}, conn.Tariff+": "+err.Error())
			continue
		}
		conn.Prices = table
	}
}

func (l *loader) tariff(name string) (*tariff.Table, error) {
	data, err := plaintext.ReadFile(l.inFileDirectory(name))
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	table, err := tariff.Parse(data)
	if err != nil {
		return nil, err
	}
	if table.Currency != l.cfg.Currency {
		return nil, fmt.Errorf("its prices are in %s and the gateway counts in %s; set currency = %q, or write the prices in %[2]s",
			table.Currency, l.cfg.Currency, table.Currency)
	}
	return table, nil
}
