package webhook

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"relais/internal/bell"
	"relais/sms"
	"relais/trace"
)

// Options make a Deliverer.
type Options struct {
	Store       DeliveryStore
	Open        func(sealed []byte) (secret []byte, err error)
	Policy      Policy
	Proxy       *url.URL          // HTTP proxy to the public internet, with its port; nil: none
	Formats     map[string]Format // by the name that endpoints have
	Carriers    map[string]Carrier
	Carries     bool          // it serves those of Carriers, and no others
	Timeout     time.Duration // of one request; 0 means 10 s
	Concurrency int           // requests under way to one endpoint; 0 means 16
	UserAgent   string
	LookEvery   time.Duration // how long the search for work sleeps at most; 0 means 5 s
	Metrics     *Metrics
	Traces      *trace.Tracer // nil: off
	Log         *slog.Logger
	Now         func() time.Time
	Leapt       func() bool // reports whether Now is ahead of the time that passed; nil: never
	// Tested is told that somebody sent an endpoint a test event; nil: nobody wants to know.
	Tested func(ctx context.Context, account string, endpoint sms.ID) error
}

// caller makes requests to endpoints.
type caller struct {
	Options
	client *http.Client
}

func newCaller(o Options) caller {
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Concurrency <= 0 {
		o.Concurrency = 16
	}
	return caller{o, newClient(o)}
}

// Deliverer brings events to endpoints until they are taken. Each endpoint has
// a courier of its own, so that a slow or dead one holds up no other.
type Deliverer struct {
	caller

	wake bell.Bell

	running context.Context // ends at Stop
	end     context.CancelFunc
	loops   sync.WaitGroup

	mu       sync.Mutex
	couriers map[sms.ID]*courier
}

// New makes a deliverer that does nothing yet.
func New(o Options) *Deliverer {
	if o.LookEvery <= 0 {
		o.LookEvery = Idle
	}
	d := &Deliverer{caller: newCaller(o), wake: bell.New(), couriers: map[sms.ID]*courier{}}
	d.running, d.end = context.WithCancel(context.Background())
	return d
}

// Start delivers until Stop.
func (d *Deliverer) Start() {
	d.loops.Go(d.find)
	if d.Carries {
		d.loops.Go(d.lapse)
		return
	}
	d.loops.Go(d.prune)
	d.loops.Go(d.stand)
}

// Stop lets requests under way end until ctx does. What is not settled is
// delivered again after the next start.
func (d *Deliverer) Stop(ctx context.Context) error {
	d.end()
	done := make(chan struct{})
	go func() {
		d.loops.Wait()
		close(done)
	}()
	defer d.client.CloseIdleConnections()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return errors.New("webhooks under way were left; they are delivered again")
	}
}

// Rouse tells that the outbox has something new. It never waits.
func (d *Deliverer) Rouse() { d.wake.Ring() }
