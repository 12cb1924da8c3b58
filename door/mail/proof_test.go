package mail_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"golang.org/x/net/dns/dnsmessage"

	"relais/door/mail"
)

// nameServer answers questions for TXT records over UDP.
func nameServer(t *testing.T, texts map[string]string) *net.Resolver {
	t.Helper()
	at, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		in := make([]byte, 1500)
		for {
			n, from, err := at.ReadFrom(in)
			if err != nil {
				return
			}
			if out := answerDNS(in[:n], texts); out != nil {
				at.WriteTo(out, from)
			}
		}
	}()
	t.Cleanup(func() {
		at.Close()
		<-ended
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", at.LocalAddr().String())
	}}
}

// answerDNS is the answer to a question; the name broken.example has a server that fails.
func answerDNS(question []byte, texts map[string]string) []byte {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	name := strings.TrimSuffix(strings.ToLower(q.Name.String()), ".")
	text, known := texts[name]
	switch {
	case strings.HasSuffix(name, "broken.example"):
		m.RCode = dnsmessage.RCodeServerFailure
	case !known:
		m.RCode = dnsmessage.RCodeNameError
	case q.Type == dnsmessage.TypeTXT:
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60}, Body: &dnsmessage.TXTResource{TXT: []string{text}},
		}}
	}
	packed, err := m.Pack()
	if err != nil {
		return nil
	}
	return packed
}

// TestAProvedFromLine lets in whom DKIM or SPF proves, for the very domain of the From line, and nobody else.
func TestAProvedFromLine(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	resolver := nameServer(t, map[string]string{
		"s._domainkey.town.example": key, "s._domainkey.evil.example": key, "s._domainkey.mail.town.example": key,
		"it.town.example": "v=spf1 ip4:127.0.0.1 -all", "evil.example": "v=spf1 +all", "town.example": "v=spf1 -all",
	})
	h := open(t, func(o *mail.Options) {
		c := o.Servers[0].Clients["proof"]
		c.Senders = append(c.Senders, "a@broken.example")
		o.Servers[0].Clients["proof"] = c
		o.Resolver = resolver
	})
	day := func(days int) string { return "Date: " + time.Now().AddDate(0, 0, days).Format(time.RFC1123Z) + "\r\n" }
	const to = "To: <33639980001@Proved.example>\r\n"
	write := func(domain, header, more string, keys ...string) string {
		var b bytes.Buffer
		plain := header + "Subject: x\r\nMessage-ID: <" + domain + header[6:10] + ">\r\n" + more + "\r\nBonjour\r\n"
		if domain == "" {
			return plain
		}
		err := dkim.Sign(&b, strings.NewReader(plain), &dkim.SignOptions{Domain: domain, Selector: "s", Signer: private, HeaderKeys: append(keys, "From", "Subject")})
		if err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	all := []string{"To", "Date", "Message-ID"}
	signed := func(domain, header string) string { return write(domain, header, to+day(0), all...) }
	const duty, it = "From: Duty <duty@town.example>\r\n", "From: anybody@it.town.example\r\n"
	for _, tc := range []struct{ name, from, mail, want string }{
		{"DKIM", "bounce@mailer.example", signed("town.example", duty), "250 2.0.0 accepted "},
		{"signed for another number", "x@evil.example", write("town.example", duty, "To: 33639980002@proved.example\r\n"+day(0), all...), "550 5.7.1 The From line"},
		{"a recipient that is not signed", "x@evil.example", write("town.example", duty, to+day(0), "Date", "Message-ID"), "550 5.7.1 The From line"},
		{"a second To", "x@evil.example", to + write("town.example", duty, "To: 33639980002@proved.example\r\n"+day(0), all...), "550 5.7.1 The From line"},
		{"signed long ago", "x@evil.example", write("town.example", duty, to+day(-7), all...), "550 5.7.1 The From line"},
		{"without a date", "x@evil.example", write("town.example", duty, to, all...), "550 5.7.1 The From line"},
		{"an id that is not signed", "x@evil.example", write("town.example", duty, to+day(0), "To", "Date"), "550 5.7.1 The From line"},
		{"SPF", "x@it.town.example", signed("", it), "250 2.0.0 accepted "},
		{"nothing", "duty@town.example", signed("", duty), "550 5.7.1 The From line is not proved"},
		{"SPF of another domain", "x@evil.example", signed("", duty), "550 5.7.1 The From line"},
		{"DKIM of another domain", "x@mailer.example", signed("evil.example", duty), "550 5.7.1 The From line"},
		{"DKIM of a subdomain", "x@mailer.example", signed("mail.town.example", duty), "550 5.7.1 The From line"},
		{"somebody who is not listed", "x@mailer.example", signed("town.example", "From: zoe@town.example\r\n"), "550 5.7.1 The From line"},
		{"a text that was changed", "x@mailer.example", strings.Replace(signed("town.example", duty), "Bonjour", "Bonsoir", 1), "550 5.7.1 The From line"},
		{"two From lines", "x@mailer.example", "From: evil@evil.example\r\n" + signed("town.example", duty), "550 5.7.1 The From line"},
		{"two addresses", "x@it.town.example", signed("", "From: a@it.town.example, b@evil.example\r\n"), "550 5.7.1 The From line"},
		{"a name that looks like an address", "x@evil.example", signed("", "From: \"duty@town.example\" <x@evil.example>\r\n"), "550 5.7.1 The From line"},
		{"DNS that does not answer", "a@broken.example", signed("", "From: a@broken.example\r\n"), "451 4.7.1 "},
	} {
		k := h.hello(t)
		k.say(t, fmt.Sprintf("MAIL FROM:<%s>\r\n", tc.from))
		if said := k.say(t, "RCPT TO:<33639980001@proved.example>\r\n"); !strings.HasPrefix(said, "250 ") {
			t.Errorf("%s: %q", tc.name, said)
		}
		k.say(t, "DATA\r\n")
		if said := k.say(t, strings.TrimSuffix(tc.mail, "\r\n")+"\r\n.\r\n"); !strings.HasPrefix(said, tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, said, tc.want)
		}
		k.quit(t)
	}
	if n := len(h.stored(t, "town")); n != 2 {
		t.Errorf("%d were stored", n)
	}
}
