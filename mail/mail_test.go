package mail_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"relais/mail"
)

// server is a real SMTP server that keeps what it takes.
type server struct {
	address string
	roots   *x509.CertPool
	got     chan taken
	refuse  bool
}

type taken struct {
	from, to string
	data     []byte
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }

type session struct {
	server *server
	taken  taken
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != "relais" || password != "hunter2" {
			return errors.New("no")
		}
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.taken.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.server.refuse {
		return &smtp.SMTPError{Code: 550, Message: "unknown user " + to}
	}
	s.taken.to += to + " "
	return nil
}

func (s *session) Data(r io.Reader) (err error) {
	s.taken.data, err = io.ReadAll(r)
	s.server.got <- s.taken
	return err
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func serve(t *testing.T) *server {
	t.Helper()
	s := &server{got: make(chan taken, 10), roots: x509.NewCertPool()}
	certificate, parsed := selfSigned(t)
	s.roots.AddCert(parsed)
	smtpd := smtp.NewServer(s)
	smtpd.Domain, smtpd.AllowInsecureAuth = "localhost", true
	smtpd.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = strings.Replace(l.Addr().String(), "127.0.0.1", "localhost", 1)
	go smtpd.Serve(l)
	t.Cleanup(func() { smtpd.Close() })
	return s
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, parsed
}

func sender(t *testing.T, o mail.Options) *mail.Sender {
	t.Helper()
	o.From, o.To = "Relais <relais@town.example>", []string{"it@town.example", "night@town.example"}
	s, err := mail.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSend(t *testing.T) {
	for _, tc := range []struct {
		name string
		o    mail.Options
	}{
		{"STARTTLS with login", mail.Options{TLS: "starttls", Username: "relais", Password: "hunter2"}},
		{"STARTTLS without login", mail.Options{TLS: "starttls"}},
		{"without TLS", mail.Options{TLS: "none"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t)
			tc.o.Server, tc.o.Roots = s.address, s.roots
			if err := sender(t, tc.o).Send(
				t.Context(), "Crédit bas : 5 €", "Il reste peu.\nÀ bientôt.\n",
			); err != nil {
				t.Fatal(err)
			}
			got := <-s.got
			if got.from != "relais@town.example" || got.to != "it@town.example night@town.example " {
				t.Errorf("from %q to %q", got.from, got.to)
			}
			m, err := netmail.ReadMessage(bytes.NewReader(got.data))
			if err != nil {
				t.Fatal(err)
			}
			for _, header := range []string{"Date", "Message-Id", "Subject"} {
				if m.Header.Get(header) == "" {
					t.Errorf("no %s", header)
				}
			}
			if m.Header.Get("Auto-Submitted") != "auto-generated" {
				t.Error("it does not say that a machine wrote it")
			}
		})
	}
}

func TestFailuresSaySoAndHideWhatTheyMust(t *testing.T) {
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	refusing := serve(t)
	refusing.refuse = true
	good := serve(t)
	for _, tc := range []struct {
		name string
		o    mail.Options
		want string
	}{
		{"wrong password", mail.Options{Server: good.address, Roots: good.roots, Username: "relais", Password: "hunter3"}, "the mail server"},
		{"recipient refused", mail.Options{Server: refusing.address, Roots: refusing.roots}, "the mail server refused the mail (code 550)"},
		{"unknown certificate", mail.Options{Server: good.address}, "the certificate of the mail server"},
		{"nobody listens", mail.Options{Server: "127.0.0.1:1"}, "no connection to the mail server"},
		{"silence", mail.Options{Server: silent.Addr().String()}, "the mail server does not answer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			err := sender(t, tc.o).Send(ctx, "a", "b")
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Fatalf("error %v, want %q", err, tc.want)
			}
			for _, hidden := range []string{"hunter", "town.example", "relais@"} {
				if strings.Contains(err.Error(), hidden) {
					t.Errorf("the error shows %q: %v", hidden, err)
				}
			}
		})
	}
}
