package lane

import (
	"relais/connector"
	"relais/policy"
	"relais/reason"
	"relais/tariff"
	"relais/terms"
)

// Instance is a configured connector.
type Instance struct {
	Name      string // "ovh-town"
	Provider  string // "ovh"
	Connector connector.Connector
	Facts     connector.Facts
	// Owner is the account of replies that answer no known message.
	Owner string
	// CreditAlert is the amount below which people are told; nil: never.
	CreditAlert *float64
	// Overlay holds the operator's own rules, which apply beside the account's; nil: none.
	Overlay *policy.Pack
	// Tariff says what a segment costs; nil: not known.
	Tariff *tariff.Table
	// TariffOfOperator: the operator, a connector.Tariffer, is asked instead.
	TariffOfOperator bool
}

// CheckTariff refuses an instance whose operator, by its name, cannot tell its prices.
func (i *Instance) CheckTariff(operator reason.Arg) error {
	if !i.TariffOfOperator || connector.CapabilitiesOf(i.Connector).Tariffer != nil {
		return nil
	}
	return reason.NewError(noTariff, reason.Args{"connector": reason.Name(i.Name), "operator": operator})
}

func (i *Instance) prices() *terms.Prices {
	if i.TariffOfOperator {
		return terms.OperatorPrices()
	}
	return terms.FixedPrices(i.Tariff)
}
