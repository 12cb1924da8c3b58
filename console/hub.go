package console

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"relais/webhook"
)

// Bounds of streams.
const (
	StreamsOfUser = 5
	Streams       = 500 // of a node
	mostQueued    = 64  // events that wait for a browser; more: it reloads the page
	changesAtOnce = 500
	lookEvery     = 300 * time.Millisecond // at what every node wrote
)

var (
	errTooManyOfUser = errors.New("the user has too many streams")
	errTooMany       = errors.New("the node has too many streams")
	errStopping      = errors.New("the streams end")
)

// Changes is the outbox as streams read it: what changed, without what callers are told.
type Changes interface {
	// Changes returns those of an account and of the whole gateway behind a number.
	Changes(ctx context.Context, account string, after int64, limit int) ([]webhook.Happening, error)
	// LastChange is the number of the last one; 0: there is none.
	LastChange(ctx context.Context, account string) (int64, error)
}

// hub reads the outbox once for all streams of an account, while there are some, and
// never waits for a browser.
type hub struct {
	changes Changes
	metrics *Metrics
	log     *slog.Logger

	stopping chan struct{} // closed when streams end
	mu       sync.Mutex
	stopped  bool
	running  bool // somebody looks at the outbox
	all      int
	users    map[string]int
	accounts map[string]*following
}

// following is an account that streams follow.
type following struct {
	seq     int64 // of the last change that was read
	streams map[*stream]struct{}
}

// stream is the queue of one browser.
type stream struct {
	user, account string
	topics        []topic
	start         int64         // changes up to this one are not its own to tell
	wake          chan struct{} // holds one: there is something

	mu    sync.Mutex
	queue []told
	lost  int64 // the last change that was left out; 0: none
}

// told is what a stream says of a change.
type told struct {
	seq  int64
	said string
}

func newHub(changes Changes, metrics *Metrics, log *slog.Logger) *hub {
	return &hub{
		changes: changes, metrics: metrics, log: log, stopping: make(chan struct{}),
		users: map[string]int{}, accounts: map[string]*following{},
	}
}

// open makes a stream, unless there are too many.
func (h *hub) open(ctx context.Context, user, account string, wanted []topic) (*stream, error) {
	last, err := h.changes.LastChange(ctx, account)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.stopped:
		return nil, errStopping
	case h.users[user] >= StreamsOfUser:
		h.metrics.refuse()
		return nil, errTooManyOfUser
	case h.all >= Streams:
		h.metrics.refuse()
		return nil, errTooMany
	}
	f := h.accounts[account]
	if f == nil {
		f = &following{seq: last, streams: map[*stream]struct{}{}}
		h.accounts[account] = f
	}
	s := &stream{user: user, account: account, topics: wanted, start: f.seq, wake: make(chan struct{}, 1)}
	f.streams[s] = struct{}{}
	h.users[user]++
	h.all++
	if !h.running {
		h.running = true
		go h.run() //nolint:contextcheck // it ends with the last stream, not with the first request
	}
	h.metrics.count(h.all)
	return s, nil
}

func (h *hub) close(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.accounts[s.account].streams, s)
	if len(h.accounts[s.account].streams) == 0 {
		delete(h.accounts, s.account)
	}
	if h.users[s.user]--; h.users[s.user] == 0 {
		delete(h.users, s.user)
	}
	h.all--
	h.metrics.count(h.all)
}

// stop ends every stream, and lets nobody open one.
func (h *hub) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.stopped {
		h.stopped = true
		close(h.stopping)
	}
}

// run looks at the outbox until there is no stream.
func (h *hub) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-h.stopping:
			return
		case <-tick.C:
		}
		at, more := h.positions()
		if !more {
			return
		}
		for account, seq := range at {
			h.look(ctx, account, seq)
		}
	}
}

// positions are how far each account was read; more is false without a stream.
func (h *hub) positions() (at map[string]int64, more bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at = make(map[string]int64, len(h.accounts))
	for account, f := range h.accounts {
		at[account] = f.seq
	}
	h.running = h.all > 0
	return at, h.running
}

// look gives the streams of an account what happened since.
func (h *hub) look(ctx context.Context, account string, seq int64) {
	ctx, cancel := context.WithTimeout(ctx, streamDeadline)
	defer cancel()
	found, err := h.changes.Changes(ctx, account, seq, changesAtOnce)
	if err != nil {
		h.log.Warn("pages are not kept up to date", "error", err)
		return
	}
	if len(found) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.accounts[account]
	if f == nil || f.seq != seq {
		return // everybody left, and somebody came, meanwhile
	}
	f.seq = found[len(found)-1].Seq
	for s := range f.streams {
		s.put(found)
	}
}

// put queues what the stream tells of changes. One that is full loses all of it: its
// browser reloads the page.
func (s *stream) put(found []webhook.Happening) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range found {
		said := tells(s.topics, &found[i])
		switch {
		case said == "":
			continue
		case s.lost > 0 || len(s.queue) >= mostQueued:
			s.queue, s.lost = nil, found[i].Seq
		default:
			s.queue = append(s.queue, told{found[i].Seq, said})
		}
	}
	if len(s.queue) == 0 && s.lost == 0 {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take empties the queue. lost is the last change that was left out.
func (s *stream) take() (queue []told, lost int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue, lost = s.queue, s.lost
	s.queue, s.lost = nil, 0
	return queue, lost
}
