package notify

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"relais/door"
	"relais/gateway"
	"relais/inbox"
	"relais/search"
	"relais/sms"
	"relais/template"
)

// Reader is what the door reads.
type Reader interface {
	Message(ctx context.Context, account string, id sms.ID) (sms.Message, error)
	Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error)
	Inbounds(ctx context.Context, q inbox.InboundQuery) (found []inbox.Inbound, more bool, err error)
	Template(ctx context.Context, account string, id sms.ID, version int) (template.Template, error)
	Templates(ctx context.Context, account string, archived bool) ([]template.Template, error)
}

// Service is what a client knows as its service.
type Service struct {
	Name          string // of the section; the timeline shows it
	ID            string // in small letters
	Account       string
	Keys          []Key
	AllowFrom     []netip.Prefix // empty: from everywhere
	Senders       map[string]sms.Sender
	Connector     string
	Class         sms.Class
	Region        string
	ReceiptsURL   string
	ReceiptsToken string
	RepliesURL    string
	RepliesToken  string
}

// Key is an API key of a client.
type Key struct {
	Name   string
	Secret string
	Kind   string
	Guests []sms.Number // of a team key
}

// Options make a Door.
type Options struct {
	Gateway  *gateway.Gateway
	Reader   Reader
	Services []Service
	// Report registers the endpoint of a callback.
	Report    door.Report
	PublicURL string // under which clients reach the gateway; empty: as they wrote it
	Log       *slog.Logger
	Now       func() time.Time
}

// Door answers Notify's clients.
type Door struct {
	Options
	byID      map[string]*Service
	byAccount map[string]*Service
}

// New makes a door.
func New(o Options) *Door {
	d := &Door{Options: o, byID: map[string]*Service{}, byAccount: map[string]*Service{}}
	for i := range o.Services {
		s := &o.Services[i]
		d.byID[s.ID], d.byAccount[s.Account] = s, s
	}
	return d
}

// Name is the door's in metrics.
func (d *Door) Name() string { return Format }

// Owns reports whether a path is the door's.
func (d *Door) Owns(path string) bool {
	for _, own := range []string{"/v2/notifications", "/v2/template", "/v2/templates", "/v2/received-text-messages"} {
		if rest, found := strings.CutPrefix(path, own); found && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// Panicked answers for a failure of ours.
func (d *Door) Panicked(w http.ResponseWriter) { errInternal.write(w) }

// call is one request on its way.
type call struct {
	*Door
	r       *http.Request
	w       http.ResponseWriter
	values  []string // of the path, behind what names the operation
	service *Service
	key     *Key
}

func (c *call) ctx() context.Context { return c.r.Context() }

// operation is what a method does at a path.
type operation struct {
	method string
	path   string // * stands for one segment
	do     func(*call) (status int, shown any, err error)
}

// operations are all of them (documented: GNA, app/v2).
func operations() []operation {
	return []operation{
		{http.MethodPost, "notifications/sms", (*call).send},
		{http.MethodPost, "notifications/email", (*call).textsAlone},
		{http.MethodPost, "notifications/letter", (*call).textsAlone},
		{http.MethodGet, "notifications", (*call).list},
		{http.MethodGet, "notifications/*", (*call).fetch},
		{http.MethodGet, "templates", (*call).templates},
		{http.MethodGet, "template/*", (*call).template},
		{http.MethodGet, "template/*/version/*", (*call).template},
		{http.MethodPost, "template/*/preview", (*call).preview},
		{http.MethodGet, "received-text-messages", (*call).received},
	}
}

// match reads the values of a path.
func (o *operation) match(path []string) (values []string, ok bool) {
	want := strings.Split(o.path, "/")
	if len(want) != len(path) {
		return nil, false
	}
	for i := range want {
		switch want[i] {
		case "*":
			values = append(values, path[i])
		case path[i]:
		default:
			return nil, false
		}
	}
	return values, true
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Door: d, r: r, w: w}
	status, shown, err := c.answer() //nolint:contextcheck // the call holds its request, and with it the context
	if err != nil {
		d.refuse(w, err)
		return
	}
	body, err := json.Marshal(shown)
	if err != nil {
		d.refuse(w, err)
		return
	}
	write(w, status, body)
}

// answer looks first at who calls, so that a stranger learns nothing of what there is.
func (c *call) answer() (status int, shown any, err error) {
	if err := c.authenticate(); err != nil {
		return 0, nil, err
	}
	method, allowed := c.r.Method, []string{}
	if method == http.MethodHead {
		method = http.MethodGet
	}
	path := strings.Split(strings.TrimPrefix(c.r.URL.Path, "/v2/"), "/")
	all := operations()
	for i := range all {
		values, fits := all[i].match(path)
		if !fits {
			continue
		}
		if all[i].method == method {
			c.values = values
			return all[i].do(c)
		}
		allowed = append(allowed, all[i].method)
	}
	if len(allowed) > 0 {
		c.w.Header().Set("Allow", strings.Join(allowed, ", "))
		return 0, nil, refusalOf(http.StatusMethodNotAllowed, badRequest, "The method is not allowed for the requested URL")
	}
	return 0, nil, refusalOf(http.StatusNotFound, noResult, "The requested URL was not found on the server")
}

// textsAlone refuses e-mail and letters.
func (c *call) textsAlone() (int, any, error) {
	return 0, nil, refusalOf(http.StatusBadRequest, badRequest, "Service is not allowed to send emails or letters: Relais sends text messages alone")
}

// base is the address of the API, of which the addresses in answers are made.
func (c *call) base() string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	scheme := "http"
	if c.r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.r.Host
}
