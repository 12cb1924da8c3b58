package lane

import (
	"context"
	"time"

	"relais/connector"
)

// pollStandard is how often an operator is asked whose connector sets no interval.
const pollStandard = time.Minute

// CursorStore keeps how far a connector's news were read.
type CursorStore interface {
	Cursor(ctx context.Context, connector string) (string, error)
	KeepCursor(ctx context.Context, connector, cursor string) error
}

// pollEvery is how often the operator is asked for news.
func (l *Lane) pollEvery() time.Duration {
	if l.Facts.PollEvery > 0 {
		return l.Facts.PollEvery
	}
	return pollStandard
}

// polling is the chore of a lane that asks for news.
type polling struct{ *Lane }

// round asks an operator for news that it did not push.
func (l polling) round(ctx context.Context) {
	switch err := l.poll(ctx); {
	case err == nil:
		l.o.Metrics.polls.WithLabelValues(l.Name, "done").Inc()
	case ctx.Err() == nil:
		l.o.Log.Warn("the operator could not be asked for news", "connector", l.Name, "error", err)
		l.o.Metrics.polls.WithLabelValues(l.Name, "failed").Inc()
	}
}

// poll goes on from the stored cursor. A cursor is stored only after the news that it stands
// for.
func (l polling) poll(ctx context.Context) error {
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
