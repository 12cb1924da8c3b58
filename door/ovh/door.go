package ovh

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"relais/auth"
	"relais/credit"
	"relais/gateway"
	"relais/inbox"
	"relais/search"
	"relais/sms"
)

// maxBody is the largest request body, in bytes: that of the native API.
const maxBody = 10 << 20

// Reader is what this door reads of messages.
type Reader interface {
	Message(ctx context.Context, account string, id sms.ID) (sms.Message, error)
	Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error)
	Inbounds(ctx context.Context, q inbox.InboundQuery) (found []inbox.Inbound, more bool, err error)
	OptOuts(ctx context.Context, q inbox.OptOutQuery) (found []inbox.OptOut, more bool, err error)
	OptOutProofs(
		ctx context.Context, account string, n sms.Number,
	) ([]inbox.OptOut, []inbox.OptOutChange, error)
	Credit(ctx context.Context, connector string, since time.Time) (credit.Record, error)
}

// Settings are those of one account.
type Settings struct {
	Tolerance   time.Duration  // of a client's clock
	Strict      bool           // unknown fields are refused
	BareNumbers bool           // 33639980001 is read as +33639980001
	Senders     []string       // names that may be used; empty: all
	Sender      string         // the account's default
	Credits     float64        // shown when the connector's are not known
	Connector   string         // whose credit is shown; empty: of none
	PublicURLs  []string       // under which clients call the API, where a proxy changes that
	Proxies     []netip.Prefix // whose X-Forwarded headers are believed
}

// Options make a Door.
type Options struct {
	Gateway  *gateway.Gateway
	Reader   Reader
	Store    Store
	Open     func(sealed []byte) ([]byte, error) // an application's secret
	Derive   func(label string) string           // a keyed digest, of passwords
	Settings func(account string) Settings
	// Used notes that a key was used, by its id; nil: nobody wants to know.
	Used func(key string)
	// Report registers the endpoint of a callback; CheckURL reports whether an address
	// may be one.
	Report    func(ctx context.Context, account, url, format string) (sms.ID, error)
	CheckURL  func(url string) error
	PublicURL string // that clients may have signed; empty: none is known
	// GivenService is that of the credentials that everybody knows; empty: there are none.
	GivenService string
	Log          *slog.Logger
	Now          func() time.Time
}

// Door answers as the SMS API of OVHcloud does.
type Door struct {
	Options
	routes []route
}

// New makes the door with every route.
func New(o Options) *Door { return &Door{Options: o, routes: routes()} }

// route is a call of the API. A route without an answer is one that OVH has and
// this gateway does not.
type route struct {
	method   string
	path     string // {x} stands for one segment
	segments []string
	answer   func(*call) (any, error)
	access   access
	needs    auth.KeyRight
}

// access is who may call a route.
type access uint8

const (
	signedCall      access = iota // an application with a granted consumer key
	anybody                       // no header is needed
	applicationOnly               // the application key alone (documented)
	anyRule                       // signed; needs no rule (observed: ovh/terraform-provider-ovh pull 29)
)

// call is one request on its way.
type call struct {
	*Options
	door     *Door
	r        *http.Request
	header   http.Header // of the answer
	route    *route
	values   map[string]string // of the path
	query    url.Values
	body     []byte
	id       string // X-Ovh-QueryID
	app      Application
	granted  Credential
	settings Settings
}

func (c *call) ctx() context.Context { return c.r.Context() }

// use notes that a key was used.
func (o *Options) use(key string) {
	if o.Used != nil {
		o.Used(key)
	}
}

// actor stands in the timeline.
func (c *call) actor() sms.Actor { return ActorOf(&c.app) }

// ActorOf is how events and the audit name an application.
func ActorOf(a *Application) sms.Actor { return sms.DoorActor("ovh", decimal(a.ID)) }

// by stands in the audit.
func (c *call) by() auth.By {
	return auth.By{Actor: c.actor(), Address: keyCalls{c}.from(), Via: c.app.Name}
}

// Name is the door's in metrics.
func (d *Door) Name() string { return "ovh" }

// Owns reports whether a path is the door's: everything under /ovh/ and under /1.0/,
// and of /v1/, which is the native API's too, what OVH has for SMS.
func (d *Door) Owns(path string) bool {
	for _, own := range [...]string{"/ovh", "/1.0", "/v1/sms", "/v1/auth", "/v2/sms"} {
		if rest, found := strings.CutPrefix(path, own); found && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// Panicked answers for a failure of ours.
func (d *Door) Panicked(w http.ResponseWriter) { writeRefusal(w, errInternal) }

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Options: &d.Options, door: d, r: r, header: w.Header(), id: newQueryID()}
	w.Header().Set("X-Ovh-Queryid", c.id)
	if strings.HasPrefix(r.URL.Path, consentPath) {
		d.consent(w, r)
		return
	}
	value, err := c.answer(w) //nolint:contextcheck // the call holds its request, and with it the context
	if err != nil {
		refused, unexpected := refusalOf(err)
		if unexpected {
			d.Log.Error("a call of an OVH client failed", "query", c.id,
				"application", c.app.ID, "error", err)
		}
		writeRefusal(w, refused)
		return
	}
	writeJSON(w, http.StatusOK, value) // void is null (observed)
}

func (c *call) answer(w http.ResponseWriter) (any, error) {
	path, found := withoutPrefix(c.r.URL.EscapedPath())
	if !found {
		return nil, errPrefix
	}
	var err error
	if c.query, err = url.ParseQuery(c.r.URL.RawQuery); err != nil {
		return nil, bad("The query string is malformed")
	}
	if c.body, err = io.ReadAll(http.MaxBytesReader(w, c.r.Body, maxBody)); err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, &refusal{
				status: http.StatusRequestEntityTooLarge, message: "The body is larger than 10 MiB",
			}
		}
		return nil, bad("The body ended early")
	}
	c.route, c.values = c.door.find(c.r.Method, path)
	if err := (keyCalls{c}).authenticate(path); err != nil {
		return nil, err
	}
	if c.app.ID != 0 {
		c.r = c.r.WithContext(auth.WithBy(c.ctx(), c.by()))
	}
	switch {
	case c.route == nil:
		return nil, c.noRoute(path)
	case c.route.answer == nil:
		return nil, notBuilt("Relais does not have " + c.route.method + " " + c.route.path +
			"; the page docs/migrate/ovh.md tells what stands for it")
	}
	if err := c.checkService(); err != nil {
		return nil, err
	}
	return c.route.answer(c)
}

// find looks for the route of a path as it was sent; a slash at its end makes no
// difference (observed: old guides write one).
func (d *Door) find(method, path string) (*route, map[string]string) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i := range d.routes {
		if values, ok := d.routes[i].match(method, segments); ok {
			return &d.routes[i], values
		}
	}
	return nil, nil
}

// noRoute tells a wrong method from a wrong path.
func (c *call) noRoute(path string) error {
	var allowed []string
	for _, method := range [...]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if r, _ := c.door.find(method, path); r != nil {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return errRoute
	}
	c.header.Set("Allow", strings.Join(allowed, ", "))
	return &refusal{
		status:  http.StatusMethodNotAllowed,
		message: "This path takes " + strings.Join(allowed, " or "),
	}
}

func (r *route) match(method string, segments []string) (map[string]string, bool) {
	if r.method != method || len(r.segments) != len(segments) {
		return nil, false
	}
	values := map[string]string{}
	for i, want := range r.segments {
		if !strings.HasPrefix(want, "{") {
			if want != segments[i] {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(segments[i])
		if err != nil || value == "" {
			return nil, false
		}
		values[strings.Trim(want, "{}")] = value
	}
	return values, true
}

// checkService wants the account's own service in the path.
func (c *call) checkService() error {
	name, named := c.values["serviceName"]
	if !named {
		return nil
	}
	service, err := c.service()
	if err != nil {
		return err
	}
	if service.Name != name {
		return errService
	}
	return nil
}

// service is the caller's own.
func (c *call) service() (Service, error) {
	return c.Store.AddOVHService(c.ctx(), c.app.Account, ServiceOf(c.app.Account))
}
