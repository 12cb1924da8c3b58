package shadow

import (
	"context"
	"net/http"
	"runtime/debug"
	"time"

	"relais/gateway"
)

// Planner is a gateway that only tells what it would do.
type Planner struct{ *gateway.Gateway }

type planKey struct{}

// planned is what a door asked of a Planner: the last of several tries.
type planned struct {
	asked  gateway.Submission
	result *gateway.Result
	err    error
}

// Submit plans, and stores nothing.
func (p Planner) Submit(
	ctx context.Context, s gateway.Submission, _ func(*gateway.Result) ([]byte, error),
) (*gateway.Result, error) {
	result, err := p.Preview(ctx, s, time.Time{})
	if seen, ok := ctx.Value(planKey{}).(*planned); ok {
		*seen = planned{asked: s, result: result, err: err}
	}
	return result, err
}

// comparison is one request on its way through both gateways.
type comparison struct {
	door   *Wrapped
	target Target
	at     time.Time
	seen   planned
	answer *memory       // nil: our side broke
	done   chan struct{} // closed when our side has answered; nil: nothing is compared
}

// begin has our door handle the request. It waits for nothing: when too much is
// compared already, this request is not.
func (d *Wrapped) begin(r *http.Request, body []byte, target Target) *comparison {
	c := &comparison{door: d, target: target, at: d.keeper.Now()}
	if target.Forward {
		return c
	}
	if !d.keeper.enter() {
		d.keeper.count(d.Name(), NotComparable)
		return c
	}
	c.done = make(chan struct{})
	ctx := context.WithValue(context.WithoutCancel(r.Context()), planKey{}, &c.seen)
	go c.ask(withBody(r.WithContext(ctx), body)) // end waits for it
	return c
}

// ask is given some time, and may break: nobody hears of either but the report.
func (c *comparison) ask(r *http.Request) {
	defer close(c.done)
	defer func() {
		if cause := recover(); cause != nil {
			c.answer = nil // the value may hold a text or a number
			c.door.keeper.Log.Error("a request panicked beside the old gateway",
				"door", c.door.Name(), "stack",
				string(debug.Stack()))
		}
	}()
	ctx, cancel := context.WithTimeout(r.Context(), c.door.keeper.Patience)
	defer cancel()
	answer := newMemory()
	c.door.ours.ServeHTTP(answer, r.WithContext(ctx))
	answer.WriteHeader(http.StatusOK)
	c.answer = answer
}

// end compares once both have answered, behind the back of the caller.
func (c *comparison) end(ctx context.Context, old *memory, failed error) {
	if c.done == nil {
		return
	}
	ctx = context.WithoutCancel(ctx)
	go func() { // Keeper.Stop waits for it
		defer c.door.keeper.leave()
		<-c.done
		c.door.keeper.keep(ctx, c.row(old, failed))
	}()
}
