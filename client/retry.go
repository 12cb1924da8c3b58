package client

import (
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	attempts    = 5
	firstPause  = 100 * time.Millisecond
	longestWait = 30 * time.Second // a Retry-After beyond is the caller's decision
)

// pause reports whether a failed call may succeed when it is made again, and how
// long to wait before.
func pause(err error, attempt int) (wait time.Duration, again bool) {
	if attempt >= attempts || !passing(err) {
		return 0, false
	}
	wait = firstPause << (attempt - 1)
	if p, ok := errors.AsType[*Problem](err); ok {
		wait = max(wait, p.RetryAfter)
	}
	return wait, wait <= longestWait
}

// passing reports whether err may pass: no answer, or the gateway asks to come
// back later.
func passing(err error) bool {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable
	}
	_, lost := errors.AsType[*ConnectionError](err)
	return lost
}

// sleep returns false when ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
