// Package mail tells the people who look after the gateway what needs them, by
// SMTP. It speaks to no recipient of messages.
//
// mail.go sends; credit.go words the alert of a credit that runs out.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Options say which server takes the mail.
type Options struct {
	Server   string // host:port
	TLS      string // starttls, tls or none
	Username string // empty: no login
	Password string
	From     string
	To       []string
	Roots    *x509.CertPool // nil: those of the system
}

// Sender sends mail. Make it with New.
type Sender struct {
	Options
	host    string
	options []gomail.Option
}

// timeout bounds the whole of one mail.
const timeout = 30 * time.Second

// New makes a sender. It opens no connection.
func New(o Options) (*Sender, error) {
	host, text, err := net.SplitHostPort(o.Server)
	if err != nil {
		return nil, errors.New("the mail server must be host:port")
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, errors.New("the mail server must be host:port")
	}
	s := &Sender{Options: o, host: host}
	s.options = []gomail.Option{
		gomail.WithPort(port),
		gomail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: o.Roots, MinVersion: tls.VersionTLS12}),
	}
	switch o.TLS {
	case "tls":
		s.options = append(s.options, gomail.WithSSL())
	case "none":
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if o.Username != "" {
		s.options = append(s.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(o.Username), gomail.WithPassword(o.Password))
		if o.TLS == "none" {
			s.options = append(s.options, gomail.WithSMTPAuth(gomail.SMTPAuthPlainNoEnc))
		}
	}
	return s, nil
}

// Letter is a mail that does not go to everybody.
type Letter struct {
	From      string // of its From line, so that an answer goes there; the envelope has that of the settings
	To        string
	InReplyTo string // Message-ID of the mail that it answers; empty: it answers none
	Subject   string
	Text      string
}

// Send sends one plain text to everybody. Its errors hold no address and no
// password: what a server says may repeat them, so that its code is told alone.
func (s *Sender) Send(ctx context.Context, subject, body string) error {
	m := gomail.NewMsg()
	if err := m.From(s.From); err != nil {
		return errors.New("the sender of the mail is no address")
	}
	if err := m.To(s.To...); err != nil {
		return errors.New("a recipient of the mail is no address")
	}
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, 5
	return s.post(ctx, m, subject, body)
}

// Post sends a letter, as a machine that answers: whoever keeps to RFC 3834 answers it with nothing. Its errors are those of Send.
func (s *Sender) Post(ctx context.Context, l Letter) error {
	m := gomail.NewMsg()
	if m.EnvelopeFrom(s.From) != nil || m.From(l.From) != nil {
		return errors.New("the sender of the mail is no address")
	}
	if m.To(l.To) != nil {
		return errors.New("the recipient of the mail is no address")
	}
	if l.InReplyTo != "" {
		m.SetGenHeader(gomail.HeaderInReplyTo, l.InReplyTo)
		m.SetGenHeader(gomail.HeaderReferences, l.InReplyTo)
	}
	m.SetGenHeader("Auto-Submitted", "auto-replied") // RFC 3834, 5
	return s.post(ctx, m, l.Subject, l.Text)
}

func (s *Sender) post(ctx context.Context, m *gomail.Msg, subject, body string) error {
	m.Subject(subject)
	m.SetDate()
	m.SetMessageID()
	m.SetBodyString(gomail.TypeTextPlain, body)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	end, _ := ctx.Deadline() // the library waits for a greeting by its own clock
	client, err := gomail.NewClient(s.host,
		append(slices.Clip(s.options), gomail.WithTimeout(time.Until(end)))...)
	if err != nil {
		return errors.New("the settings of the mail server do not go together")
	}
	if err := client.DialAndSendWithContext(ctx, m); err != nil {
		return plain(ctx, err)
	}
	return nil
}

func plain(ctx context.Context, err error) error {
	if refused, ok := errors.AsType[*gomail.SendError](err); ok {
		return fmt.Errorf("the mail server refused the mail (code %d)", refused.ErrorCode())
	}
	if timed, ok := errors.AsType[net.Error](err); ctx.Err() != nil || ok && timed.Timeout() {
		return errors.New("the mail server does not answer")
	}
	if network, ok := errors.AsType[*net.OpError](err); ok {
		return fmt.Errorf("no connection to the mail server: %w", network.Err)
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("the certificate of the mail server: %w", certificate.Err)
	}
	return fmt.Errorf("the mail server did not take the mail (%T)", errors.Unwrap(err))
}
