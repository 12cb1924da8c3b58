package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"relais/sandbox"
	"relais/sandbox/declared"
	"relais/sandbox/world"
)

// operator is the simulated OVH in the generator's process. It tells how many
// messages it has answered.
type operator struct {
	*tally
	sandbox *sandbox.Server
	http    *http.Server
	url     string
}

func startOperator(ctx context.Context, played ...declared.Source) (*operator, error) {
	simulated, err := sandbox.Start(sandbox.Options{Listen: "127.0.0.1:0", Declared: played}) //nolint:contextcheck // it lives until close
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen as the operator: %w", err), simulated.Close())
	}
	o := &operator{
		tally: newTally(connections), sandbox: simulated, url: "http://" + listener.Addr().String(),
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
	sends := r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/jobs") || strings.HasPrefix(r.URL.Path, declared.Prefix))
	if sends || r.URL.Path == declared.Prefix+genericOperator+"/send" {
		o.tell()
	}
}

// mute lets no receipt follow, where what comes after the answer is not measured.
func (o *operator) mute() error {
	return o.sandbox.SetFault(world.Fault{Operator: world.OVH, Kind: world.FaultNoReceipt, Rate: 1})
}

func (o *operator) close() {
	o.http.Close()    //nolint:errcheck // nothing is read from it any more
	o.sandbox.Close() //nolint:errcheck // nothing is read from it any more
}
