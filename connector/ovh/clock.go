package ovh

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"relais/connector"
)

const (
	clockLife    = time.Hour        // then the difference is read again
	clockRetry   = time.Minute      // after a reading failed and an older one serves
	clockTimeout = 10 * time.Second // of one reading
)

// offset is how far OVH's clock is ahead of ours.
type offset struct {
	ahead time.Duration
	until time.Time // by our clock: when to read again
}

// clock keeps the offset of an instance. Calls share it through an atomic
// pointer; the lock is taken only when it must be read again, by one call for
// all those that wait.
type clock struct {
	known   atomic.Pointer[offset]
	mu      sync.Mutex
	reading *reading
}

type reading struct {
	done   chan struct{} // closed when the two fields below are set
	offset *offset
	err    error
}

// offset returns OVH's clock. When it fails, nothing has been sent.
func (a *api) offset(ctx context.Context) (*offset, error) {
	known := a.clock.known.Load()
	if known != nil && a.now().Before(known.until) {
		return known, nil
	}
	reading := a.joinReading(ctx)
	select {
	case <-ctx.Done():
		return nil, &connector.Error{
			Fault: connector.Temporary, Detail: "stopped before anything was sent", Err: ctx.Err(),
		}
	case <-reading.done:
		return reading.offset, reading.err
	}
}

// joinReading starts a reading or joins the one under way. It outlives the
// call that started it, because others wait for it too; its own time limit
// ends it.
func (a *api) joinReading(ctx context.Context) *reading {
	a.clock.mu.Lock()
	defer a.clock.mu.Unlock()
	if a.clock.reading != nil {
		return a.clock.reading
	}
	r := &reading{done: make(chan struct{})}
	if known := a.clock.known.Load(); known != nil && a.now().Before(known.until) {
		r.offset = known // read while this call came for the lock
		close(r.done)
		return r
	}
	a.clock.reading = r
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), clockTimeout)
		defer cancel()
		r.offset, r.err = a.readClock(ctx)
		a.clock.finish(a, r)
	}()
	return r
}

// finish publishes a reading. An offset that grew old is better than none: if
// it is wrong, OVH refuses the call and says so.
func (c *clock) finish(a *api, r *reading) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.known.Load()
	if r.err != nil && old != nil {
		a.log.Warn("clock of the operator not read, going on with the last difference", "error", r.err)
		r.offset, r.err = &offset{ahead: old.ahead, until: a.now().Add(clockRetry)}, nil
	}
	if r.err == nil {
		c.known.Store(r.offset)
	}
	c.reading = nil
	close(r.done)
}

// forget drops an offset that OVH refused, unless a newer one is there.
func (c *clock) forget(refused *offset) {
	c.known.CompareAndSwap(refused, nil)
}

// readClock asks GET /auth/time, which is not signed and answers a bare
// integer of Unix seconds (documented).
func (a *api) readClock(ctx context.Context) (*offset, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.endpoint+"/auth/time", http.NoBody)
	if err != nil {
		return nil, clockError(err)
	}
	before := a.now()
	answer, err := connector.Exchange(a.http, r)
	if err != nil {
		return nil, clockError(err)
	}
	after := a.now()
	if answer.Status != http.StatusOK {
		return nil, a.clockRefusal(answer)
	}
	seconds, err := parseClock(answer.Body)
	if err != nil {
		return nil, clockError(err)
	}
	local := before.Add(after.Sub(before) / 2)
	return &offset{ahead: time.Unix(seconds, 0).Sub(local), until: after.Add(clockLife)}, nil
}

func parseClock(body []byte) (int64, error) {
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(body)), 10, 64)
	if err != nil || seconds <= 0 || seconds > 1<<40 {
		return 0, errors.New("the answer is no time in seconds")
	}
	return seconds, nil
}

// clockRefusal keeps the words of a throttled reading; any other is Temporary,
// whatever its status: the call it was for has not been made.
func (a *api) clockRefusal(answer connector.Answer) error {
	if err := a.refusal(answer, ""); connector.FaultOf(err) == connector.Throttled {
		return err
	}
	return clockError(fmt.Errorf("status %d", answer.Status))
}

func clockError(err error) error {
	return &connector.Error{
		Fault: connector.Temporary, Detail: "the operator's clock could not be read, so nothing was sent",
		Err: err,
	}
}
