package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"relais/connector"
	"relais/inbox"
	"relais/lane"
)

// Errors of Callback.
var (
	// ErrNoCallback is returned for an instance that is not there, or whose
	// operator pushes nothing.
	ErrNoCallback = errors.New("no such callback")
	// ErrUnreadable is returned for a push that is none of the operator's.
	ErrUnreadable = errors.New("the push cannot be read")
)

// Callback takes what an operator pushes to an instance. r holds the path
// behind the secret, and a whole body. When Callback returns nil everything is
// on disk, and may be acknowledged.
func (g *Gateway) Callback(ctx context.Context, instance string, r *http.Request) error {
	l := g.lanes.Get(instance)
	if l == nil || l.Caps.NewsParser == nil {
		return ErrNoCallback
	}
	news, err := l.Guard.ParseNews(r)
	if err != nil {
		g.metrics.refusedPushes.WithLabelValues(l.Name).Inc()
		g.log.Warn("a push of an operator was refused", "connector", l.Name, "error", err)
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return g.take(ctx, l, news, true)
}

// take stores news, then lets others know.
func (g *Gateway) take(ctx context.Context, l *lane.Lane, news connector.News, pushed bool) error {
	received, err := g.Accept(ctx, inbox.Teller{Connector: l.Name, Owner: l.Owner}, news, pushed)
	if errors.Is(err, inbox.ErrNoNumber) {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if err == nil {
		l.ReceiptsCame(received.Moved)
	}
	return err
}
