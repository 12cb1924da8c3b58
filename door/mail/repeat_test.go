package mail_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"net/smtp"
	"strings"
	"testing"

	"relais/door/mail"
)

// TestAMailThatComesAgainIsSentOnce: whoever got no answer sends again, in other company or after a restart, and gets the first answer.
func TestAMailThatComesAgainIsSentOnce(t *testing.T) {
	h := open(t)
	send := func(content string, to ...string) string {
		t.Helper()
		k := h.hello(t)
		defer k.quit(t)
		k.say(t, "MAIL FROM:<printer@town.example>\r\n")
		for _, one := range to {
			if said := k.say(t, "RCPT TO:<"+one+"@sms>\r\n"); !strings.HasPrefix(said, "250 ") {
				t.Fatalf("%s: %q", one, said)
			}
		}
		k.say(t, "DATA\r\n")
		return k.say(t, content+"\r\n.\r\n")
	}
	const one, two, three = "33639980001", "33639980002", "0639980003"
	same := simple("1", "Bonjour")
	first := send(same, one, two)
	for name, again := range map[string]string{
		"the same": send(same, one, two), "one of them": send(same, one), "written in another way": send(same, "+33.6.39.98.00.01"), "twice in one mail": send(same, one, "0639980001", two),
		"by another way": send("Received: from b by c; now\r\n"+same, one, two), "in other company": send(same, one, three), "another line end": send(same+"\r\n", one), "another encoding": send(strings.Replace(same, "\r\n\r\nBonjour", "\r\nContent-Transfer-Encoding: base64\r\n\r\nQm9uam91cg==", 1), one),
	} {
		if !strings.HasPrefix(again, first[:len("250 2.0.0 accepted 00000000-0000-0000-0000-000000000000")]) {
			t.Errorf("%s: %q, want %q", name, again, first)
		}
	}
	if n := len(h.stored(t, "town")); n != 3 {
		t.Errorf("%d were stored, want one for each number", n)
	}
	h.stop(t)
	h.start(t)
	send(same, one, two, three)
	dated := "From: a@town.example\r\nDate: Tue, 1 Dec 2026 08:00:00 +0100\r\n\r\nWithout an id"
	send(dated, one)
	send(dated, one)
	if n := len(h.stored(t, "town")); n != 4 {
		t.Errorf("%d were stored after the restart", n)
	}
	send(simple("1", "Another text under the same id"), one)
	send("From: a@town.example\r\n\r\nWithout anything", one, two)
	send("From: a@town.example\r\n\r\nWithout anything", one, two)
	if n := len(h.stored(t, "town")); n != 9 {
		t.Errorf("%d were stored, want those that are no repeats too", n)
	}
}

// TestALostAnswer: the client is gone before its 250, and comes again.
func TestALostAnswer(t *testing.T) {
	h := open(t)
	const rounds = 10
	for range rounds {
		k := h.hello(t)
		k.envelope(t, "33639980001@sms")
		if _, err := k.Write([]byte(simple("lost", "Bonjour") + "\r\n.\r\n")); err != nil {
			t.Fatal(err)
		}
		k.Close()
	}
	if said := h.hello(t).send(t, "33639980001@sms", simple("lost", "Bonjour")); !strings.HasPrefix(said, "250 2.0.0") {
		t.Errorf("%q", said)
	}
	if n := len(h.stored(t, "town")); n != 1 {
		t.Errorf("%d were stored", n)
	}
}

// TestNobodyIsLeftOut: where one of several can get no message, none gets one, and the mail is refused.
func TestNobodyIsLeftOut(t *testing.T) {
	h := open(t)
	k := h.hello(t)
	k.say(t, "MAIL FROM:<printer@town.example>\r\n")
	k.say(t, "RCPT TO:<33639980001@sms>\r\n")
	if said := k.say(t, "RCPT TO:<0112@sms>\r\n"); !strings.HasPrefix(said, "550 5.1.1 ") {
		t.Errorf("%q", said)
	}
	k.say(t, "DATA\r\n")
	if said := k.say(t, simple("some", "Bonjour")+"\r\n.\r\n"); !strings.HasPrefix(said, "250 2.0.0") {
		t.Errorf("one that was refused for himself: %q", said)
	}
	h.store.Close()
	if said := h.hello(t).send(t, "33639980002@sms", simple("closed", "Bonjour")); !strings.HasPrefix(said, "451 4.3.0 ") {
		t.Errorf("without a database: %q", said)
	}
}

// TestOverTLS: STARTTLS and TLS from the first octet on, with Go's own client.
func TestOverTLS(t *testing.T) {
	certified := httptest.NewTLSServer(nil)
	defer certified.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	settings := &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12}
	trusting := &tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS12}
	h := open(t, func(o *mail.Options) { o.Servers[0].TLS = settings })
	c, err := smtp.Dial(h.address)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.StartTLS(trusting); err != nil {
		t.Fatal(err)
	}
	sendBy(t, c, "127.0.0.1")
	secure := open(t, func(o *mail.Options) {
		o.Servers[0].TLS = settings
		port, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		o.Servers[0].Secure = port
		port.Close() // start opens another
	})
	conn, err := (&tls.Dialer{Config: trusting}).DialContext(t.Context(), "tcp", secure.address)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = smtp.NewClient(conn, "example.com"); err != nil {
		t.Fatal(err)
	}
	sendBy(t, c, "example.com")
	if one, other := len(h.stored(t, "town")), len(secure.stored(t, "town")); one != 1 || other != 1 {
		t.Errorf("%d and %d were stored", one, other)
	}
}

// sendBy logs in and sends by a connection.
func sendBy(t *testing.T, c *smtp.Client, host string) {
	t.Helper()
	defer c.Close()
	if err := errors.Join(c.Auth(smtp.PlainAuth("", "town", password, host)), c.Mail("a@town.example"), c.Rcpt("33639980001@x")); err != nil {
		t.Fatal(err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(simple("tls", "Bonjour"))); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), c.Quit()); err != nil {
		t.Fatal(err)
	}
}
