package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"relais/sandbox"
)

// operator is the simulated OVH in the generator's process. It tells how many
// messages it has answered.
type operator struct {
	sandbox *sandbox.Server
	http    *http.Server
	url     string
	// answers has room for every message in flight, so that telling never waits.
	answers  chan struct{}
	answered atomic.Int64
}

func startOperator(ctx context.Context) (*operator, error) {
	simulated, err := sandbox.Start(sandbox.Options{Listen: "127.0.0.1:0"}) //nolint:contextcheck // it lives until close
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen as the operator: %w", err), simulated.Close())
	}
	o := &operator{
		sandbox: simulated, url: "http://" + listener.Addr().String(), answers: make(chan struct{}, connections),
	}
	o.http = &http.Server{Handler: o, ReadHeaderTimeout: 10 * time.Second}
	go o.http.Serve(listener) //nolint:errcheck // it ends with close, and a run without its operator fails
	return o, nil
}

// ServeHTTP lets the sandbox answer, then tells. A job carries one message
// here: a job is made of one submission, and each of the generator's has one
// recipient.
func (o *operator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.sandbox.ServeHTTP(w, r)
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/jobs") {
		return
	}
	o.answered.Add(1)
	select {
	case o.answers <- struct{}{}:
	default: // a job too many, which the handsets will show
	}
}

// count counts the answers inside the window.
func (o *operator) count(ctx context.Context, w window) int64 {
	if wait(ctx, w.from) != nil {
		return 0
	}
	before := o.answered.Load()
	if wait(ctx, w.to) != nil {
		return 0
	}
	return o.answered.Load() - before
}

// await returns when the operator has answered n messages in all.
func (o *operator) await(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	for o.answered.Load() < int64(n) {
		select {
		case <-o.answers:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d acknowledged messages reached the operator: %w", o.answered.Load(), n, ctx.Err())
		}
	}
	return nil
}

func (o *operator) close() {
	o.http.Close()    //nolint:errcheck // nothing is read from it any more
	o.sandbox.Close() //nolint:errcheck // nothing is read from it any more
}
