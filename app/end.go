package app

import (
	"context"
	"sync"
)

// end is the stop of an application, of which a reload under way learns.
type end struct {
	once sync.Once
	ask  chan struct{}   // closed when the stop is asked for
	wait <-chan struct{} // closed when nothing is waited for any more
}

func newEnd() *end { return &end{ask: make(chan struct{})} }

// begin asks whoever works to end, and to wait for nothing after ctx.
func (e *end) begin(ctx context.Context) {
	e.once.Do(func() {
		e.wait = ctx.Done()
		close(e.ask)
	})
}

// asked reports whether the stop was asked for.
func (e *end) asked() bool {
	select {
	case <-e.ask:
		return true
	default:
		return false
	}
}

// cut is a context that ends when the stop is asked for.
func (e *end) cut(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-e.ask:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// over calls quit when the time of the stop is over, until the returned function is
// called.
func (e *end) over(quit func()) (forget func()) {
	gone := make(chan struct{})
	go func() {
		select {
		case <-e.ask:
		case <-gone:
			return
		}
		select {
		case <-e.wait:
			quit()
		case <-gone:
		}
	}()
	return sync.OnceFunc(func() { close(gone) })
}
