package lane

import (
	"context"
	"sync"
	"time"

	"relais/connector"
	"relais/duty"
)

// Pauses between two sessions with an operator, doubled until one lasts.
const (
	sessionPause    = time.Second
	maxSessionPause = time.Minute
	sessionLasts    = time.Minute
)

// session is the chore of a lane whose operator wants a live session.
type session struct{ *Lane }

// run keeps the live session of a lane, until ctx ends and the calls that use it have
// returned. It runs under the lane's lease, so that one node of a cluster has it.
func (l session) run(ctx context.Context) {
	open, hangUp := context.WithCancel(l.set.calling)
	var ending sync.WaitGroup
	defer ending.Wait()
	ending.Go(func() { l.watch(ctx) })
	ending.Go(func() {
		<-ctx.Done()
		l.turns.drain(l.set.calling) //nolint:contextcheck // the calls outlive the chore
		hangUp()
	})
	for failures := 0; ctx.Err() == nil; failures++ {
		begun := time.Now()
		err := l.Guard.Run(open, news{l.Lane}) //nolint:contextcheck // so does the session that they use
		if ctx.Err() != nil {
			return
		}
		if time.Since(begun) >= sessionLasts {
			failures = 0
		}
		l.o.Log.Warn("the session with the operator ended; it is opened again",
			"connector", l.Name, "error", err)
		if duty.Sleep(ctx, doubled(sessionPause, failures, maxSessionPause)) != nil {
			return
		}
	}
}

// watchEvery is how often the figures of sessions are shown afresh.
const watchEvery = time.Second

// watch shows the figures of the sessions until ctx ends: on one node of a cluster.
func (l session) watch(ctx context.Context) {
	defer l.o.Metrics.hideSessions(l.Name)
	for before := 0; ; {
		if told := l.sessions(ctx); told != nil {
			l.o.Metrics.showSessions(l.Name, told, told.Throttled-before)
			before = told.Throttled
		}
		if duty.Sleep(ctx, watchEvery) != nil {
			return
		}
	}
}

// sessions are those with the operator; nil: it has none, or they are another node's.
func (l *Lane) sessions(ctx context.Context) *connector.Sessions {
	if l.Caps.SessionTeller == nil || l.duty.Elsewhere() {
		return nil
	}
	told, err := l.Guard.Sessions(ctx)
	if err != nil {
		return nil // the guard has said why
	}
	return &told
}

// news is the sink of a lane's session.
type news struct{ l *Lane }

// Take stores news. Nobody tells them again once they are acknowledged, as with a push.
func (n news) Take(ctx context.Context, told connector.News) error {
	return n.l.Take(ctx, told, true)
}
