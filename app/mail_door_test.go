package app_test

import (
	"net"
	"net/smtp"
	"strings"
	"testing"

	"relais/client"
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
