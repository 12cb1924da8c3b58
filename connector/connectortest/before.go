package connectortest

import (
	"context"
	"net"
	"net/http"
	"testing"

	"relais/connector"
	"relais/sms"
)

// The rules of this file are about calls whose request never left: it is
// proved that the operator took nothing.

func refusedConnection(t *testing.T, target Target) {
	listener := listen(t)
	address := listener.Addr().String()
	_ = listener.Close() // nobody listens there now
	b := openBench(t, target, nil, "http://"+address, connector.NewHTTPClient(4))
	b.submit(t.Context(), b.messages(1)).faulted(t, connector.Temporary)
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func silentDial(t *testing.T, target Target) {
	for _, end := range endings {
		t.Run(string(end), func(t *testing.T) {
			dialed := make(chan struct{}, 16)
			client := connector.NewHTTPClient(4)
			client.Transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				dialed <- struct{}{}
				<-ctx.Done()
				return nil, ctx.Err()
			}
			b := openBench(t, target, nil, "http://192.0.2.1", client) // RFC 5737: documentation
			b.submitUntil(dialed, b.messages(1), end).faulted(t, connector.Temporary)
		})
	}
}

func silentHandshake(t *testing.T, target Target) {
	listener := listen(t)
	accepted := make(chan struct{}, 16)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed at the end of the test
			}
			defer conn.Close()
			accepted <- struct{}{}
		}
	}()
	b := openBench(t, target, nil, "https://"+listener.Addr().String(), connector.NewHTTPClient(4))
	b.submitUntil(accepted, b.messages(1), deadline).faulted(t, connector.Temporary)
}

func untrustedCertificate(t *testing.T, target Target) {
	o := newTLSOperator(t, target)
	b := openBench(t, target, o, o.server.URL, connector.NewHTTPClient(4))
	b.submit(t.Context(), b.messages(1)).faulted(t, connector.Temporary)
	b.asked(0)
}

func endedContext(t *testing.T, target Target) {
	each(t, target, func(b *bench, batch []sms.Message) {
		ctx, cancel := context.WithCancel(b.t.Context())
		cancel()
		b.submit(ctx, batch).faulted(b.t, connector.Temporary)
		b.asked(0)
	})
}
