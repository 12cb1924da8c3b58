package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// What operators do with a push that is not answered well is undocumented: it is
// sent again, so often and for so long (inferred).
const (
	pushWorkers    = 64
	pushTimeout    = 10 * time.Second
	pushRetryEvery = time.Second
	pushTries      = 60
)

// pusher calls customers with receipts and replies.
type pusher struct {
	client *http.Client
	retry  time.Duration
	tries  int

	running context.Context
	end     context.CancelFunc
	pending atomic.Int64

	mu     sync.Mutex
	ready  *sync.Cond
	queue  []*push
	closed bool
}

// push is one call. send makes it, and tells whether it was acknowledged.
type push struct {
	count *counters
	send  func(ctx context.Context) error
	tries int
}

func newPusher(opts Options) *pusher {
	p := &pusher{
		retry: opts.PushRetryEvery, tries: pushTries,
		client: &http.Client{
			Timeout:       pushTimeout,
			Transport:     &http.Transport{MaxIdleConnsPerHost: pushWorkers},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if p.retry == 0 {
		p.retry = pushRetryEvery
	}
	p.ready = sync.NewCond(&p.mu)
	p.running, p.end = context.WithCancel(context.Background())
	return p
}

func (p *pusher) start(group *sync.WaitGroup) {
	for range pushWorkers {
		group.Go(p.work)
	}
}

func (p *pusher) stop() {
	p.end()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.ready.Broadcast()
	p.client.CloseIdleConnections()
}

// pushAfter lets the answer to a submit reach the customer before the receipt,
// as it does in the ordinary way; operators take seconds (inferred).
const pushAfter = 20 * time.Millisecond

// add queues a push.
func (p *pusher) add(count *counters, send func(ctx context.Context) error) {
	p.pending.Add(1)
	one := &push{count: count, send: send}
	time.AfterFunc(pushAfter, func() { p.enqueue(one) })
}

func (p *pusher) enqueue(one *push) {
	p.mu.Lock()
	p.queue = append(p.queue, one)
	p.mu.Unlock()
	p.ready.Signal()
}

func (p *pusher) work() {
	for {
		p.mu.Lock()
		for len(p.queue) == 0 && !p.closed {
			p.ready.Wait()
		}
		if p.closed {
			p.mu.Unlock()
			return
		}
		one := p.queue[0]
		p.queue = p.queue[1:]
		p.mu.Unlock()
		p.try(one)
	}
}

// try makes a push, and again later when nobody took it.
func (p *pusher) try(one *push) {
	one.tries++
	one.count.pushed.Add(1)
	err := one.send(p.running)
	switch {
	case err == nil:
		one.count.acknowledged.Add(1)
	case one.tries < p.tries:
		time.AfterFunc(p.retry, func() { p.enqueue(one) })
		return
	}
	p.pending.Add(-1)
}

// now makes a push at once, and queues it when nobody took it.
func (p *pusher) now(count *counters, send func(ctx context.Context) error) {
	p.pending.Add(1)
	p.try(&push{count: count, send: send})
}

// call makes a request and wants a 2xx.
func (p *pusher) call(ctx context.Context, method, target, ctype string, body io.Reader) error {
	r, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return err
	}
	if ctype != "" {
		r.Header.Set("Content-Type", ctype)
	}
	resp, err := p.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection serves again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

// Quiet returns when nothing is left to push and nothing is due, or with an error
// when ctx ends first.
func (s *Server) Quiet(ctx context.Context) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for s.agenda.waiting() || s.pusher.pending.Load() > 0 {
		select {
		case <-ctx.Done():
			return errors.Join(errors.New("pushes are left"), ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

// waiting tells whether anything is still to happen.
func (a *agenda) waiting() bool {
	a.settle()
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.events) > 0 || a.busy > 0
}
