package bell_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"relais/internal/bell"
)

func TestOneRingIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bell.New()
		b.Ring()
		b.Ring()
		if err := b.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if rang, err := b.WaitAtMost(t.Context(), time.Second); rang || err != nil ||
			time.Since(begun) != time.Second {
			t.Errorf("rang %v after %s (%v), want silence for a second", rang, time.Since(begun), err)
		}
		go func() {
			time.Sleep(time.Second)
			b.Ring()
		}()
		if rang, err := b.WaitAtMost(t.Context(), time.Minute); !rang || err != nil {
			t.Errorf("rang %v (%v), want the ring", rang, err)
		}
		b.Ring()
		if !b.Hush() || b.Hush() {
			t.Error("a bell that rang once is not hushed once")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Wait(ctx); err == nil {
			t.Error("a bell that was hushed rings")
		}
		if rang, err := b.WaitAtMost(ctx, time.Minute); rang || err == nil {
			t.Errorf("rang %v (%v) though the context has ended", rang, err)
		}
	})
}
