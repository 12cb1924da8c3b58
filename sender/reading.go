package sender

import (
	"context"
	"log/slog"
	"time"

	"relais/connector"
	"relais/duty"
)

// Every is how often the senders that an operator declares are read. An approval takes
// days (OVH documents about 72 hours), so that an hour is soon; after a refusal one waits
// for minutes.
const Every = time.Hour

const (
	retry = time.Minute     // after a reading that failed, doubled each time
	again = 5 * time.Minute // between two readings that refusals asked for
)

// Reading reads the senders that an operator declares now and then. Every node does,
// for every node accepts messages.
type Reading struct {
	Connector string
	Declared  *Declared
	Every     time.Duration
	Ask       func(context.Context) ([]connector.DeclaredSender, error)
	Log       *slog.Logger
}

// Run reads until ctx ends.
func (r *Reading) Run(ctx context.Context) {
	failed := min(retry, r.Every) // how long to wait after a failure
	for {
		wait := r.Every
		switch err := r.read(ctx); {
		case ctx.Err() != nil:
			return
		case err != nil:
			r.Log.Warn("the senders that the operator declares could not be read",
				"connector", r.Connector, "error", err)
			wait, failed = failed, min(2*failed, r.Every)
		default:
			failed = min(retry, r.Every)
		}
		if r.pause(ctx, wait) != nil {
			return
		}
	}
}

func (r *Reading) read(ctx context.Context) error {
	r.Declared.again.Hush() // whoever wanted a reading before this one gets it
	senders, err := r.Ask(ctx)
	if err == nil {
		r.Declared.keep(senders, time.Now())
	}
	return err
}

// pause waits until the next reading is due, or is wanted.
func (r *Reading) pause(ctx context.Context, wait time.Duration) error {
	begun := time.Now()
	wanted, err := r.Declared.again.WaitAtMost(ctx, wait)
	if !wanted || err != nil {
		return err
	}
	return duty.Sleep(ctx, min(wait, again)-time.Since(begun))
}
