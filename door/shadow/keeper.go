package shadow

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"time"

	"relais/sms"
)

const (
	// most bounds what is compared at once; more is forwarded all the same.
	most = 256
	// keepTime bounds how long a row may take to be stored.
	keepTime = 10 * time.Second
	// keepFor is how long rows stay.
	keepFor = 30 * 24 * time.Hour

	pruneSize  = 500
	prunePause = 100 * time.Millisecond
)

// PruneEvery is how often Prune looks for old rows.
const PruneEvery = time.Hour

// Options make a Keeper.
type Options struct {
	Store  Store
	Region func(account string) string // in which an account's national numbers are read
	// Patience is how long the old gateway may take; 0: 25 s.
	Patience time.Duration
	Metrics  *Metrics
	Log      *slog.Logger
	Now      func() time.Time
}

// Keeper forwards to old gateways and keeps what was compared.
type Keeper struct {
	Options
	transport *http.Transport
	via       string        // by which we know a request of our own
	busy      chan struct{} // holds what is compared at the moment
}

// NewKeeper makes a keeper.
func NewKeeper(o Options) *Keeper {
	if o.Patience == 0 {
		o.Patience = patience
	}
	return &Keeper{
		Options: o, transport: newTransport(), via: "1.1 relais-" + rand.Text(),
		busy: make(chan struct{}, most),
	}
}

func (k *Keeper) enter() bool {
	select {
	case k.busy <- struct{}{}:
		return true
	default:
		return false
	}
}

func (k *Keeper) leave() { <-k.busy }

// Stop waits until what is being compared is kept, and lets nothing more begin.
func (k *Keeper) Stop(ctx context.Context) error {
	for range cap(k.busy) {
		select {
		case k.busy <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (k *Keeper) keep(ctx context.Context, r Row) {
	k.count(r.Door, r.Verdict)
	ctx, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	r.ID = sms.BucketOf(r.Account).NewID(r.At)
	if err := k.Store.KeepShadow(ctx, r); err != nil {
		k.Log.Error("cannot keep what was compared with the old gateway", "door", r.Door,
			"instance", r.Instance,
			"error", err)
	}
}

func (k *Keeper) count(door string, v Verdict) {
	k.Metrics.total.WithLabelValues(door, string(v)).Inc()
}

// Prune drops old rows in small steps until ctx ends.
func (k *Keeper) Prune(ctx context.Context) {
	for {
		pause := prunePause
		dropped, err := k.Store.PruneShadows(ctx, k.Now().Add(-keepFor), pruneSize)
		if err != nil && ctx.Err() == nil {
			k.Log.Error("cannot drop old comparisons", "error", err)
		}
		if dropped < pruneSize {
			pause = PruneEvery
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
