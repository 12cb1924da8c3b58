package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	"relais/internal/trial"
)

// Leases give each duty to one node of a cluster at a time.
type Leases interface {
	// Hold renews the leases that node has, takes those of names that are free or
	// whose time is over, and returns the fence of each one that it has now. A
	// fence rises each time that a lease changes hands; the time runs by the clock
	// of the database.
	Hold(ctx context.Context, node Node, names []string, life time.Duration) (fences map[string]int64, err error)
	// Release frees what node holds.
	Release(ctx context.Context, node Node) error
}

// Node names a process of a cluster.
type Node struct {
	Name string // of the machine or its data directory: no two processes have it at once
	Run  string // of this start
}

// ErrFenced is returned by Claim for a node whose lease went to another.
var ErrFenced = errors.New("another node has the lease of this connector")

// duty is work that one node does at a time: a lane, the sweep, the webhooks.
// Without leases it begins at the start and ends with the gateway.
type duty struct {
	name  string
	begin func(context.Context) error // before the work, each time that this node takes it on
	works []func(context.Context)

	leased bool // by a lease; else it is always ours

	mu    sync.Mutex
	fence int64
	begun int64              // fence by which begin succeeded
	until time.Time          // when the lease is over, by our clock at the latest
	clock *time.Timer        // quits then
	quit  context.CancelFunc // nil while the duty is not ours
	ended chan struct{}      // closed when the work has ended; nil before the first time
}

// held tells whether the duty is ours at this moment, and by which fence.
func (d *duty) held() (fence int64, ours bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fence, d.quit != nil && (d.until.IsZero() || time.Now().Before(d.until))
}

// extend keeps a duty that is ours, by the same fence. Otherwise it ends what is
// left of an earlier time and tells that the duty is to be taken on.
func (d *duty) extend(fence int64, until time.Time) (take bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quit != nil && d.fence == fence {
		d.until = until
		d.clock.Reset(time.Until(until))
		return false
	}
	if d.quit != nil {
		d.leave()
	}
	select {
	case <-d.ended:
		return true
	default:
		return d.ended == nil // else it still ends; the next renewal takes it on
	}
}

// leave stops the work; d.mu is held.
func (d *duty) leave() {
	d.quit()
	d.quit = nil
	if d.clock != nil {
		d.clock.Stop()
	}
}

// lapse stops the work when the lease is over, unless it was renewed meanwhile.
func (d *duty) lapse() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.quit != nil && !time.Now().Before(d.until) {
		d.leave()
	}
}

// drop stops the work of a duty that is not ours any more.
func (d *duty) drop() (was bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if was = d.quit != nil; was {
		d.leave()
	}
	return was
}

// takeOn begins the work. A zero until means for ever.
func (g *Gateway) takeOn(d *duty, fence int64, until time.Time) {
	ctx, quit := context.WithCancel(g.claiming)
	d.mu.Lock()
	d.fence, d.until, d.quit, d.ended = fence, until, quit, make(chan struct{})
	if !until.IsZero() {
		d.clock = time.AfterFunc(time.Until(until), d.lapse)
	}
	ended := d.ended
	d.mu.Unlock()
	g.metrics.duties.WithLabelValues(d.name).Set(1)
	g.loops.Go(func() {
		defer close(ended)
		defer g.metrics.duties.WithLabelValues(d.name).Set(0)
		if !g.begin(ctx, d, fence) {
			return
		}
		var works sync.WaitGroup
		for _, work := range d.works {
			works.Go(func() { work(ctx) })
		}
		works.Wait()
	})
}

// begin prepares a duty, again and again until it succeeds or is not ours. By one
// fence it is done once: a lease that nobody else had meanwhile goes on as it was,
// and the calls under way are still ours.
func (g *Gateway) begin(ctx context.Context, d *duty, fence int64) bool {
	if d.begin == nil || d.begun == fence {
		return true
	}
	for {
		err := d.begin(ctx)
		if err == nil {
			d.begun = fence
			return true
		}
		g.log.Error("a duty cannot begin yet", "duty", d.name, "error", err)
		if sleep(ctx, claimPause) != nil {
			return false
		}
	}
}

// keepLeases renews what this node holds and takes what is free, until the last
// call has ended: a lane that is being stopped is not another's yet.
func (g *Gateway) keepLeases(ctx context.Context) {
	for sleep(ctx, g.lease/3) == nil {
		g.renew(ctx)
	}
}

// renew asks once. When the database does not answer, each duty ends with its
// lease.
func (g *Gateway) renew(ctx context.Context) {
	asked := time.Now()
	bounded, cancel := context.WithTimeout(ctx, g.lease/3)
	defer cancel()
	fences, err := g.leases.Hold(bounded, g.node, g.wanted(), g.lease)
	if err != nil {
		if ctx.Err() == nil {
			g.log.Warn("cannot renew leases", "error", err)
		}
		return
	}
	for _, d := range g.duties {
		fence, ours := fences[d.name]
		switch {
		case !ours:
			if d.drop() {
				g.log.Warn("another node took a duty over", "duty", d.name)
			}
		case d.extend(fence, asked.Add(g.lease)) && g.claiming.Err() == nil:
			g.log.Info("this node takes a duty on", "duty", d.name)
			g.takeOn(d, fence, asked.Add(g.lease)) //nolint:contextcheck // the duty outlives the question
		}
	}
}

// wanted are the duties to hold: while the gateway stops, those that it has.
func (g *Gateway) wanted() (names []string) {
	for _, d := range g.duties {
		if _, ours := d.held(); ours || g.claiming.Err() == nil {
			names = append(names, d.name)
		}
	}
	return names
}

// Names of the duties beside the lanes.
const (
	dutyGateway = "gateway" // what is about every message: sweep, rules of replies
	dutyOf      = "lane:"   // and the name of the instance
)

// Duty is work of another package that one node does at a time.
type Duty struct {
	Name string
	Work func(context.Context) // until the context ends
}

// assign lists the duties.
func (g *Gateway) assign(others []Duty) {
	for _, name := range g.order {
		l := g.lanes[name]
		l.duty = &duty{name: dutyOf + name, works: g.laneWorks(l), leased: g.leases != nil}
		if g.leases != nil {
			l.duty.begin = func(ctx context.Context) error { return g.recover(ctx, name) }
		}
		g.duties = append(g.duties, l.duty)
	}
	common := &duty{name: dutyGateway, works: []func(context.Context){g.sweep, g.reply, g.retain}}
	if g.leases != nil {
		common.begin = g.recoverMissing
	}
	g.duties = append(g.duties, common)
	for _, other := range others {
		g.duties = append(g.duties, &duty{name: other.Name, works: []func(context.Context){other.Work}})
	}
}

// laneWorks are the loops of one lane.
func (g *Gateway) laneWorks(l *lane) []func(context.Context) {
	loop := func(f func(context.Context, *lane)) func(context.Context) {
		return func(ctx context.Context) { f(ctx, l) }
	}
	works := []func(context.Context){loop(g.dispatch), loop(g.await)}
	if l.caps.Reconciler != nil {
		works = append(works, loop(g.reconcile))
	}
	if l.caps.NewsPoller != nil {
		works = append(works, loop(g.poll))
	}
	if l.caps.Balancer != nil && g.credit.Every > 0 {
		works = append(works, loop(g.watchCredit))
	}
	if len(g.rules) > 0 {
		works = append(works, loop(g.failover))
	}
	return works
}

// recover takes up what a dead process, or a node that lost its lease, was
// sending by a connector; empty: by any.
func (g *Gateway) recover(ctx context.Context, connector string) error {
	trial.Reached(trial.Recovering)
	crashed, err := g.store.Recover(ctx, connector, g.now())
	if err != nil {
		return err
	}
	trial.Reached(trial.Recovered)
	if crashed > 0 {
		g.log.Warn("calls were cut by the end of an earlier run; their messages are held", "messages", crashed)
	}
	return nil
}

// recoverMissing does so for connectors that nobody configured any more.
func (g *Gateway) recoverMissing(ctx context.Context) error {
	backlog, err := g.store.Backlog(ctx)
	if err != nil {
		return err
	}
	for _, s := range g.missing(backlog) {
		if err := g.recover(ctx, s.Name); err != nil {
			return err
		}
	}
	return nil
}
