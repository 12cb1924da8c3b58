package duty

import (
	"context"
	"errors"
	"time"
)

// Leases give each duty to one node of a cluster at a time.
type Leases interface {
	// Hold renews the leases that node has, takes those of names that are free or
	// whose time is over, and returns the fence of each one that it has now. A
	// fence rises each time that a lease changes hands; the time runs by the clock
	// of the database.
	Hold(
		ctx context.Context, node Node, names []string, life time.Duration,
	) (fences map[string]int64, err error)
	// Release frees what node holds.
	Release(ctx context.Context, node Node) error
}

// Node names a process of a cluster.
type Node struct {
	Name string // of the machine or its data directory: no two processes have it at once
	Run  string // of this start
}

// ErrFenced is returned by stores for a node whose lease went to another.
var ErrFenced = errors.New("another node has the lease of this connector")

// keepLeases renews what this node holds and takes what is free, until the last
// call has ended: a lane that is being stopped is not another's yet.
func (r *Roster) keepLeases(ctx context.Context) {
	for Sleep(ctx, r.life/3) == nil {
		r.renew(ctx)
	}
}

// renew asks once. When the database does not answer, each duty ends with its
// lease.
func (r *Roster) renew(ctx context.Context) {
	asked := time.Now()
	bounded, cancel := context.WithTimeout(ctx, r.life/3)
	defer cancel()
	fences, err := r.leases.Hold(bounded, r.node, r.wanted(), r.life)
	if err != nil {
		if ctx.Err() == nil {
			r.log.Warn("cannot renew leases", "error", err)
		}
		return
	}
	for _, d := range r.duties {
		fence, ours := fences[d.Name]
		switch {
		case !ours:
			if d.drop() {
				r.log.Warn("another node took a duty over", "duty", d.Name)
			}
		case d.extend(fence, asked.Add(r.life)) && r.working.Err() == nil:
			r.log.Info("this node takes a duty on", "duty", d.Name)
			r.takeOn(d, fence, asked.Add(r.life)) //nolint:contextcheck // the duty outlives the question
		}
	}
}

// wanted are the duties to hold: while the roster ends, those that it has.
func (r *Roster) wanted() (names []string) {
	for _, d := range r.duties {
		if _, ours := d.Held(); ours || r.working.Err() == nil {
			names = append(names, d.Name)
		}
	}
	return names
}
