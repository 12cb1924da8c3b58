package smsgate

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"relais/auth"
	"relais/door"
	"relais/gateway"
	"relais/search"
	"relais/sms"
	"relais/webhook"
)

// Bases are where clients call: the second one is that of older ones (documented: SGS).
const (
	base    = "/3rdparty/v1"
	oldBase = "/api" + base
)

// Reader is what the door reads.
type Reader interface {
	Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error)
	Endpoint(ctx context.Context, account string, id sms.ID) (webhook.Endpoint, error)
	Endpoints(ctx context.Context, account string) ([]webhook.Endpoint, error)
}

// Webhooks registers endpoints (webhook.Manager).
type Webhooks interface {
	Subscribe(ctx context.Context, account, url, format string, events []webhook.Type, key string) (webhook.Created, error)
	Change(ctx context.Context, account string, id sms.ID, c webhook.Change) (webhook.Endpoint, error)
	Remove(ctx context.Context, account string, id sms.ID) error
}

// User is who may send.
type User struct {
	Password    string
	Account     string
	AllowFrom   []netip.Prefix // empty: from everywhere
	Sender      sms.Sender
	Connector   string
	Class       sms.Class
	UrgentClass sms.Class // of priority 100 and more; empty: Class
	SigningKey  string    // of the calls to webhooks; empty: they are not signed
}

// Options make a Door.
type Options struct {
	Gateway  *gateway.Gateway
	Reader   Reader
	Webhooks Webhooks
	Users    map[string]User // by login
	Keys     door.Keys       // that stand for users
	Used     func(key string)
	Derive   func(label string) string // a keyed digest, always the same: it signs tokens
	Log      *slog.Logger
	Now      func() time.Time
}

// Door answers SMSGate's clients.
type Door struct{ Options }

// New makes a door.
func New(o Options) *Door { return &Door{o} }

// Name is the door's in metrics.
func (d *Door) Name() string { return Format }

// Owns reports whether a path is the door's.
func (d *Door) Owns(path string) bool {
	_, is := below(path)
	return is
}

// below is what a path has behind the base.
func below(path string) (rest string, is bool) {
	for _, b := range []string{base, oldBase} {
		if rest, found := strings.CutPrefix(path, b); found && (rest == "" || rest[0] == '/') {
			return strings.TrimPrefix(rest, "/"), true
		}
	}
	return "", false
}

// Panicked answers for a failure of ours.
func (d *Door) Panicked(w http.ResponseWriter) { errInternal.write(w) }

// call is one request on its way.
type call struct {
	*Door
	r      *http.Request
	w      http.ResponseWriter
	value  string // of the path, behind what names the operation
	name   string // of the caller
	user   User
	caller door.Caller // its key is zero for a user of the configuration
	scopes []string    // of a token; nil: all
	ends   time.Time   // of a token for which somebody said so; zero: none
}

func (c *call) ctx() context.Context { return c.r.Context() }

// operation is what a method does at a path.
type operation struct {
	method string
	path   string // * stands for one segment
	needs  auth.KeyRight
	scope  string // of a token (documented: SGS); empty: any
	do     func(*call) (status int, shown any, err error)
}

// operations are all of them (documented: SGS, internal/sms-gateway/handlers).
func operations() []operation {
	return []operation{
		{http.MethodPost, "messages", auth.KeySend, "messages:send", (*call).send},
		{http.MethodPost, "message", auth.KeySend, "messages:send", (*call).send},
		{http.MethodGet, "messages", auth.KeyRead, "messages:list", (*call).list},
		{http.MethodGet, "messages/*", auth.KeyRead, "messages:read", (*call).fetch},
		{http.MethodGet, "message/*", auth.KeyRead, "messages:read", (*call).fetch},
		{http.MethodDelete, "messages/*", auth.KeySend, "messages:cancel", (*call).cancel},
		{http.MethodGet, "webhooks", auth.KeyManage, "webhooks:list", (*call).webhooks},
		{http.MethodPost, "webhooks", auth.KeyManage, "webhooks:write", (*call).register},
		{http.MethodDelete, "webhooks/*", auth.KeyManage, "webhooks:delete", (*call).unregister},
		{http.MethodGet, "devices", "", "devices:list", (*call).devices},
		{http.MethodGet, "device", "", "devices:list", (*call).devices},
		{http.MethodGet, "logs", "", "logs:read", (*call).nothing},
		{http.MethodPost, "auth/token", "", "tokens:manage", (*call).token},
		{http.MethodPost, "auth/token/refresh", "", refreshScope, (*call).refresh},
		{http.MethodDelete, "auth/token/*", "", "tokens:manage", (*call).notBuilt},
		{http.MethodDelete, "devices/*", "", "devices:delete", (*call).notBuilt},
		{http.MethodGet, "settings", "", "settings:read", (*call).notBuilt},
		{http.MethodPut, "settings", "", "settings:write", (*call).notBuilt},
		{http.MethodPatch, "settings", "", "settings:write", (*call).notBuilt},
		{http.MethodGet, "inbox", "", "inbox:list", (*call).notBuilt},
		{http.MethodPost, "inbox/export", "", "messages:export", (*call).notBuilt},
		{http.MethodPost, "inbox/refresh", "", "inbox:refresh", (*call).notBuilt},
		{http.MethodPost, "messages/inbox/export", "", "messages:export", (*call).notBuilt},
	}
}

// match reads the value of a path.
func (o *operation) match(path string) (value string, ok bool) {
	if prefix, wild := strings.CutSuffix(o.path, "*"); wild {
		value, found := strings.CutPrefix(path, prefix)
		return value, found && value != "" && !strings.Contains(value, "/")
	}
	return "", o.path == path
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Door: d, r: r, w: w}
	status, shown, err := c.answer() //nolint:contextcheck // the call holds its request, and with it the context
	if err != nil {
		d.refusalOf(err).write(w)
		return
	}
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	body, err := json.Marshal(shown)
	if err != nil {
		d.refusalOf(err).write(w)
		return
	}
	write(w, status, body)
}

// answer looks first at who calls, so that a stranger learns nothing of what there is, but for the health.
func (c *call) answer() (status int, shown any, err error) {
	path, _ := below(c.r.URL.Path)
	method := c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if path == "health" && method == http.MethodGet {
		return c.health()
	}
	if err := c.authenticate(); err != nil {
		return 0, nil, err
	}
	var allowed []string
	for _, o := range operations() {
		value, fits := o.match(path)
		switch {
		case !fits:
		case o.method != method:
			allowed = append(allowed, o.method)
		default:
			c.value = value
			if err := c.may(o.needs, o.scope); err != nil {
				return 0, nil, err
			}
			return o.do(c)
		}
	}
	if len(allowed) == 0 {
		return 0, nil, refused(http.StatusNotFound, "Cannot "+c.r.Method+" this path: Relais does not have it")
	}
	c.w.Header().Set("Allow", strings.Join(allowed, ", "))
	return 0, nil, refused(http.StatusMethodNotAllowed, "Method Not Allowed")
}

// health tells that somebody is there (documented: SGN, HealthResponse).
func (c *call) health() (int, any, error) {
	return http.StatusOK, map[string]any{"status": "pass", "version": "relais", "releaseId": 1, "checks": map[string]any{}}, nil
}

// device is what stands for the telephone: there is one.
func (c *call) device() string {
	const length = 21 // documented: SGC
	sum := sha256.Sum256([]byte("smsgate device " + c.user.Account))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:length]
}

func (c *call) devices() (int, any, error) {
	now := moment(c.Now())
	return http.StatusOK, []map[string]any{{
		"id": c.device(), "name": "Relais", "createdAt": "2026-01-01T00:00:00Z", "updatedAt": now, "lastSeen": now, "deletedAt": nil,
	}}, nil
}

// nothing is the list of what is not kept.
func (c *call) nothing() (int, any, error) { return http.StatusOK, []any{}, nil }

func (c *call) notBuilt() (int, any, error) {
	return 0, nil, refused(http.StatusNotImplemented, "There is no telephone here: Relais does not have this")
}

func moment(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
