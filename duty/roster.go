package duty

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Options make a Roster.
type Options struct {
	Leases  Leases // give duties to one node at a time; nil: this process is alone
	Node    Node
	Life    time.Duration // how long a node that died keeps its duties
	Metrics *Metrics
	Log     *slog.Logger
}

// Roster is the list of every chore. Fill it, then Start, Quit, Wait and Close it,
// once each.
type Roster struct {
	duties []*Duty
	common []Chore
	leases Leases
	node   Node
	life   time.Duration

	metrics *Metrics
	log     *slog.Logger

	working  context.Context // ends with Quit
	quit     context.CancelFunc
	works    sync.WaitGroup
	leave    context.CancelFunc // ends the renewing
	renewing sync.WaitGroup
}

// NewRoster makes an empty one.
func NewRoster(o Options) *Roster {
	r := &Roster{
		leases: o.Leases, node: o.Node, life: o.Life, metrics: o.Metrics, log: o.Log, leave: func() {},
	}
	r.working, r.quit = context.WithCancel(context.Background())
	return r
}

// Add lists duties.
func (r *Roster) Add(duties ...*Duty) {
	for _, d := range duties {
		d.leased = r.Shared()
		r.duties = append(r.duties, d)
	}
}

// AddCommon lists chores that each node does for itself.
func (r *Roster) AddCommon(chores ...Chore) { r.common = append(r.common, chores...) }

// Listed is a chore in the list of the roster.
type Listed struct {
	Duty  string // that it belongs to; empty: each node does it for itself
	Chore string
	Every time.Duration // between two rounds; 0: it has no interval
	On    string        // what wakes it sooner; empty: nothing
}

// List shows every chore, those of each node first.
func (r *Roster) List() (list []Listed) {
	add := func(duty string, chores []Chore) {
		for _, c := range chores {
			list = append(list, Listed{Duty: duty, Chore: c.Name, Every: c.Every, On: c.On})
		}
	}
	add("", r.common)
	for _, d := range r.duties {
		add(d.Name, d.Chores)
	}
	return list
}

// Shared reports whether other nodes may have some of the duties.
func (r *Roster) Shared() bool { return r.leases != nil }

// Node is the one that works.
func (r *Roster) Node() Node { return r.node }

// Start begins the common chores, and the duties that are ours.
func (r *Roster) Start(ctx context.Context) {
	r.work(r.working, r.common, &r.works) //nolint:contextcheck // chores outlive the start
	if !r.Shared() {
		for _, d := range r.duties {
			r.takeOn(d, 0, time.Time{}) //nolint:contextcheck // the duty outlives the start
		}
		return
	}
	r.renew(ctx)
	renewing, leave := context.WithCancel(context.WithoutCancel(ctx))
	r.leave = leave
	r.renewing.Go(func() { r.keepLeases(renewing) })
}

// Quit ends all work; what has begun is finished. The leases are kept until Close.
func (r *Roster) Quit() { r.quit() }

// Quitting reports whether the work was ended.
func (r *Roster) Quitting() bool { return r.working.Err() != nil }

// Wait returns when all work has ended.
func (r *Roster) Wait() { r.works.Wait() }

// Close gives the duties to others.
func (r *Roster) Close(ctx context.Context) error {
	r.leave()
	r.renewing.Wait()
	if !r.Shared() {
		return nil
	}
	return r.leases.Release(context.WithoutCancel(ctx), r.node)
}

// takeOn begins the work of a duty. A zero until means for ever.
func (r *Roster) takeOn(d *Duty, fence int64, until time.Time) {
	ctx, quit := context.WithCancel(r.working)
	ended := d.start(fence, until, quit)
	r.metrics.set(d.Name, 1)
	r.works.Go(func() {
		defer close(ended)
		defer r.metrics.set(d.Name, 0)
		if !r.begin(ctx, d, fence) {
			return
		}
		var chores sync.WaitGroup
		r.work(ctx, d.Chores, &chores)
		chores.Wait()
	})
}

func (r *Roster) work(ctx context.Context, chores []Chore, all *sync.WaitGroup) {
	for i := range chores {
		all.Go(func() { chores[i].run(ctx) })
	}
}

// beginAgain is how long a duty waits that could not begin.
const beginAgain = time.Second

// begin prepares a duty, again and again until it succeeds or is not ours. By one
// fence it is done once: a lease that nobody else had meanwhile goes on as it was,
// and the calls under way are still ours.
func (r *Roster) begin(ctx context.Context, d *Duty, fence int64) bool {
	if d.Begin == nil || !r.Shared() || d.begun == fence {
		return true
	}
	for {
		err := d.Begin(ctx)
		if err == nil {
			d.begun = fence
			return true
		}
		r.log.Error("a duty cannot begin yet", "duty", d.Name, "error", err)
		if Sleep(ctx, beginAgain) != nil {
			return false
		}
	}
}
