package webhook_test

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	remove := trustTestServers()
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		remove()
		os.Exit(code)
	}))
}

// trustTestServers makes the authority of httptest, which vouches for example.com, the
// only one that this process knows.
func trustTestServers() (remove func()) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	file, err := os.CreateTemp("", "relais-authority")
	if err != nil {
		panic(err)
	}
	defer file.Close()
	if err := pem.Encode(file, &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}); err != nil {
		panic(err)
	}
	if err := os.Setenv("SSL_CERT_FILE", file.Name()); err != nil {
		panic(err)
	}
	return func() { os.Remove(file.Name()) }
}
