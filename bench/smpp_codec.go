package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"relais/smpp"
	"relais/sms"
)

// codecWindow is how many requests the peer has room for: more than a client of a run sends.
const codecWindow = 1000

// ServeCodec answers submit_sm at address until ctx ends, from memory: what the codec and the session
// cost without a gateway. At ready it says by HTTP that it listens.
func ServeCodec(ctx context.Context, ready, address string) error {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen for SMPP: %w", err)
	}
	var sessions sync.WaitGroup
	defer sessions.Wait()
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	sessions.Go(func() {
		for {
			nc, err := listener.Accept()
			if err != nil {
				return // ctx has ended
			}
			sessions.Go(func() { serveCodec(ctx, nc) })
		}
	})
	return ServeBare(ctx, ready)
}

func serveCodec(ctx context.Context, nc net.Conn) {
	conn := smpp.NewConn(nc, smpp.Options{Role: smpp.SMSC, PeerWindow: codecWindow, Handle: answerFromMemory})
	_ = conn.Serve(ctx) // the run fails where the session ends before it
}

// answerFromMemory answers with an id of the gateway's length. A client that has gone notices nothing.
func answerFromMemory(_ context.Context, r *smpp.Received) {
	switch body := r.Body.(type) {
	case *smpp.Bind:
		_ = r.Respond(smpp.OK, &smpp.BindResp{Kind: body.Kind, SystemID: "codec"})
	case *smpp.SubmitSM:
		_ = r.Respond(smpp.OK, &smpp.SubmitSMResp{MessageID: sms.BucketOf(smppClient).NewID(time.Now()).Ref()})
	default:
		_ = r.Respond(smpp.RINVCMDID, nil)
	}
}

// distinct reports whether no two answers are the same.
func distinct(ids []sms.ID) error {
	seen := make(map[sms.ID]bool, len(ids))
	for _, id := range ids {
		seen[id] = true
	}
	if len(seen) != len(ids) {
		return errors.New("two messages were given the same id")
	}
	return nil
}
