package gateway

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

// session keeps the live session of a lane, until ctx ends and the calls that use it have
// returned. It runs under the lane's lease, so that one node of a cluster has it.
func (g *Gateway) session(ctx context.Context, l *lane) {
	open, hangUp := context.WithCancel(g.calling)
	var ending sync.WaitGroup
	defer ending.Wait()
	ending.Go(func() {
		<-ctx.Done()
		l.drain(g.calling)
		hangUp()
	})
	for failures := 0; ctx.Err() == nil; failures++ {
		begun := time.Now()
		err := l.connector.Run(open, newsOf{g, l})
		if ctx.Err() != nil {
			return
		}
		if time.Since(begun) >= sessionLasts {
			failures = 0
		}
		g.log.Warn("the session with the operator ended; it is opened again", "connector", l.name, "error", err)
		if duty.Sleep(ctx, doubled(sessionPause, failures, maxSessionPause)) != nil {
			return
		}
	}
}

// newsOf is the sink of a lane's session.
type newsOf struct {
	g *Gateway
	l *lane
}

// Take stores news. Nobody tells them again once they are acknowledged, as with a push.
func (n newsOf) Take(ctx context.Context, news connector.News) error {
	return n.g.take(ctx, n.l, news, true)
}

// drainLook is how often a lane that stops looks whether its calls have returned.
const drainLook = 20 * time.Millisecond

// drain waits until no call is under way, or ctx ends. The lane begins none any more.
func (l *lane) drain(ctx context.Context) {
	for len(l.slots) > 0 {
		if duty.Sleep(ctx, drainLook) != nil {
			return
		}
	}
}
