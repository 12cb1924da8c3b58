package app

import (
	"context"
	"errors"

	"relais/config"
	"relais/gateway"
	"relais/sms"
	"relais/trace"
)

// openTraces makes what sends traces, where the configuration wants them. It is
// stopped after everything that makes spans, and before the database.
func (p *process) openTraces(ctx context.Context, of *config.Config) (err error) {
	c := of.Traces
	if c.Endpoint == "" {
		return nil
	}
	p.traces, err = trace.Open(ctx, trace.Options{
		Endpoint: c.Endpoint, Sample: c.Sample, Header: c.Header, Token: c.Token.Reveal(), Version: p.version,
		Of: traceOf(p.store), Log: p.log.With("part", "traces"),
	})
	if err != nil {
		return err
	}
	p.ends.add("traces", p.traces.Stop)
	return nil
}

// traceOf returns what reads which trace a message was accepted in; none for one that
// is gone.
func traceOf(store Database) func(ctx context.Context, account string, id sms.ID) (string, error) {
	return func(ctx context.Context, account string, id sms.ID) (string, error) {
		m, err := store.Message(ctx, account, id)
		if errors.Is(err, gateway.ErrNotFound) {
			return "", nil
		}
		return m.Trace, err
	}
}
