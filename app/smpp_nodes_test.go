package app_test

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relais/sandbox"
	"relais/smpp"
)

// TestReceiptsOnTwoNodes binds to both nodes of a cluster: each receipt comes once, by one of the
// binds, and when the client leaves the node that told it the other one does.
func TestReceiptsOnTwoNodes(t *testing.T) {
	n := startNodes(t, "lease = \"2s\"\n")
	var binds [2]*esme
	for i := range n.all {
		address := ""
		for _, d := range n.all[i].App.Doors() {
			if at, ok := strings.CutPrefix(d.Address, "smpp://"); ok {
				address = at
			}
		}
		binds[i] = bindAs(t, address, smpp.CommandBindTransceiver, "sandbox", "sandbox")
	}
	ids := map[string]int{}
	send := func(first int) {
		for i := range 20 {
			ids[binds[i%2].submit(t, message(fmt.Sprintf("+336399806%02d", first+i), "Bonjour"))] = 0
		}
	}
	receipts := func() int { return len(binds[0].received()) + len(binds[1].received()) }
	send(0)
	await(t, "the receipts", patience, func() bool { return receipts() >= 20 })
	told := 0
	if len(binds[1].received()) > 0 {
		told = 1
	}
	send(20)
	await(t, "further receipts", patience, func() bool { return receipts() >= 40 })
	binds[told].Close()
	last := binds[1-told].submit(t, message("+33639980640", "Bonjour"))
	ids[last] = 0
	await(t, "the receipt by the other node", patience, func() bool { return receipts() >= 41 })
	for _, e := range binds {
		for _, sm := range e.received() {
			receipt, _ := sm.Receipt()
			ids[receipt.ID]++
		}
	}
	for id, times := range ids {
		if times != 1 {
			t.Errorf("%d receipts of %q", times, id)
		}
	}
}

// TestTheSMPPDoorSpeaksTLS binds to [smpp_tls].
func TestTheSMPPDoorSpeaksTLS(t *testing.T) {
	dir := t.TempDir()
	certificate, key := filepath.Join(dir, "smpp.pem"), filepath.Join(dir, "smpp.key")
	pool := writeCertificate(t, certificate, key)
	at := fmt.Sprintf("127.0.0.1:%d", freePorts(t, 1)[0])
	live(t, sandbox.Options{}, fmt.Sprintf("[smpp_tls]\nlisten = %q\ncertificate = %q\nkey = %q\n", at, certificate, key))
	dialer := tls.Dialer{Config: &tls.Config{RootCAs: pool, ServerName: "smpp.example"}}
	nc, err := dialer.DialContext(t.Context(), "tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	e := &esme{Conn: smpp.NewConn(nc, smpp.Options{Handle: func(_ context.Context, r *smpp.Received) { r.Abandon() }})}
	go e.Serve(context.WithoutCancel(t.Context())) // ends with Close
	defer func() {
		e.Close()
		<-e.Done()
	}()
	if _, err := e.Bind(t.Context(), &smpp.Bind{
		Kind: smpp.CommandBindTransmitter, SystemID: "sandbox", Password: "sandbox", InterfaceVersion: 0x34,
	}); err != nil {
		t.Fatal(err)
	}
	if id := e.submit(t, message("+33639980650", "Bonjour")); id == "" {
		t.Error("no id")
	}
}

// writeCertificate writes a certificate for smpp.example and its key.
func writeCertificate(t *testing.T, certificate, key string) *x509.CertPool {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"smpp.example"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(nil, form, form, public, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	for file, block := range map[string]*pem.Block{
		certificate: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
	return pool
}
