package vonage

import (
	"context"
	"encoding/json"
	"log/slog"
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

// Paths of the API (documented: VON, NXD).
const (
	sendPath    = "/sms/json"
	xmlPath     = "/sms/xml"
	balancePath = "/account/get-balance"
)

// Reader is what the door reads.
type Reader interface {
	Credit(ctx context.Context, connector string, since time.Time) (credit.Record, error)
}

// Account is what a client knows as its Vonage account.
type Account struct {
	Name        string // of the section; the timeline shows it
	Key         string
	Secret      string
	Signing     string // the signature secret; empty: nothing is signed
	Method      string // of signatures
	Account     string // of the gateway
	AllowFrom   []netip.Prefix
	Connector   string
	Class       sms.Class
	Parts       bool // an entry of the answer for each part
	ReceiptsURL string
	RepliesURL  string
	HTTPMethod  string // of callbacks
	CreditOf    string // connector whose credit is the balance; empty: of none
}

// Options make a Door.
type Options struct {
	Gateway  *gateway.Gateway
	Reader   Reader
	Keys     door.Keys
	Used     func(key string) // notes that a key was used, by its id; nil: nobody wants to know
	Accounts []Account
	// Report registers the endpoint of a callback; CheckURL says what is wrong with its address.
	Report   door.Report
	CheckURL func(url string) error
	Log      *slog.Logger
	Now      func() time.Time
}

// Door answers Vonage's clients.
type Door struct {
	Options
	byKey     map[string]*Account
	byAccount map[string]*Account
}

// New makes a door.
func New(o Options) *Door {
	d := &Door{Options: o, byKey: map[string]*Account{}, byAccount: map[string]*Account{}}
	for i := range o.Accounts {
		a := &o.Accounts[i]
		d.byKey[a.Key], d.byAccount[a.Account] = a, a
	}
	return d
}

// Name is the door's in metrics.
func (d *Door) Name() string { return Format }

// Owns reports whether a path is the door's.
func (d *Door) Owns(path string) bool {
	return path == sendPath || path == xmlPath || path == balancePath
}

// Panicked answers for a failure of ours.
func (d *Door) Panicked(w http.ResponseWriter) { write(w, http.StatusOK, errInternal.answer()) }

// call is one request on its way.
type call struct {
	*Door
	r       *http.Request
	w       http.ResponseWriter
	fields  *fields
	account *Account
	caller  door.Caller
}

func (c *call) ctx() context.Context { return c.r.Context() }

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Door: d, r: r, w: w}
	if r.URL.Path == balancePath {
		c.balance() //nolint:contextcheck // the call holds its request, and with it the context
		return
	}
	if !c.may(w, http.MethodPost, http.MethodGet) {
		return
	}
	shown, err := c.send() //nolint:contextcheck // the call holds its request, and with it the context
	if err != nil {
		write(w, http.StatusOK, d.refusalFor(err).answer())
		return
	}
	write(w, http.StatusOK, shown)
}

// may refuses another method than some.
func (c *call) may(w http.ResponseWriter, methods ...string) bool {
	if slices.Contains(methods, c.r.Method) {
		return true
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	write(w, http.StatusMethodNotAllowed, refusalOf(statusInvalid, "the method is not allowed").answer())
	return false
}

// write sends an answer in JSON in which & and < stay as they are.
func write(w http.ResponseWriter, status int, shown any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.Encode(shown) //nolint:errcheck,errchkjson // texts and numbers; nobody listens any more
}

// balance tells what is left at the operator, where it tells (K: value and autoReload; an error has a code and a label).
func (c *call) balance() {
	if !c.may(c.w, http.MethodGet) {
		return
	}
	refuse := func(status int, label string) {
		write(c.w, status, map[string]string{"error-code": decimal(status), "error-code-label": label})
	}
	err := c.readFields()
	if err == nil {
		err = c.authenticate()
	}
	if err == nil {
		err = c.allowed(auth.KeyRead)
	}
	if err != nil {
		r := c.refusalFor(err)
		if r.status == statusInternal {
			refuse(http.StatusServiceUnavailable, r.text)
			return
		}
		refuse(http.StatusUnauthorized, r.text)
		return
	}
	record, err := c.Reader.Credit(c.ctx(), c.account.CreditOf, c.Now())
	switch {
	case err != nil:
		c.Log.Error("cannot read the credit", "door", Format, "error", err)
		refuse(http.StatusServiceUnavailable, errInternal.text)
	case c.account.CreditOf == "" || record.At.IsZero():
		refuse(http.StatusNotFound, "the operator of the account tells no credit")
	default:
		write(c.w, http.StatusOK, map[string]any{"value": record.Amount, "autoReload": false})
	}
}
