package jasmin

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"relais/auth"
	"relais/credit"
	"relais/door"
	"relais/gateway"
	"relais/sms"
)

// Paths of the HTTP API, and of the REST API (documented: JAS).
const (
	pathSend      = "/send"
	pathBalance   = "/balance"
	pathRate      = "/rate"
	pathPing      = "/ping"
	secure        = "/secure"
	pathRESTSend  = secure + "/send"
	pathBatch     = secure + "/sendbatch"
	pathRESTCoins = secure + "/balance"
	pathRESTRate  = secure + "/rate"
)

// Reader is what the door reads.
type Reader interface {
	Message(ctx context.Context, account string, id sms.ID) (sms.Message, error)
	Credit(ctx context.Context, connector string, since time.Time) (credit.Record, error)
}

// User is who may send.
type User struct {
	Password    string
	Account     string
	AllowFrom   []netip.Prefix // empty: from everywhere
	Sender      sms.Sender     // of messages without from
	Connector   string
	Class       sms.Class
	UrgentClass sms.Class // of priority 3; empty: Class
	Replies     string    // address of the replies to the account; empty: none
	RepliesBy   string    // method of the calls to it
}

// Options make a Door.
type Options struct {
	Gateway *gateway.Gateway
	Reader  Reader
	Users   map[string]User // by username
	Keys    door.Keys       // that stand for users
	Used    func(key string)
	// Main is the connector that an account's messages take when no rule holds; its credit is the balance.
	Main func(account string) string
	// Report registers the endpoint of a callback; CheckURL says what is wrong with its address.
	Report   func(ctx context.Context, account, url, format string) (sms.ID, error)
	CheckURL func(url string) error
	Zone     *time.Location // in which schedule_at is read
	Log      *slog.Logger
	Now      func() time.Time
}

// Door answers Jasmin's clients.
type Door struct{ Options }

// New makes a door.
func New(o Options) *Door { return &Door{o} }

// Name is the door's in metrics.
func (d *Door) Name() string { return Format }

// Owns reports whether a path is the door's.
func (d *Door) Owns(path string) bool {
	switch path {
	case pathSend, pathBalance, pathRate, pathPing, secure:
		return true
	}
	return strings.HasPrefix(path, secure+"/")
}

// Panicked answers for a failure of ours.
func (d *Door) Panicked(w http.ResponseWriter) { errInternal.write(w, asText) }

// call is one request on its way.
type call struct {
	*Door
	r      *http.Request
	w      http.ResponseWriter
	form   form
	args   *args  // of the HTTP API, read before it is known who calls: they say it
	name   string // of the caller
	user   User
	caller door.Caller // its key is zero for a user of the configuration
}

func (c *call) ctx() context.Context { return c.r.Context() }

// operation is what a method does at a path.
type operation struct {
	form  form
	needs auth.KeyRight
	do    func(*call) (*answer, error)
}

// operationsOf are those of a path, by method.
func operationsOf(path string) map[string]operation {
	switch path {
	case pathSend:
		send := operation{asText, auth.KeySend, (*call).send}
		return map[string]operation{http.MethodGet: send, http.MethodPost: send}
	case pathBalance:
		return map[string]operation{http.MethodGet: {asJSON, auth.KeyRead, (*call).balance}}
	case pathRate:
		return map[string]operation{http.MethodGet: {asJSON, auth.KeySend, (*call).rate}}
	case pathRESTSend:
		return map[string]operation{http.MethodPost: {asREST, auth.KeySend, (*call).send}}
	case pathBatch:
		return map[string]operation{http.MethodPost: {asREST, auth.KeySend, (*call).sendBatch}}
	case pathRESTCoins:
		return map[string]operation{http.MethodGet: {asREST, auth.KeyRead, (*call).balance}}
	case pathRESTRate:
		return map[string]operation{http.MethodGet: {asREST, auth.KeySend, (*call).rate}}
	default:
		return nil
	}
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Door: d, r: r, w: w, form: formOf(r.URL.Path)}
	a, err := c.answer() //nolint:contextcheck // the call holds its request, and with it the context
	if err != nil {
		d.refusalOf(c.name, err).write(w, c.form)
		return
	}
	a.write(w, c.form)
}

// formOf is the form of refusals of a path.
func formOf(path string) form {
	switch {
	case strings.HasPrefix(path, secure):
		return asREST
	case path == pathBalance, path == pathRate:
		return asJSON
	}
	return asText
}

func (c *call) answer() (*answer, error) {
	if c.r.URL.Path == pathPing {
		return c.ping()
	}
	operations := operationsOf(c.r.URL.Path)
	if operations == nil { // below /secure, where a stranger learns nothing of what there is
		if err := c.identify(); err != nil {
			return nil, err
		}
		return nil, &refusal{status: http.StatusNotFound, message: "The path is none of those that Relais has"}
	}
	o, known := operations[c.r.Method]
	if !known {
		return nil, notAllowed(slices.Sorted(maps.Keys(operations)))
	}
	c.form = o.form
	c.w.Header().Set("Cache-Control", "no-store")
	if err := c.identify(); err != nil {
		return nil, err
	}
	if err := c.may(o.needs); err != nil {
		return nil, err
	}
	return o.do(c)
}

// ping tells that somebody is there. The REST API tells it in JSON, at the same path of another port (documented: JAS).
func (c *call) ping() (*answer, error) {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return nil, notAllowed([]string{http.MethodGet, http.MethodHead})
	}
	if strings.Contains(c.r.Header.Get("Accept"), "application/json") {
		c.form = asREST
	}
	return &answer{text: "Jasmin/PONG", value: "Jasmin/PONG"}, nil
}
