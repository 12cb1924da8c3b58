package duty_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/duty"
)

// held gives a node all leases, until another node has them.
type held struct {
	fence    atomic.Int64 // 0: another node has them
	released atomic.Bool
}

func (h *held) Hold(
	_ context.Context, _ duty.Node, names []string, _ time.Duration,
) (map[string]int64, error) {
	fences := map[string]int64{}
	if fence := h.fence.Load(); fence > 0 {
		for _, name := range names {
			fences[name] = fence
		}
	}
	return fences, nil
}

func (h *held) Release(context.Context, duty.Node) error {
	h.released.Store(true)
	return nil
}

func end(t *testing.T, r *duty.Roster) {
	t.Helper()
	r.Quit()
	r.Wait()
	if err := r.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// Each chore keeps its own time.
func TestChoresComeInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var later, atOnce, endless atomic.Int64
		count := func(n *atomic.Int64) func(context.Context) { return func(context.Context) { n.Add(1) } }
		r := duty.NewRoster(duty.Options{Log: slog.New(slog.DiscardHandler)})
		r.AddCommon(duty.Chore{Name: "later", Every: time.Minute, Work: count(&later)})
		r.Add(&duty.Duty{Name: "some", Chores: []duty.Chore{
			{Name: "at once", Every: time.Minute, AtOnce: true, Work: count(&atOnce)},
			{Name: "endless", Loop: func(ctx context.Context) {
				endless.Add(1)
				<-ctx.Done()
			}},
		}})
		r.Start(t.Context())
		time.Sleep(150 * time.Second)
		end(t, r)
		got := []int64{later.Load(), atOnce.Load(), endless.Load()}
		if diff := cmp.Diff([]int64{2, 3, 1}, got); diff != "" {
			t.Errorf("rounds in two minutes and a half (-want +got):\n%s", diff)
		}
	})
}

// Every chore is listed, with its interval or with what wakes it.
func TestChoresAreListed(t *testing.T) {
	r := duty.NewRoster(duty.Options{Log: slog.New(slog.DiscardHandler)})
	r.Add(&duty.Duty{Name: "some", Chores: []duty.Chore{{Name: "round", Every: time.Minute}}})
	r.AddCommon(duty.Chore{Name: "loop", Every: time.Second, On: "news"})
	want := []duty.Listed{
		{Chore: "loop", Every: time.Second, On: "news"},
		{Duty: "some", Chore: "round", Every: time.Minute},
	}
	if diff := cmp.Diff(want, r.List()); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}

// A duty begins anew each time that its lease comes back from another node, and only then.
func TestDutyFollowsItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const life = 9 * time.Second
		leases, begun, working := &held{}, 0, atomic.Bool{}
		r := duty.NewRoster(duty.Options{Leases: leases, Life: life, Log: slog.New(slog.DiscardHandler)})
		d := &duty.Duty{
			Name: "some",
			Begin: func(context.Context) error {
				if begun++; begun == 1 {
					return errors.New("not yet")
				}
				return nil
			},
			Chores: []duty.Chore{{Name: "work", Loop: func(ctx context.Context) {
				working.Store(true)
				<-ctx.Done()
				working.Store(false)
			}}},
		}
		r.Add(d)
		r.Start(t.Context())
		for _, step := range []struct {
			fence   int64
			working bool
			begun   int
		}{
			{0, false, 0},
			{1, true, 2},
			{1, true, 2},
			{0, false, 2},
			{1, true, 2}, // nobody else had it
			{0, false, 2},
			{3, true, 3},
		} {
			leases.fence.Store(step.fence)
			time.Sleep(life)
			synctest.Wait()
			if working.Load() != step.working || d.Elsewhere() == step.working || begun != step.begun {
				t.Errorf("fence %d: works %v, elsewhere %v, begun %d times",
					step.fence, working.Load(), d.Elsewhere(), begun)
			}
		}
		end(t, r)
		if !leases.released.Load() || working.Load() {
			t.Error("the leases are kept behind the end")
		}
	})
}
