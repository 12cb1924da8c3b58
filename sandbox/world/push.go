package world

import (
	"context"
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

// Pusher calls customers with receipts and replies.
type Pusher struct {
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

// push is one call. send makes it, and reports whether it was acknowledged.
type push struct {
	count *Counters
	send  func(ctx context.Context) error
	tries int
}

// NewPusher makes a pusher that waits so long before it tries again; 0 means 1 s.
func NewPusher(retry time.Duration) *Pusher {
	p := &Pusher{
		retry: retry, tries: pushTries,
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

// Start makes pushes until Stop.
func (p *Pusher) Start(group *sync.WaitGroup) {
	for range pushWorkers {
		group.Go(p.work)
	}
}

// Stop ends at once.
func (p *Pusher) Stop() {
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

// Add queues a push.
func (p *Pusher) Add(count *Counters, send func(ctx context.Context) error) {
	p.pending.Add(1)
	one := &push{count: count, send: send}
	time.AfterFunc(pushAfter, func() { p.enqueue(one) })
}

func (p *Pusher) enqueue(one *push) {
	p.mu.Lock()
	p.queue = append(p.queue, one)
	p.mu.Unlock()
	p.ready.Signal()
}

func (p *Pusher) work() {
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
func (p *Pusher) try(one *push) {
	one.tries++
	one.count.Pushed.Add(1)
	err := one.send(p.running)
	switch {
	case err == nil:
		one.count.Acknowledged.Add(1)
	case one.tries < p.tries:
		time.AfterFunc(p.retry, func() { p.enqueue(one) })
		return
	}
	p.pending.Add(-1)
}

// Now makes a push at once, and queues it when nobody took it.
func (p *Pusher) Now(count *Counters, send func(ctx context.Context) error) {
	p.pending.Add(1)
	p.try(&push{count: count, send: send})
}

// Call makes a request and wants a 2xx.
func (p *Pusher) Call(ctx context.Context, method, target, ctype string, body io.Reader) error {
	r, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return err
	}
	if ctype != "" {
		r.Header.Set("Content-Type", ctype)
	}
	return p.Do(r)
}

// Do sends a request and wants a 2xx.
func (p *Pusher) Do(r *http.Request) error {
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

// Pending reports whether a push is still to be taken.
func (p *Pusher) Pending() bool { return p.pending.Load() > 0 }

// CloseIdle closes the connections that no push uses.
func (p *Pusher) CloseIdle() { p.client.CloseIdleConnections() }
