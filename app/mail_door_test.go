package app_test

import (
	"fmt"
	"io"
	"net"
	"net/smtp"
	"slices"
	"strings"
	"sync"
	"testing"

	gosmtp "github.com/emersion/go-smtp"

	"relais/client"
	"relais/sandbox"
)

// mailAddress is where the door for mail is.
func (w *world) mailAddress(t *testing.T) string {
	t.Helper()
	return w.mailAddressOf(t, "smtp://")
}

// mailAddressOf is where it is with a scheme: smtps is TLS from the first octet on.
func (w *world) mailAddressOf(t *testing.T, scheme string) string {
	t.Helper()
	for _, d := range w.app.Doors() {
		if at, ok := strings.CutPrefix(d.Address, scheme); ok {
			return at
		}
	}
	t.Fatal("the door for mail is not open")
	return ""
}

// mail sends a mail with a login.
func (w *world) mail(t *testing.T, user, password, to string) {
	t.Helper()
	at := w.mailAddress(t)
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		t.Fatal(err)
	}
	if err := smtp.SendMail(at, smtp.PlainAuth("", user, password, host), "printer@town.example", []string{to + "@sms"}, []byte("Subject: Toner\r\n\r\nBonjour\r\n")); err != nil {
		t.Fatal(err)
	}
}

// messages counts those that are stored.
func (w *world) messages(t *testing.T) int {
	t.Helper()
	var list struct{ Items []client.Message }
	w.call(t, "GET", "/v1/messages?limit=1000", "", &list)
	return len(list.Items)
}

// mailbox is a mail server that keeps what it takes.
type mailbox struct {
	mu  sync.Mutex
	got []string
}

type mailboxSession struct {
	box *mailbox
	to  string
}

func (b *mailbox) NewSession(*gosmtp.Conn) (gosmtp.Session, error) {
	return &mailboxSession{box: b}, nil
}

func (s *mailboxSession) Mail(string, *gosmtp.MailOptions) error { return nil }
func (s *mailboxSession) Reset()                                 {}
func (s *mailboxSession) Logout() error                          { return nil }

func (s *mailboxSession) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *mailboxSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.got = append(s.box.got, "Envelope-To: "+s.to+"\r\n"+string(text))
	return err
}

func (b *mailbox) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}

// openMailbox listens until the test ends.
func openMailbox(t *testing.T) (*mailbox, string) {
	t.Helper()
	b := &mailbox{}
	server := gosmtp.NewServer(b)
	port, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(port)
	t.Cleanup(func() { server.Close() })
	return b, port.Addr().String()
}

// TestReceiptsAndRepliesByMail: the sender of a mail is told how it ended, and what the person answered, from an address that leads back.
func TestReceiptsAndRepliesByMail(t *testing.T) {
	t.Parallel()
	box, at := openMailbox(t)
	w := live(t, sandbox.Options{}, fmt.Sprintf(`
[mail]
server = %q
tls = "none"
from = "relais@town.example"
to = ["it@town.example"]
[smtp.sandbox]
listen = "127.0.0.1:0"
[smtp.sandbox.client.town]
account = "sandbox"
networks = ["127.0.0.1"]
receipts = "all"
replies = true
`, at))
	const to = "+33639980700"
	err := smtp.SendMail(w.mailAddress(t), nil, "duty@town.example", []string{to + "@sms.town.example"}, []byte("Message-ID: <7@town.example>\r\nSubject: x\r\n\r\nVenez-vous ?\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the receipt", patience, func() bool { return len(box.all()) == 1 })
	if err := w.sandbox.Reply(to, "", "Oui, à demain"); err != nil {
		t.Fatal(err)
	}
	await(t, "the reply", patience, func() bool { return len(box.all()) == 2 })
	for i, want := range []string{"a =C3=A9t=C3=A9 remis", "Oui, =C3=A0 demain"} {
		got := box.all()[i]
		for _, part := range []string{want, "Envelope-To: duty@town.example\r\n", "From: <" + to + "@sms.town.example>\r\n", "In-Reply-To: <7@town.example>\r\n", "Auto-Submitted: auto-replied\r\n"} {
			if !strings.Contains(got, part) {
				t.Errorf("no %q in %s", part, got)
			}
		}
	}
}
