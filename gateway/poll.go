package gateway

import (
	"context"
	"time"

	"relais/connector"
	"relais/duty"
)

// pollStandard is how often an operator is asked that does not say otherwise.
const pollStandard = time.Minute

// poll asks an operator for news that it did not push, until ctx ends.
func (g *Gateway) poll(ctx context.Context, l *lane) {
	every := l.facts.PollEvery
	if every <= 0 {
		every = pollStandard
	}
	for {
		if err := g.pollOnce(ctx, l); err != nil && ctx.Err() == nil {
			g.log.Warn("the operator could not be asked for news", "connector", l.name, "error", err)
			g.metrics.polls.WithLabelValues(l.name, "failed").Inc()
		} else if err == nil {
			g.metrics.polls.WithLabelValues(l.name, "done").Inc()
		}
		if duty.Sleep(ctx, every) != nil {
			return
		}
	}
}

// pollOnce goes on from the stored cursor. The cursor is stored after what it
// stands for.
func (g *Gateway) pollOnce(ctx context.Context, l *lane) error {
	cursor, err := g.store.Cursor(ctx, l.name)
	if err != nil {
		return err
	}
	next, err := l.connector.PollNews(l.paced(ctx), cursor, func(news connector.News) error {
		return g.take(ctx, l, news, false)
	})
	if next == "" || next == cursor {
		return err
	}
	if keep := g.store.KeepCursor(context.WithoutCancel(ctx), l.name, next); keep != nil {
		return keep
	}
	return err
}
