package probe

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestProbesShareAnAnswer(t *testing.T) {
	broken := errors.New("broken")
	for _, tc := range []struct {
		name   string
		answer error
		wait   time.Duration
		want   int
	}{
		{"good, at once", nil, 0, 1},
		{"good, within a second", nil, Life - 1, 1},
		{"good, a second later", nil, Life, 2},
		{"bad, at once", broken, 0, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				checks := 0
				p := New(func() error { checks++; return tc.answer })
				first := p.Ping(t.Context())
				time.Sleep(tc.wait)
				second := p.Ping(t.Context())
				if checks != tc.want || !errors.Is(first, tc.answer) || !errors.Is(second, tc.answer) {
					t.Errorf("%d checks, answers %v and %v; want %d and %v", checks, first, second, tc.want, tc.answer)
				}
			})
		})
	}
}

func TestProbesUnderWayAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		checks, release := 0, make(chan struct{})
		p := New(func() error { checks++; <-release; return nil })
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if err := p.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("ping: %v, want the end of its time", err)
			}
			cancel()
		}
		close(release)
		if err := p.Ping(t.Context()); err != nil || checks != 1 {
			t.Errorf("%d checks, %v; want one", checks, err)
		}
	})
}
