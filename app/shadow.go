package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"relais/door/shadow"
	"relais/internal/trial"
)

// shadows forwards what doors take to the gateways that they are to replace.
func (a *generation) shadows(registry prometheus.Registerer) *shadow.Keeper {
	return shadow.NewKeeper(shadow.Options{
		Store: a.store, Region: func(account string) string { return a.gateway.Region(account) },
		Metrics: shadow.NewMetrics(registry), Log: a.log.With("part", "shadow"), Now: trial.Now,
	})
}
