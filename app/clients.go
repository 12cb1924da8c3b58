package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"relais/duty"
	"relais/webhook"
)

// leased is a carrier of which one node of a cluster tells a client at a time, though the client
// may be connected to several: the one that has the client's lease.
type leased struct {
	webhook.Carrier

	leases *clientLeases
}

// Ready implements webhook.Carrier.
func (l leased) Ready(e *webhook.Endpoint) bool {
	return l.Carrier.Ready(e) && l.leases.leads()(e.Account, e.URL)
}

// clientLeases are those of the clients that are connected to this node and have something
// waiting for them. One that does no more lapses.
type clientLeases struct {
	leases duty.Leases
	node   duty.Node
	life   time.Duration
	news   chan struct{} // of one: a client is wanted that was not
	gained func()        // a lease is ours that was not
	log    *slog.Logger

	mu     sync.Mutex
	wanted map[string]time.Time // when it was asked for last
	held   map[string]time.Time // until when it is ours
}

func newClientLeases(leases duty.Leases, node duty.Node, life time.Duration, gained func(), log *slog.Logger) *clientLeases {
	return &clientLeases{
		leases: leases, node: node, life: life, gained: gained, log: log, news: make(chan struct{}, 1),
		wanted: map[string]time.Time{}, held: map[string]time.Time{},
	}
}

// leads reports whether this node has the lease of a client that is connected to it; nil where it is alone.
func (l *clientLeases) leads() func(account, address string) bool {
	if l == nil {
		return nil
	}
	return func(account, address string) bool { return l.has("client " + account + " " + address) }
}

// has reports whether a lease is ours, and asks for it.
func (l *clientLeases) has(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	_, asked := l.wanted[name]
	l.wanted[name] = now
	if !asked {
		select {
		case l.news <- struct{}{}:
		default: // it is told already
		}
	}
	return now.Before(l.held[name])
}

// keep renews what is wanted until ctx ends.
func (l *clientLeases) keep(ctx context.Context) {
	tick := time.NewTicker(l.life / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-l.news:
		}
		l.renew(ctx)
	}
}

func (l *clientLeases) renew(ctx context.Context) {
	names := l.names()
	if len(names) == 0 {
		return
	}
	asked := time.Now()
	bounded, cancel := context.WithTimeout(ctx, l.life/3)
	defer cancel()
	fences, err := l.leases.Hold(bounded, l.node, names, l.life)
	if err != nil {
		if ctx.Err() == nil { // what is held lapses by itself, and another node may take it
			l.log.Warn("the leases of connected clients were not renewed", "error", err)
		}
		return
	}
	if l.note(names, fences, asked.Add(l.life)) {
		l.gained()
	}
}

// names are those wanted, without what nobody has asked for since a lease's time.
func (l *clientLeases) names() (all []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, at := range l.wanted {
		if time.Since(at) > l.life {
			delete(l.wanted, name)
			delete(l.held, name)
			continue
		}
		all = append(all, name)
	}
	return all
}

func (l *clientLeases) note(names []string, fences map[string]int64, until time.Time) (gained bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		_, ours := fences[name]
		if !ours {
			delete(l.held, name)
			continue
		}
		gained = gained || l.held[name].IsZero()
		l.held[name] = until
	}
	return gained
}
