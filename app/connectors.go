package app

import (
	"cmp"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"relais/config"
	"relais/connector"
	"relais/connector/httpapi"
	"relais/connector/ovh"
	"relais/connector/sfrdmc"
	"relais/connector/smpp"
	"relais/lane"
	"relais/reason"
)

// Providers is the table of operators. A new one is a line here; a test fails
// when a directory under connector/ is missing.
func Providers() []connector.Provider {
	return []connector.Provider{
		ovh.Provider(),
		sfrdmc.Provider(),
		smpp.Provider(),
		httpapi.Provider(),
	}
}

// OpenInstances makes the configured connectors. It does no network call.
// callbackURL gives the address that an operator calls, "" for none; it may be
// nil.
func OpenInstances(
	connectors []config.Connector, client *http.Client, log *slog.Logger, now func() time.Time,
	callbackURL func(instance string) string,
) ([]lane.Instance, error) {
	providers := map[string]connector.Provider{}
	for _, p := range Providers() {
		providers[p.Name] = p
	}
	var instances []lane.Instance
	for _, c := range connectors {
		p, known := providers[c.Provider]
		if !known {
			return nil, reason.NewError(whyNoProvider, reason.Args{
				"connector": reason.Name(c.Name), "provider": reason.Name(strconv.Quote(c.Provider)),
			})
		}
		env := connector.Env{Instance: c.Name, HTTP: client, Log: log.With("connector", c.Name), Now: now}
		if callbackURL != nil {
			env.CallbackURL = callbackURL(c.Name)
		}
		conn, facts, err := p.Open(c.Section, env)
		if err != nil {
			return nil, reason.Wrap(err, whyConnector, reason.Args{"connector": reason.Name(c.Name)})
		}
		instance := lane.Instance{
			Name: c.Name, Provider: c.Provider, Connector: conn, Facts: adjusted(facts, c),
			Owner: cmp.Or(c.Account, "default"), CreditAlert: c.CreditAlert,
			Tariff: c.Prices, TariffOfOperator: c.Tariff == config.TariffOfOperator,
		}
		if err := instance.CheckTariff(reason.Name(p.Title)); err != nil {
			return nil, err
		}
		instances = append(instances, instance)
	}
	return instances, nil
}

// adjusted applies the limits that the configuration sets over the provider's.
func adjusted(facts connector.Facts, c config.Connector) connector.Facts {
	if c.CallsPerSecond != nil {
		facts.CallsPerSecond = *c.CallsPerSecond
	}
	if c.SegmentsPerSecond != nil {
		facts.SegmentsPerSecond = *c.SegmentsPerSecond
	}
	if c.Concurrency != nil {
		facts.Concurrency = *c.Concurrency
	}
	if c.MaxBatch != nil {
		facts.MaxBatch = min(*c.MaxBatch, facts.MaxBatch)
	}
	if c.Timeout != nil {
		facts.Timeout = *c.Timeout
	}
	if c.PollEvery != nil {
		facts.PollEvery = *c.PollEvery
	}
	return facts
}
