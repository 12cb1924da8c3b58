package mail

import (
	"bytes"
	netmail "net/mail"
	"net/textproto"
	"slices"
	"strings"
	"time"
)

// Bounds of a signed mail's Date. A server gives a mail up after four or five days (RFC 5321, 4.5.4.1, documented); a mail is known
// again for longer than both together.
const (
	mostAge   = 5 * 24 * time.Hour
	mostAhead = 24 * time.Hour
)

// covers reports whether a signature with these fields (h=) was made for these recipients, and of late. A signature says nothing of
// the envelope, so that whoever has a signed mail could send it to anybody, and for ever (RFC 6376, 8.6, documented).
func covers(signed []string, raw []byte, to []recipient, now time.Time) bool {
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return false
	}
	header := textproto.MIMEHeader(m.Header)
	sure := func(name string) bool { // a second field may be another one's, beside the signed one (RFC 6376, 8.15)
		return len(header[name]) == 1 && slices.ContainsFunc(signed, func(one string) bool { return strings.EqualFold(one, name) })
	}
	for _, name := range []string{"Subject", "Message-Id"} {
		if len(header[name]) > 0 && !sure(name) {
			return false
		}
	}
	date, err := m.Header.Date()
	if err != nil || !sure("Date") || now.Sub(date) > mostAge || date.Sub(now) > mostAhead {
		return false
	}
	named := map[string]bool{}
	for _, name := range []string{"To", "Cc"} {
		if all, err := m.Header.AddressList(name); err == nil && sure(name) {
			for _, one := range all {
				named[strings.ToLower(one.Address)] = true
			}
		}
	}
	return !slices.ContainsFunc(to, func(one recipient) bool { return !named[one.address] })
}
