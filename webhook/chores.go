package webhook

import (
	"time"
)

// stand keeps the metrics of the endpoints. Another node tells of them when this
// one no longer delivers.
func (d *Deliverer) stand() {
	defer d.Metrics.leave()
	const every = 10 * time.Second
	for d.running.Err() == nil {
		standing, err := d.Store.Standing(d.running)
		switch {
		case err == nil:
			d.Metrics.stand(standing, d.Now())
		case d.running.Err() == nil:
			d.Log.Error("cannot count webhooks that wait", "error", err)
		}
		d.rest(every)
	}
}

// keepFor is how long the feed and the log of deliveries reach back.
const keepFor = 30 * 24 * time.Hour

// prune drops what is old, in small steps.
func (d *Deliverer) prune() {
	const every, between = 10 * time.Minute, 100 * time.Millisecond
	for wait := every; ; {
		if d.rest(wait); d.running.Err() != nil {
			return
		}
		dropped, err := d.Store.Prune(d.running, d.Now().Add(-keepFor))
		if err == nil {
			err = d.Store.DropFormer(d.running, d.Now())
		}
		if err != nil && d.running.Err() == nil {
			d.Log.Error("cannot drop old events", "error", err)
		}
		if wait = every; dropped > 0 {
			wait = between
		}
	}
}
