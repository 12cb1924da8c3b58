package smpp_test

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"relais/connector"
	operator "relais/connector/smpp"
)

// ownCertificate is one for smsc.example that no system knows, and the file with it.
func ownCertificate(t *testing.T) (tls.Certificate, string) {
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
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, file
}

func TestTLS(t *testing.T) {
	certificate, file := ownCertificate(t)
	tests := []struct {
		name     string
		ca, host string
		trusted  bool
	}{
		{"its own authority", file, "smsc.example", true},
		{"another name", file, "other.example", false},
		{"an authority that nobody knows", "", "smsc.example", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newSMSC(t)
			s.secure(&tls.Config{Certificates: []tls.Certificate{certificate}})
			c := s.config()
			c.TLS, c.TLSName, c.TLSCA = true, test.host, test.ca
			if test.trusted {
				if got := s.connect(t, c).submit(t, message("Bonjour")); got.Err != nil {
					t.Error(got.Err)
				}
				return
			}
			err := open(t, c).(connector.Runner).Run(t.Context(), &desk{})
			if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
				t.Errorf("Run: %v", err)
			}
			quiet(t, s.binds) // the password stays here
		})
	}
}

func TestAuthorityThatIsNone(t *testing.T) {
	c := newSMSC(t).config()
	c.TLS, c.TLSCA = true, filepath.Join(t.TempDir(), "missing.pem")
	if _, _, err := operator.Provider().Open(c, connector.Env{}); err == nil {
		t.Error("opened without the file")
	}
}
