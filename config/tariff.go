package config

import (
	"strings"

	"relais/config/section"
	"relais/plaintext"
	"relais/reason"
	"relais/tariff"
)

// TariffOfOperator stands for the prices that the operator itself tells.
const TariffOfOperator = "operator"

func wrongTariff(name string) reason.Reason {
	return section.UnlessWith(name == "" || name == TariffOfOperator || strings.HasSuffix(name, ".toml"),
		whyTariff, reason.Args{"operator": section.Quoted(TariffOfOperator)})
}

// tariffs reads the files that connectors name. Unlike a pack of rules a tariff is
// judged with the configuration: its currency must be that of the gateway.
func (l *loader) tariffs() {
	for i := range l.cfg.Connectors {
		conn := &l.cfg.Connectors[i]
		if !strings.HasSuffix(conn.Tariff, ".toml") {
			continue
		}
		table, wrong := l.tariff(conn.Tariff)
		if !wrong.IsZero() {
			l.complain(path{"connector", conn.Name, "tariff"},
				reason.Of(whyTariffFile, reason.Args{"file": reason.Name(conn.Tariff), "why": wrong}))
			continue
		}
		conn.Prices = table
	}
}

func (l *loader) tariff(name string) (*tariff.Table, reason.Reason) {
	data, err := plaintext.ReadFile(l.inFileDirectory(name))
	if err != nil {
		return nil, unreadable(err)
	}
	table, err := tariff.Parse(data)
	if err != nil {
		return nil, reason.OfError(err)
	}
	if table.Currency != l.cfg.Currency {
		return nil, reason.Of(whyTariffCurrency, reason.Args{
			"own": reason.Name(table.Currency), "ours": reason.Name(l.cfg.Currency),
			"quoted": section.Quoted(table.Currency),
		})
	}
	return table, reason.Reason{}
}
