package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"relais/inbox"
	"relais/search"
	"relais/sms"
)

// How much the API asks of the database: a search that takes longer is given up, and
// further exports are refused while so many are being written.
const (
	searchTime  = 10 * time.Second
	mostExports = 4
	exportWait  = "30" // seconds
)

// inTime gives up what takes too long to find. Sending it again would take as long.
type inTime struct {
	Reader

	limit time.Duration
}

func readInTime(o Options) inTime { return inTime{o.Reader, cmp.Or(o.SearchTime, searchTime)} }

// Search implements Reader.
func (r inTime) Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error) {
	err = r.bounded(ctx, func(ctx context.Context) (err error) {
		found, more, err = r.Reader.Search(ctx, q)
		return err
	})
	return found, more, err
}

// Inbounds implements Reader.
func (r inTime) Inbounds(
	ctx context.Context, q inbox.InboundQuery,
) (found []inbox.Inbound, more bool, err error) {
	err = r.bounded(ctx, func(ctx context.Context) (err error) {
		found, more, err = r.Reader.Inbounds(ctx, q)
		return err
	})
	return found, more, err
}

func (r inTime) bounded(ctx context.Context, find func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, r.limit)
	defer cancel()
	err := find(limited)
	if err != nil && errors.Is(limited.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
		return refusalOf(http.StatusUnprocessableEntity, codeSearchSlow)
	}
	return err
}

// exports are the places of those that are being written; nil: there is no limit.
type exports chan struct{}

// take takes a place. done gives it back.
func (e exports) take() (done func(), p *refusal) {
	if e == nil {
		return func() {}, nil
	}
	select {
	case e <- struct{}{}:
		return func() { <-e }, nil
	default:
		p = refusalOf(http.StatusTooManyRequests, codeExports)
		p.retryAfter = exportWait
		return nil, p
	}
}
