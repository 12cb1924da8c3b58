package mail

import (
	"bytes"
	"context"
	"net"
	"strings"
	"time"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-smtp"
)

// Bounds of a proof.
const (
	mostSignatures = 5 // that are looked at
	proofTakes     = 20 * time.Second
)

// prove finds the client whose list has the From line of a mail, once that line is proved: a DKIM signature of its very domain
// stands, or SPF passes for an envelope of that domain. A subdomain proves nothing: it may be somebody else's.
func (s *session) prove(tentative *client, mail *envelope, l *letter, raw []byte) (*client, *smtp.SMTPError) {
	_, domain, _ := strings.Cut(l.from, "@")
	c := s.port.listing(tentative, l.from)
	if c == nil || domain == "" {
		return nil, errProof
	}
	ctx, cancel := context.WithTimeout(s.ctx(), proofTakes)
	defer cancel()
	signed, later := s.door.signed(ctx, raw, domain, mail.to)
	if signed {
		return c, nil
	}
	passes, laterToo := s.passes(ctx, mail.from, domain)
	switch {
	case passes:
		return c, nil
	case later, laterToo:
		return nil, errProofLater
	}
	return nil, errProof
}

// listing is the client that lists an address, and takes what another one would have been asked for; nil: none.
func (p *port) listing(tentative *client, address string) *client {
	if tentative.lists(address) {
		return tentative
	}
	for _, c := range p.clients {
		if c.lists(address) && len(c.Domains) > 0 && strings.Join(c.Domains, " ") == strings.Join(tentative.Domains, " ") {
			return c
		}
	}
	return nil
}

// signed reports whether a domain signed the mail, for these recipients, and of late. later tells that DNS did not answer.
func (d *Door) signed(ctx context.Context, raw []byte, domain string, to []recipient) (signed, later bool) {
	all, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{
		LookupTXT:        func(name string) ([]string, error) { return d.resolver().LookupTXT(ctx, name) },
		MaxVerifications: mostSignatures,
	})
	if err != nil && err != dkim.ErrTooManySignatures { //nolint:errorlint // as the library gives it
		return false, false
	}
	for _, v := range all {
		switch {
		case v.Err != nil:
			later = later || dkim.IsTempFail(v.Err)
		case strings.EqualFold(v.Domain, domain) && (v.Expiration.IsZero() || d.Now().Before(v.Expiration)) && covers(v.HeaderKeys, raw, to, d.Now()):
			return true, false
		}
	}
	return false, later
}

// passes reports whether SPF passes for the envelope, and the envelope is of the domain.
func (s *session) passes(ctx context.Context, from, domain string) (passes, later bool) {
	if at := strings.LastIndexByte(from, '@'); !strings.EqualFold(from[at+1:], domain) {
		return false, false
	}
	result, _ := spf.CheckHostWithSender(s.from.AsSlice(), s.helo, from, spf.WithContext(ctx), spf.WithResolver(s.door.resolver())) // its error explains a result that says it all
	return result == spf.Pass, result == spf.TempError
}

// resolver asks DNS.
func (d *Door) resolver() *net.Resolver {
	if d.Resolver == nil {
		return net.DefaultResolver
	}
	return d.Resolver
}
