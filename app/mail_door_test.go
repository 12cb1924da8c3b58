package app_test

import (
	"net"
	"net/smtp"
	"strings"
	"testing"
)

// mailAddress is where the door for mail is.
func (w *world) mailAddress(t *testing.T) string {
	t.Helper()
	for _, d := range w.app.Doors() {
		if at, ok := strings.CutPrefix(d.Address, "smtp://"); ok {
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
