package gateway_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector"
	"relais/duty"
	"relais/gateway"
	"relais/lane"
	"relais/sms"
)

// leases give everything to the node until they are taken away; a database that is
// away answers nothing.
type leases struct {
	mu    sync.Mutex
	away  bool
	other bool // another node has them
	fence int64
}

func (l *leases) Hold(
	_ context.Context, _ duty.Node, names []string, _ time.Duration,
) (map[string]int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return nil, errors.New("the database is away")
	}
	fences := map[string]int64{}
	for _, name := range names {
		if !l.other {
			fences[name] = l.fence
		}
	}
	return fences, nil
}

func (l *leases) Release(context.Context, duty.Node) error { return nil }

func (l *leases) set(change func(*leases)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

// recoveries counts what a store recovers, and fails as often as it is told.
type recoveries struct {
	gateway.Store
	mu    sync.Mutex
	fail  bool
	done  int
	asked int
}

func (r *recoveries) Recover(ctx context.Context, connector string, now time.Time) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if connector == "" {
		return 0, nil
	}
	if r.asked++; r.fail {
		return 0, errors.New("the database is away")
	}
	r.done++
	return r.Store.Recover(ctx, connector, now)
}

func (r *recoveries) count() (done, asked int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.done, r.asked
}

const lease = 9 * time.Second

func node(t *testing.T, o *operator, r *recoveries, held *leases) *line {
	t.Helper()
	l := prepareOptions(t, t.TempDir(), map[string]*operator{"ovh": o}, connector.Facts{Concurrency: 1},
		func(s gateway.Store) gateway.Store { r.Store = s; return r },
		func(options *gateway.Options) {
			options.Roster = duty.NewRoster(duty.Options{
				Leases: held, Life: lease, Node: duty.Node{Name: "a", Run: "1"}, Log: options.Log,
			})
			options.LookEvery = 50 * time.Millisecond
		})
	if err := l.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return l
}

// TestRecoveryThatFailedIsMadeUp: what an earlier run was sending is taken up
// before anything is sent, also when the lease lapsed meanwhile and nobody else had
// it.
func TestRecoveryThatFailedIsMadeUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, r, held := &operator{}, &recoveries{fail: true}, &leases{fence: 7}
		l := node(t, o, r, held)
		defer l.stop(t)
		l.submit(t, gateway.Submission{})
		held.set(func(l *leases) { l.away = true })
		time.Sleep(2 * lease)
		held.set(func(l *leases) { l.away = false })
		time.Sleep(lease)
		if done, asked := r.count(); done != 0 || asked < 5 || len(o.made()) != 0 {
			t.Fatalf("%d of %d recoveries, %d calls; want neither before it succeeds",
				done, asked, len(o.made()))
		}
		r.mu.Lock()
		r.fail = false
		r.mu.Unlock()
		time.Sleep(lease)
		if done, _ := r.count(); done != 1 || len(o.made()) != 1 {
			t.Errorf("%d recoveries, %d calls; want one of each", done, len(o.made()))
		}
	})
}

// TestLeaseThatLapsedGoesOn: nobody else had it, so that calls under way are ours
// and are not held as those of a dead process.
func TestLeaseThatLapsedGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, r, held := &operator{}, &recoveries{}, &leases{fence: 7}
		l := node(t, o, r, held)
		defer l.stop(t)
		synctest.Wait()
		held.set(func(l *leases) { l.away = true })
		time.Sleep(2 * lease)
		m := l.submit(t, gateway.Submission{})[0]
		time.Sleep(lease)
		if got := l.status(t, m); got != sms.Queued {
			t.Errorf("without a lease the message is %s", got)
		}
		held.set(func(l *leases) { l.away = false })
		time.Sleep(lease)
		if done, _ := r.count(); done != 1 || l.status(t, m) != sms.Submitted {
			t.Errorf("%d recoveries, message %s; want the one of the start, and submitted",
				done, l.status(t, m))
		}
	})
}

// slowClaims is a store whose claims take so long, after they are committed.
type slowClaims struct {
	gateway.Store
	last time.Duration
}

func (s *slowClaims) Claim(ctx context.Context, c lane.Claim) (lane.Claimed, error) {
	claimed, err := s.Store.Claim(ctx, c)
	if len(claimed.Calls) > 0 {
		<-time.After(s.last)
	}
	return claimed, err
}

// TestNodeThatLostItsLeaseSendsNothing: not even what it had claimed.
func TestNodeThatLostItsLeaseSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, held := &operator{}, &leases{fence: 7}
		l := prepareOptions(t, t.TempDir(), map[string]*operator{"ovh": o}, connector.Facts{Concurrency: 4},
			func(s gateway.Store) gateway.Store { return &slowClaims{s, 2 * lease} },
			func(options *gateway.Options) {
				options.Roster = duty.NewRoster(duty.Options{Leases: held, Life: lease, Log: options.Log})
				options.LookEvery = 50 * time.Millisecond
			})
		if err := l.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer l.stop(t)
		m := l.submit(t, gateway.Submission{})[0]
		time.Sleep(lease / 2)
		if got := l.status(t, m); got != sms.Submitting {
			t.Fatalf("the message is %s, want it claimed", got)
		}
		held.set(func(l *leases) { l.other = true })
		time.Sleep(4 * lease)
		if calls := o.made(); len(calls) != 0 || l.status(t, m) != sms.Queued {
			t.Errorf("%d calls, message %s; want none, and queued for the other node",
				len(calls), l.status(t, m))
		}
		if diff := cmp.Diff([]string{"accepted", "attempt", "not_sent"}, l.codes(t, m)); diff != "" {
			t.Errorf("timeline (-want +got):\n%s", diff)
		}
		states, err := l.Connectors(t.Context())
		if err != nil || states[0].State != lane.Elsewhere {
			t.Errorf("state %+v, %v; want elsewhere", states, err)
		}
	})
}
