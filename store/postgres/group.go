package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// maxGroup bounds one transaction, so that a burst does not hold back its
	// first request for ever.
	maxGroup = 256
	// writers is how many transactions of one kind are under way at once: one is
	// filled while the other is synced.
	writers = 2
	// writeTimeout bounds one transaction.
	writeTimeout = 30 * time.Second
)

// group writes requests of one kind together. Requests that arrive while the
// writers are busy share the next transaction; a single one waits for nobody.
type group[T any] struct {
	name  string
	write func(context.Context, []*T) error // all or nothing; may see a request twice
	queue chan *queued[T]
	ended sync.WaitGroup

	mu      sync.RWMutex // held to send; stop takes it to close the queue
	stopped bool
}

type queued[T any] struct {
	request *T
	done    chan error
}

func startGroup[T any](name string, writers int, write func(context.Context, []*T) error) *group[T] {
	g := &group[T]{name: name, write: write, queue: make(chan *queued[T], maxGroup)}
	for range writers {
		g.ended.Go(g.run)
	}
	return g
}

// do returns when the request is on disk. A context that ends does not take it
// back once it was handed over: do waits for its fate, so that nobody is told
// "no" of something that happened.
func (g *group[T]) do(ctx context.Context, request *T) error {
	q := &queued[T]{request: request, done: make(chan error, 1)}
	if err := g.hand(ctx, q); err != nil {
		return err
	}
	return <-q.done
}

func (g *group[T]) hand(ctx context.Context, q *queued[T]) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.stopped {
		return errors.New("the database is closed")
	}
	select {
	case g.queue <- q:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *group[T]) stop() {
	g.mu.Lock()
	if !g.stopped {
		g.stopped = true
		close(g.queue)
	}
	g.mu.Unlock()
	g.ended.Wait()
}

func (g *group[T]) run() {
	waiting := make([]*queued[T], 0, maxGroup)
	for first := range g.queue {
		waiting = g.drain(append(waiting[:0], first))
		err := g.commit(waiting)
		if len(waiting) > 1 && provesNothingKept(err) {
			for i := range waiting { // the guilty one fails alone
				waiting[i].done <- g.commit(waiting[i : i+1])
			}
			continue
		}
		for _, q := range waiting {
			q.done <- err
		}
	}
}

func (g *group[T]) drain(waiting []*queued[T]) []*queued[T] {
	for len(waiting) < maxGroup {
		select {
		case q, open := <-g.queue:
			if !open {
				return waiting
			}
			waiting = append(waiting, q)
		default:
			return waiting
		}
	}
	return waiting
}

func (g *group[T]) commit(waiting []*queued[T]) error {
	requests := make([]*T, len(waiting))
	for i, q := range waiting {
		requests[i] = q.request
	}
	return again(context.Background(), func(ctx context.Context) error {
		if err := g.write(ctx, requests); err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
		return nil
	})
}

// maxAgain bounds how often a transaction is tried that PostgreSQL took back to
// let another one through.
const maxAgain = 20

// again runs a transaction, and runs it again after a deadlock or a conflict: it
// was taken back whole.
func again(ctx context.Context, f func(context.Context) error) (err error) {
	for range maxAgain {
		bounded, cancel := context.WithTimeout(ctx, writeTimeout)
		err = f(bounded)
		cancel()
		if code := sqlState(err); code != "40P01" && code != "40001" {
			break
		}
	}
	return explain(err)
}

func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// provesNothingKept reports whether a transaction that failed with err may be done
// again: the server said so of a statement or of a constraint. A connection that
// broke, or a server that went away (class 57), may have committed all the same.
func provesNothingKept(err error) bool {
	code := sqlState(err)
	if len(code) < 2 {
		return false
	}
	switch code[:2] {
	case "08", "57", "58", "XX":
		return false
	default:
		return true
	}
}
