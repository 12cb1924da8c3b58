package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"relais/auth"
	"relais/door"
	"relais/gateway"
	"relais/reason"
	"relais/sms"
)

// Format is the door's name, and that of what it carries among the formats of webhooks.
const Format = "mail"

// Keys admits API keys (auth.Keeper).
type Keys interface {
	Admit(ctx context.Context, secret, address string, needs auth.KeyRight) (auth.Key, error)
}

// Options make a Door.
type Options struct {
	Gateway *gateway.Gateway
	Keys    Keys
	Servers []Server
	Store   Store
	// Endpoint registers the endpoint of the outbox that receipts and replies go to.
	Endpoint func(ctx context.Context, account, address, format string) (sms.ID, error)
	Post     func(ctx context.Context, l door.Letter) error // nil: nothing is told by mail
	Language reason.Language                                // of what is told
	Resolver *net.Resolver                                  // of SPF and DKIM; nil: the system's
	Metrics  *Metrics
	Log      *slog.Logger
	Now      func() time.Time
}

// Server is a mail server of the door.
type Server struct {
	Name     string
	Hostname string            // as it calls itself
	Clear    net.Listener      // nil: none; STARTTLS where TLS is set
	Secure   net.Listener      // with TLS from the first octet on; nil: none
	TLS      *tls.Config       // nil: none
	Clients  map[string]Client // by their logins
	Aliases  map[string][]string
	MaxSize  int64 // octets of a mail
}

// Door answers those who send mail.
type Door struct {
	Options
	ports   []*port
	guard   *door.Guard
	lines   lines
	hashing chan struct{} // a token for each password that is compared with its hash
	reading budget
	under   sync.WaitGroup // mails that are worked on

	stopping context.Context // ends when no more work is taken
	stop     context.CancelFunc
}

// port is one address of a server.
type port struct {
	*Server
	door     *Door
	listener net.Listener
	secure   bool
	clients  []*client // by their names
	smtp     *smtp.Server
}

// Bounds of a connection.
const (
	mostLine       = 64 << 10 // octets of a line; RFC 5321 asks for 1000, programs send longer ones (observed)
	mostRecipients = 100      // RFC 5321, 4.5.3.1.8
	patience       = 5 * time.Minute
	mostReading    = 64 << 20 // octets of all mails that are being read
)

// New makes a door.
func New(o Options) *Door {
	d := &Door{Options: o, guard: door.NewGuard(), hashing: make(chan struct{}, 2), reading: budget{left: mostReading}}
	d.lines.open = map[*line]bool{}
	d.stopping, d.stop = context.WithCancel(context.Background())
	for i := range o.Servers {
		s := &d.Servers[i]
		if s.Clear != nil {
			d.ports = append(d.ports, d.port(s, s.Clear, false))
		}
		if s.Secure != nil {
			d.ports = append(d.ports, d.port(s, s.Secure, true))
		}
	}
	return d
}

func (d *Door) port(s *Server, listener net.Listener, secure bool) *port {
	p := &port{Server: s, door: d, listener: listener, secure: secure}
	for name, c := range s.Clients {
		p.clients = append(p.clients, &client{Client: c, name: name})
	}
	slices.SortFunc(p.clients, func(a, b *client) int { return strings.Compare(a.name, b.name) })
	p.smtp = smtp.NewServer(p)
	p.smtp.Domain, p.smtp.TLSConfig = s.Hostname, s.TLS
	p.smtp.MaxMessageBytes, p.smtp.MaxRecipients, p.smtp.MaxLineLength = s.MaxSize, mostRecipients, mostLine
	p.smtp.ReadTimeout, p.smtp.WriteTimeout = patience, patience
	p.smtp.EnableSMTPUTF8 = true
	p.smtp.AllowInsecureAuth = true // the session decides, by connection
	p.smtp.ErrorLog = complaints{d.Log}
	return p
}

// Run implements door.Listener.
func (d *Door) Run(context.Context) error {
	var serving sync.WaitGroup
	ends := make(chan error, len(d.ports))
	for _, p := range d.ports {
		serving.Go(func() { ends <- p.smtp.Serve(&entrance{Listener: p.listener, port: p}) })
	}
	serving.Wait()
	close(ends)
	for err := range ends {
		if err != nil && d.stopping.Err() == nil && !errors.Is(err, net.ErrClosed) {
			return err
		}
	}
	return nil
}

// Stop implements door.Listener. What has come in whole is answered; all other connections end at once, and their mail is sent
// again.
func (d *Door) Stop(ctx context.Context) error {
	d.stop()
	d.lines.hurry()
	ended, waiting := make(chan struct{}), context.WithoutCancel(ctx)
	go func() {
		defer close(ended)
		for _, p := range d.ports {
			p.listener.Close()
			p.smtp.Shutdown(waiting) //nolint:errcheck // its one error is that of a port that was closed
		}
		d.under.Wait()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		d.lines.close()
		<-ended
	}
	return nil
}

// complaints puts what the library says in the log. It may repeat what a client sent, and is told to who looks for it.
type complaints struct{ log *slog.Logger }

func (c complaints) Printf(format string, _ ...any) {
	if strings.HasPrefix(format, "panic") {
		c.log.Error("a connection failed by a fault of ours", "door", Format)
		return
	}
	c.log.Debug("a connection ended early", "door", Format)
}

func (c complaints) Println(...any) { c.log.Debug("a connection ended early", "door", Format) }
