package mail

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"sync"

	"github.com/emersion/go-smtp"

	"relais/gateway"
	"relais/sms"
)

// session is the dialogue on one connection. The library may call Reset while Data runs, where a mail comes in chunks.
type session struct {
	port      *port
	door      *Door
	line      *line
	from      netip.Addr
	helo      string
	encrypted bool

	mu      sync.Mutex
	who     *client // who logged in; nil: nobody
	strikes int     // refusals on this connection
	mail    envelope
}

// envelope is what is known of a mail before it comes.
type envelope struct {
	open   bool
	from   string
	domain string // of its recipients
	client *client
	proof  bool // the client is who it is once the From line is proved
	to     []recipient
}

// recipient is one who gets the text.
type recipient struct {
	raw    string     // as it was written, or as its alias has it
	number sms.Number // empty: it was not read yet

	address string // of the envelope, in small letters
}

// NewSession implements smtp.Backend.
func (p *port) NewSession(c *smtp.Conn) (smtp.Session, error) {
	conn := c.Conn()
	over, encrypted := conn.(*tls.Conn)
	if encrypted {
		conn = over.NetConn()
	}
	one, ok := conn.(*line)
	if !ok || p.door.stopping.Err() != nil {
		return nil, errStopping
	}
	return &session{port: p, door: p.door, line: one, from: one.from, helo: c.Hostname(), encrypted: encrypted}, nil
}

// ctx is the context of what is done for a client though it has gone.
func (s *session) ctx() context.Context { return context.WithoutCancel(s.door.stopping) }

// Reset implements smtp.Session.
func (s *session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mail = envelope{}
}

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

func (s *session) begun() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mail.open
}

// mostStrikes is how many refusals one connection gets.
const mostStrikes = 20

// refuse counts an answer that refuses, and ends a connection that has had too many.
func (s *session) refuse(why *smtp.SMTPError) error {
	s.door.Metrics.answered(s.port.Name, why)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.strikes++; s.strikes <= mostStrikes && why.Code != errStopping.Code {
		return why
	}
	s.line.end()
	if why.Code == errStopping.Code {
		return why
	}
	return errCrowd
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	switch {
	case s.door.stopping.Err() != nil:
		return s.refuse(errStopping)
	case s.begun():
		return s.refuse(errOrder)
	case from == "":
		return s.refuse(errNullSender)
	case strange(from):
		return s.refuse(errSyntax)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mail = envelope{open: true, from: from}
	return nil
}

// strange reports whether an address has characters that none has: the library repeats it in its answer.
func strange(address string) bool {
	return len(address) > 320 || strings.ContainsFunc(address, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' })
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strange(to) {
		return s.refuse(errSyntax)
	}
	at := strings.LastIndexByte(to, '@')
	c, proof, why := s.clientFor(to[at+1:])
	if why != nil {
		return s.refuse(why)
	}
	all, why := s.recipients(c, to, proof)
	if why != nil {
		return s.refuse(why)
	}
	s.mu.Lock()
	tooMany := len(s.mail.to)+len(all) > min(mostRecipients, s.door.Gateway.MostRecipients())
	if !tooMany {
		s.mail.client, s.mail.proof, s.mail.domain = c, proof, to[at+1:]
		s.mail.to = append(s.mail.to, all...)
	}
	s.mu.Unlock()
	if tooMany {
		return s.refuse(errTooMany)
	}
	return nil
}

// clientFor is whose mail it is that goes to a domain. proof tells that the From line has to be proved.
func (s *session) clientFor(domain string) (c *client, proof bool, why *smtp.SMTPError) {
	s.mu.Lock()
	who, first := s.who, s.mail.client
	s.mu.Unlock()
	c = who
	if c == nil {
		c = s.port.nearest(s.from, domain)
	}
	if c == nil {
		c, proof = s.port.provable(domain), true
	}
	switch {
	case c == nil && s.known():
		return nil, false, errRelay
	case c == nil:
		return nil, false, errStranger
	case !c.takes(domain):
		return nil, false, errRelay
	case first != nil && first != c:
		return nil, false, errOtherClient
	}
	return c, proof, nil
}

// known reports whether somebody may send from the address of the connection, to some domain.
func (s *session) known() bool {
	for _, c := range s.port.clients {
		if c.near(s.from) >= 0 || len(c.Senders) > 0 {
			return true
		}
	}
	return false
}

// recipients are whom the name before @ of an address stands for: a number, or an alias.
func (s *session) recipients(c *client, to string, proof bool) (all []recipient, why *smtp.SMTPError) {
	name := to[:strings.LastIndexByte(to, '@')]
	numbers := []string{written(name)}
	if listed, is := s.port.Aliases[strings.ToLower(name)]; is {
		numbers = listed
	} else if numbers[0] == "" {
		return nil, errNoNumber
	}
	for _, raw := range numbers {
		one := recipient{raw: raw, address: strings.ToLower(to)}
		if !proof { // a stranger is not told what becomes of a number
			if one.number, why = s.look(c, raw); why != nil {
				return nil, why
			}
		}
		if !s.has(one) {
			all = append(all, one)
		}
	}
	return all, nil
}

// has reports whether the mail goes to a recipient already.
func (s *session) has(one recipient) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.mail.to {
		if r.raw == one.raw || one.number != "" && r.number == one.number {
			return true
		}
	}
	return false
}

// look asks the gateway what it says to a recipient, whatever the text.
func (s *session) look(c *client, raw string) (sms.Number, *smtp.SMTPError) {
	asked := s.submission(c)
	asked.To, asked.Text = []string{raw}, "-"
	result, err := s.door.Gateway.Preview(s.ctx(), asked, s.door.Now())
	if err != nil {
		return "", s.refusedBy(err)
	}
	return result.Messages[0].To, nil
}

// submission is what all messages of a client have.
func (s *session) submission(c *client) gateway.Submission {
	return gateway.Submission{
		Account: c.Account, Actor: c.actor(), Within: c.within, Sender: c.Sender, Class: c.Class, Connector: c.Connector, Region: c.Region,
	}
}

// refusedBy is what the gateway refuses, in SMTP's form; a failure stands in the log.
func (s *session) refusedBy(err error) *smtp.SMTPError {
	refused, known := refusedBy(err)
	if !known {
		s.door.Log.Error("a mail was put off", "door", Format, "server", s.port.Name, "error", err)
	}
	return refused
}

// written is a number as the gateway reads it, of the name before @; empty: it is none. Digits that begin with neither + nor 0
// have their country code first. A name behind + or = belongs to the mail programs of some, and to no number.
func written(name string) string {
	if !dialled.MatchString(name) {
		return ""
	}
	bare := separators.Replace(name)
	if len(bare) > mostDigits {
		return ""
	}
	if bare[0] != '+' && bare[0] != '0' && len(bare) > mostShort {
		return "+" + bare
	}
	return bare
}

var (
	dialled    = regexp.MustCompile(`^\+?[0-9]([ .()/-]*[0-9])*$`)
	separators = strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "", "/", "")
)

const (
	mostDigits = 20
	mostShort  = 8 // what is longer is a number with its country code
)

// Data implements smtp.Session. What it returns for a mail that was taken is an answer too: the library says it as it stands.
func (s *session) Data(r io.Reader) error {
	s.door.under.Add(1)
	defer s.door.under.Done()
	s.mu.Lock()
	mail := s.mail
	s.mu.Unlock()
	raw, release, err := s.door.reading.readAll(r)
	defer release()
	if err != nil {
		return s.refuse(broken(err))
	}
	taken, why := s.accept(&mail, raw)
	if why != nil {
		return s.refuse(why)
	}
	s.door.Metrics.answered(s.port.Name, taken)
	return taken
}

// broken refuses a mail that did not come whole. What the client broke off itself it does not read.
func broken(err error) *smtp.SMTPError {
	if refused, ok := err.(*smtp.SMTPError); ok { //nolint:errorlint // the library's own, as it stands
		return refused
	}
	if timed, ok := err.(net.Error); ok && timed.Timeout() { //nolint:errorlint // of a connection, as it stands
		return errStopping
	}
	return errLine
}
