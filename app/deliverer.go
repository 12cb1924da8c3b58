package app

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"relais/config"
	"relais/webhook"
)

// deliverer delivers webhooks while that is this node's duty.
type deliverer struct {
	options webhook.Options
	current atomic.Pointer[webhook.Deliverer]
}

// rouse tells that the outbox has something new.
func (d *deliverer) rouse() {
	if current := d.current.Load(); current != nil {
		current.Rouse()
	}
}

// webhookDrain is how long the end of the duty waits for requests under way.
const webhookDrain = 10 * time.Second

func (d *deliverer) run(ctx context.Context) {
	current := webhook.New(d.options)
	d.current.Store(current)
	current.Start()
	<-ctx.Done()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), webhookDrain)
	defer cancel()
	if err := current.Stop(stopping); err != nil {
		d.options.Log.Warn("webhooks were not waited for", "error", err)
	}
}

// webhookPolicy says where webhooks may go.
func webhookPolicy(c config.Config) webhook.Policy {
	return webhook.Policy{
		Loopback: usesSandbox(c) || slices.Contains(c.Webhooks.Allow, "loopback"),
		Private:  slices.Contains(c.Webhooks.Allow, "private"),
	}
}
