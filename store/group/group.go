// Package group writes requests of many callers in one transaction. Requests that
// arrive while a transaction is under way share the next one; a single request waits
// for nobody. Each is answered when its transaction is on disk.
package group

import (
	"context"
	"errors"
	"runtime"
	"sync"
)

// Most bounds one transaction, so that a burst does not hold back its first request
// for ever.
const Most = 256

// Writing is how a store writes a group.
type Writing[T any] struct {
	// Write writes all requests in one transaction, or none. It may see a request
	// twice: when another one of its group fails, each is tried again alone. It does
	// not keep the slice.
	Write func([]T) error
	// NothingKept reports whether a transaction that failed with an error surely left
	// nothing on disk, so that its requests may be written again. After any other
	// error they may be there all the same, and a second time would be once too often.
	NothingKept func(error) bool
	// Writers is how many transactions are under way at once: one is filled while
	// another is synced.
	Writers int
	// Yields bounds how often a writer lets others run to grow its group.
	Yields int
}

// Group is the queue of requests of one kind, and its writers.
type Group[T any] struct {
	Writing[T]

	queue chan queued[T]
	ended sync.WaitGroup

	mu      sync.RWMutex // held to send; Stop takes it to close the queue
	stopped bool
}

type queued[T any] struct {
	request T
	fate    chan error
}

// Start starts the writers of a group.
func Start[T any](w Writing[T]) *Group[T] {
	g := &Group[T]{Writing: w, queue: make(chan queued[T], Most)}
	for range w.Writers {
		g.ended.Go(g.run)
	}
	return g
}

// Do returns when the request is on disk. A context that ends does not take it back
// once it was handed over: Do waits for its fate, so that nobody is told "no" of
// something that happened.
func (g *Group[T]) Do(ctx context.Context, request T) error {
	fate, err := g.Hand(ctx, request)
	if err != nil {
		return err
	}
	return <-fate
}

// Hand hands a request over. What became of it comes out of the channel.
func (g *Group[T]) Hand(ctx context.Context, request T) (fate <-chan error, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	q := queued[T]{request: request, fate: make(chan error, 1)}
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.stopped {
		return nil, errors.New("the database is closed")
	}
	select {
	case g.queue <- q:
		return q.fate, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Stop returns when everything that was handed over has its answer. Nothing more is
// taken.
func (g *Group[T]) Stop() {
	g.mu.Lock()
	if !g.stopped {
		g.stopped = true
		close(g.queue)
	}
	g.mu.Unlock()
	g.ended.Wait()
}

func (g *Group[T]) run() {
	waiting, requests := make([]queued[T], 0, Most), make([]T, 0, Most)
	for first := range g.queue {
		waiting = g.gather(append(waiting[:0], first))
		requests = requests[:0]
		for i := range waiting {
			requests = append(requests, waiting[i].request)
		}
		g.write(requests, waiting)
		clear(waiting) // the requests of a burst are not held until the next one
		clear(requests)
	}
}

// write answers every request of a group. When the group fails, and surely left
// nothing, each is written alone: the guilty one fails by itself.
func (g *Group[T]) write(requests []T, waiting []queued[T]) {
	err := g.Write(requests)
	if len(requests) > 1 && err != nil && g.NothingKept(err) {
		for i := range waiting {
			waiting[i].fate <- g.Write(requests[i : i+1])
		}
		return
	}
	for i := range waiting {
		waiting[i].fate <- err
	}
}

// gather takes what waits. As long as that brings more, it lets the others run first:
// requests that are being read at this moment share the transaction, which costs less
// than one of their own.
func (g *Group[T]) gather(waiting []queued[T]) []queued[T] {
	for range g.Yields {
		runtime.Gosched()
		before := len(waiting)
		if waiting = g.drain(waiting); len(waiting) == before {
			return waiting
		}
	}
	return g.drain(waiting)
}

func (g *Group[T]) drain(waiting []queued[T]) []queued[T] {
	for len(waiting) < Most {
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
