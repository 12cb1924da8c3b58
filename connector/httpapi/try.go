package httpapi

import (
	"context"

	"relais/connector"
)

// Try asks the operator what its declaration has for that, with what a person filled in, as the
// check-up of a configured connector does. It sends no message and keeps nothing. The error joins
// a *connector.ConfigError for each setting that is wrong; nobody was called then.
func Try(ctx context.Context, c connector.Choice, env connector.Env) (connector.Tried, error) {
	config := configOf(c)
	if err := config.Validate(); err != nil {
		return connector.Tried{}, err
	}
	made := config.open(env)
	guard := connector.NewGuard(made, connector.GuardOptions{
		Instance: c.Instance, Timeout: config.declared.facts.Timeout, Log: env.Log,
	})
	tried := connector.Tried{Request: made.example(ctx), Asked: made.asked(ctx)}
	for _, finding := range guard.Check(ctx) {
		if finding.Code != findingRequest {
			tried.Findings = append(tried.Findings, finding)
		}
	}
	if guard.Can().Balancer == nil || !tried.Works() {
		return tried, nil
	}
	balance, err := guard.Balance(ctx)
	if err != nil {
		tried.Findings = append(tried.Findings, connector.Found(connector.Warning, findingRefused, refusedBecause(err)))
		return tried, nil
	}
	tried.Balance = &balance
	return tried, nil
}

// asked is the call that a check-up makes, as people may see it; nil: it makes none.
func (c *client) asked(ctx context.Context) []string {
	switch d := c.declaration; {
	case d.check != nil:
		return c.masked(ctx, d.check, &d.auth, c.source(nil))
	case d.credit != nil:
		return c.masked(ctx, &d.credit.call, &d.auth, c.source(nil))
	case d.token != nil:
		return c.masked(ctx, &d.token.call, &d.token.auth, c.source(nil))
	default:
		return nil
	}
}
