package webhook

import (
	"context"
	"net/http"
	"time"
)

// settle stores an outcome. Those that come while a store is under way share
// the next one.
func (c *courier) settle(a Attempt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = append(c.done, a)
	if c.storing {
		return
	}
	c.storing = true
	for len(c.done) > 0 {
		batch := c.done
		c.done = nil
		before := c.endpoint
		for i := range batch {
			c.judge(&batch[i])
		}
		after := c.endpoint
		c.mu.Unlock()
		c.store(batch, before, after)
		c.mu.Lock()
		for i := range batch {
			delete(c.flight, batch[i].Seq)
		}
	}
	c.storing = false
	c.wake.Ring() // what waited for these may go now
}

// judge draws the endpoint's conclusion from one attempt; the caller holds the
// lock.
func (c *courier) judge(a *Attempt) {
	taken := a.State == Delivered
	if c.d.carrier(c.endpoint.Format) != nil {
		if taken && c.endpoint.State == Quarantined { // by a process that did not know the format
			c.endpoint = judge(c.endpoint, true, a.At)
		}
		return // no client there is no fault
	}
	if taken && a.Status == 0 {
		return // there was nothing to send, which says nothing of the endpoint
	}
	one := c.endpoint.Format != "" // with a format a refusal is of one address of many
	c.endpoint = judge(c.endpoint, taken || one && refusedOne(a.Status), a.At)
	if a.Status == http.StatusGone && !one {
		c.endpoint.State, c.endpoint.Reason = Disabled, gone
	}
}

// refusedOne reports whether an answer shows that the host is up and refuses only what came
// to one of its addresses. The reports for its other addresses must not wait for that one.
func refusedOne(status int) bool {
	hurried := status == http.StatusRequestTimeout || status == http.StatusTooManyRequests
	return status >= http.StatusOK && status < http.StatusInternalServerError && !hurried
}

// store keeps trying: an event whose outcome is lost would be sent again.
func (c *courier) store(batch []Attempt, before, after Endpoint) {
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := c.d.Store.SettleDeliveries(context.WithoutCancel(c.d.running), batch)
		if err == nil && before.differs(after) {
			err = c.d.Store.JudgeEndpoint(context.WithoutCancel(c.d.running), before, after)
			if before.State != after.State {
				c.d.Log.Warn("a webhook endpoint changed its state", "endpoint", c.id.String(),
					"host", hostOf(after.URL),
					"state", after.State, "reason", after.Reason)
			}
		}
		if err == nil {
			c.d.Metrics.settled(batch)
			return
		}
		c.d.Log.Error("cannot store the outcome of webhooks; trying again",
			"endpoint", c.id.String(), "error", err)
		if c.d.rest(wait); c.d.running.Err() != nil {
			return // sent again after the next start, with the same id
		}
	}
}

func (e Endpoint) differs(o Endpoint) bool {
	return e.State != o.State || e.Failures != o.Failures || !e.ProbeAt.Equal(o.ProbeAt) ||
		!e.FailingAt.Equal(o.FailingAt)
}
