package lane

import (
	"context"
	"time"

	"relais/connector"
	"relais/duty"
)

// pollStandard is how often an operator is asked that does not say otherwise.
const pollStandard = time.Minute

// CursorStore keeps how far a connector's news were read.
type CursorStore interface {
	Cursor(ctx context.Context, connector string) (string, error)
	KeepCursor(ctx context.Context, connector, cursor string) error
}

// polling is the chore of a lane that asks for news.
type polling struct{ *Lane }

// run asks an operator for news that it did not push, until ctx ends.
func (l polling) run(ctx context.Context) {
	every := l.Facts.PollEvery
	if every <= 0 {
		every = pollStandard
	}
	for {
		if err := l.pollOnce(ctx); err != nil && ctx.Err() == nil {
			l.o.Log.Warn("the operator could not be asked for news", "connector", l.Name, "error", err)
			l.o.Metrics.polls.WithLabelValues(l.Name, "failed").Inc()
		} else if err == nil {
			l.o.Metrics.polls.WithLabelValues(l.Name, "done").Inc()
		}
		if duty.Sleep(ctx, every) != nil {
			return
		}
	}
}

// pollOnce goes on from the stored cursor. The cursor is stored after what it
// stands for.
func (l polling) pollOnce(ctx context.Context) error {
	cursor, err := l.o.Store.Cursor(ctx, l.Name)
	if err != nil {
		return err
	}
	next, err := l.Guard.PollNews(l.Paced(ctx), cursor, func(news connector.News) error {
		return l.Take(ctx, news, false)
	})
	if next == "" || next == cursor {
		return err
	}
	if keep := l.o.Store.KeepCursor(context.WithoutCancel(ctx), l.Name, next); keep != nil {
		return keep
	}
	return err
}
