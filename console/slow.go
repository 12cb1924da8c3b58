package console

import (
	"context"
	"net/http"
	"strings"
	"time"

	"relais/inbox"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// How much one console asks of the database: a search that takes longer is given up, and
// further exports are refused while so many are being written.
const (
	searchTime  = 10 * time.Second
	mostExports = 4
)

const (
	saySlow    = Words + "/search_slow"
	sayExports = Words + "/exports_many"
)

// inTime gives up what takes too long to find.
type inTime struct{ Reader }

// Search implements Reader.
func (r inTime) Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error) {
	err = bounded(ctx, searchTime, func(ctx context.Context) (err error) {
		found, more, err = r.Reader.Search(ctx, q)
		return err
	})
	return found, more, err
}

// Inbounds implements Reader.
func (r inTime) Inbounds(
	ctx context.Context, q inbox.InboundQuery,
) (found []inbox.Inbound, more bool, err error) {
	err = bounded(ctx, searchTime, func(ctx context.Context) (err error) {
		found, more, err = r.Reader.Inbounds(ctx, q)
		return err
	})
	return found, more, err
}

// bounded says what to narrow where a search took longer than a time.
func bounded(ctx context.Context, limit time.Duration, find func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := find(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return &problem{http.StatusServiceUnavailable, reason.Of(saySlow, nil)}
	}
	return err
}

// export takes a place for a route that writes a file of any length. done gives it back.
func (c *Console) export(at route) (done func(), err error) {
	if !strings.HasSuffix(at.pattern, "/export") && !strings.HasSuffix(at.pattern, ".csv") {
		return func() {}, nil
	}
	select {
	case c.exports <- struct{}{}:
		return func() { <-c.exports }, nil
	default:
		return func() {}, &problem{http.StatusTooManyRequests, reason.Of(sayExports, nil)}
	}
}
