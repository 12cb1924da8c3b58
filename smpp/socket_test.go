package smpp_test

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"relais/smpp"
)

// both are the two ends of a connection of the machine's own network.
func both(t *testing.T, secure bool) (client, server net.Conn) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err = new(net.Dialer).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if server, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	if !secure {
		return client, server
	}
	certificate, pool := ownCertificate(t)
	return tls.Client(client, &tls.Config{RootCAs: pool, ServerName: "smsc.example"}),
		tls.Server(server, &tls.Config{Certificates: []tls.Certificate{certificate}})
}

func ownCertificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"smsc.example"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(nil, form, form, public, private)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, pool
}

// Both sides of the package over a real socket, plain and TLS: messages one way, receipts the
// other, then unbind.
func TestBothSides(t *testing.T) {
	for name, secure := range map[string]bool{"plain": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			near, far := both(t, secure)
			const messages = 500
			var receipts, taken atomic.Int64
			client := smpp.NewConn(near, smpp.Options{Handle: func(_ context.Context, r *smpp.Received) {
				receipts.Add(1)
				if err := r.Respond(smpp.OK, nil); err != nil {
					t.Errorf("receipt: %v", err)
				}
			}})
			var server *smpp.Conn
			var delivering sync.WaitGroup
			server = smpp.NewConn(far, smpp.Options{Role: smpp.SMSC, Handle: func(ctx context.Context, r *smpp.Received) {
				if r.Body.Command().IsBind() {
					if err := r.Respond(smpp.OK, &smpp.BindResp{Kind: r.Body.Command(), SystemID: "smsc"}); err != nil {
						t.Errorf("bind: %v", err)
					}
					return
				}
				id := fmt.Sprint(taken.Add(1))
				delivering.Go(func() {
					if err := r.Respond(smpp.OK, &smpp.SubmitSMResp{MessageID: id}); err != nil {
						t.Errorf("answer: %v", err)
					}
					if _, delivery, err := server.Request(ctx, &smpp.DeliverSM{}, nil); delivery != smpp.Answered {
						t.Errorf("receipt: %s, %v", delivery, err)
					}
				})
			}})
			ends := make(chan error, 2)
			go func() { ends <- client.Serve(t.Context()) }()
			go func() { ends <- server.Serve(t.Context()) }()
			bind := &smpp.Bind{Kind: smpp.CommandBindTransceiver, SystemID: "relais", InterfaceVersion: 0x34}
			if response, err := client.Bind(t.Context(), bind); err != nil || response.SystemID != "smsc" {
				t.Fatal(response, err)
			}
			var sending sync.WaitGroup
			for range 20 {
				sending.Go(func() {
					for range messages / 20 {
						p, delivery, err := client.Request(t.Context(), &smpp.SubmitSM{}, nil)
						if delivery != smpp.Answered || p.Status != smpp.OK {
							t.Errorf("%s, %s, %v", delivery, p.Status, err)
						}
					}
				})
			}
			sending.Wait()
			delivering.Wait()
			// jsmpp issue 82: the response of unbind was lost with the connection
			if err := client.Unbind(t.Context()); err != nil {
				t.Errorf("unbind: %v", err)
			}
			for range 2 {
				if err := <-ends; err != nil && err != smpp.ErrUnbound { //nolint:errorlint // the very value
					t.Errorf("end: %v", err)
				}
			}
			if taken.Load() != messages || receipts.Load() != messages {
				t.Errorf("%d messages, %d receipts", taken.Load(), receipts.Load())
			}
		})
	}
}

// An answer that arrived before the link broke is an answer: the kernel has it still.
func TestAnswersBeforeTheEndCount(t *testing.T) {
	near, far := both(t, false)
	client := smpp.NewConn(near, smpp.Options{Handle: func(context.Context, *smpp.Received) {}})
	end := make(chan error, 1)
	go func() { end <- client.Serve(t.Context()) }()
	reader := smpp.NewReader(far)
	done := make(chan smpp.Delivery, 1)
	go func() {
		_, delivery, _ := client.Request(t.Context(), &smpp.SubmitSM{}, nil)
		done <- delivery
	}()
	asked, err := reader.Next()
	if err != nil {
		t.Fatal(err)
	}
	answer, err := smpp.Append(nil, smpp.PDU{Sequence: asked.Sequence, Body: &smpp.SubmitSMResp{MessageID: "1"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := far.Write(answer); err != nil {
		t.Fatal(err)
	}
	far.Close()
	if got := <-done; got != smpp.Answered {
		t.Errorf("%s", got)
	}
	if err := <-end; err == nil {
		t.Error("the session ended without a reason")
	}
}
