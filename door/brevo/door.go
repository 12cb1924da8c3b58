package brevo

import (
	"bytes"
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
	"relais/door/ovh"
	"relais/gateway"
	"relais/inbox"
	"relais/internal/origin"
	"relais/reason"
	"relais/search"
	"relais/sms"
)

// Reader is what the door reads.
type Reader interface {
	Message(ctx context.Context, account string, id sms.ID) (sms.Message, error)
	Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error)
	Inbounds(ctx context.Context, q inbox.InboundQuery) (found []inbox.Inbound, more bool, err error)
	Credit(ctx context.Context, connector string, since time.Time) (credit.Record, error)
	// OVHNumbers gives messages the numbers that clients know them by.
	OVHNumbers(ctx context.Context, account string, ids []sms.ID) ([]ovh.Numbered, error)
}

// Account is what a client knows as its Brevo account.
type Account struct {
	Name          string // of the section; the timeline shows it
	Key           string
	Account       string // of the gateway
	AllowFrom     []netip.Prefix
	Connector     string
	EventsURL     string // for messages without an address of their own, and for replies
	EventsToken   string
	RepeatsWithin time.Duration // 0: nothing counts as a repeat
	CreditOf      string        // connector whose credit is told; empty: of none
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
	Zone     *time.Location // of the dates in callbacks
	Log      *slog.Logger
	Now      func() time.Time
}

// Door answers Brevo's clients.
type Door struct {
	Options
	byAccount map[string]*Account
}

// New makes a door.
func New(o Options) *Door {
	d := &Door{Options: o, byAccount: map[string]*Account{}}
	for i := range o.Accounts {
		d.byAccount[o.Accounts[i].Account] = &o.Accounts[i]
	}
	return d
}

// Name is the door's in metrics.
func (d *Door) Name() string { return Format }

const (
	prefix      = "/v3/transactionalSMS"
	accountPath = "/v3/account"
)

// Owns reports whether a path is the door's.
func (d *Door) Owns(path string) bool {
	rest, found := strings.CutPrefix(path, prefix)
	return found && (rest == "" || rest[0] == '/') || path == accountPath
}

// Panicked answers for a failure of ours.
func (d *Door) Panicked(w http.ResponseWriter) { errInternal.write(w) }

// call is one request on its way.
type call struct {
	*Door
	r       *http.Request
	w       http.ResponseWriter
	account *Account
	caller  door.Caller
}

func (c *call) ctx() context.Context { return c.r.Context() }

// operation is what a path is for (documented: BRV, BRN).
type operation struct {
	method string
	needs  auth.KeyRight
	do     func(*call) (status int, shown any, err error)
}

var operations = map[string]operation{
	prefix + "/sms":                         {http.MethodPost, auth.KeySend, (*call).send},
	prefix + "/send":                        {http.MethodPost, auth.KeySend, (*call).sendAsync},
	prefix + "/statistics/events":           {http.MethodGet, auth.KeyRead, (*call).events},
	prefix + "/statistics/aggregatedReport": {http.MethodGet, auth.KeyRead, (*call).aggregated},
	prefix + "/statistics/reports":          {http.MethodGet, auth.KeyRead, (*call).reports},
	accountPath:                             {http.MethodGet, "", (*call).showAccount},
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Door: d, r: r, w: w}
	status, shown, err := c.answer() //nolint:contextcheck // the call holds its request, and with it the context
	if err != nil {
		d.refusalFor(err).write(w)
		return
	}
	write(w, status, shown)
}

// answer looks first at who calls, so that a stranger learns nothing of what there is.
func (c *call) answer() (status int, shown any, err error) {
	if err := c.authenticate(); err != nil {
		return 0, nil, err
	}
	o, known := operations[c.r.URL.Path]
	if !known {
		return 0, nil, refusalOf(http.StatusNotFound, "document_not_found", "The path is none of those that Relais has")
	}
	if c.r.Method != o.method {
		c.w.Header().Set("Allow", o.method)
		return 0, nil, refusalOf(http.StatusMethodNotAllowed, "method_not_allowed", "The method is not allowed")
	}
	if why := c.caller.Refuses(o.needs, origin.Client(c.r), c.Now()); !why.IsZero() {
		return 0, nil, refusalOf(http.StatusForbidden, "permission_denied", why.In(reason.English))
	}
	return o.do(c)
}

// authenticate finds who calls by the header api-key (documented: BRV): the key of a section, or an API key of its account.
func (c *call) authenticate() error {
	given := c.r.Header["Api-Key"]
	if len(given) != 1 || given[0] == "" {
		return c.unknown("no api-key")
	}
	var account *Account
	for i := range c.Accounts { // all of them, so that each answer takes as long
		if door.SameSecret(given[0], c.Accounts[i].Key) {
			account = &c.Accounts[i]
		}
	}
	if account != nil {
		if !door.Allows(account.AllowFrom, origin.Client(c.r)) {
			return c.unknown("the key may not come from that address")
		}
		c.account, c.caller = account, door.Caller{Actor: sms.DoorActor(Format, account.Name)}
	} else if err := c.byKey(given[0]); err != nil {
		return err
	}
	c.r = c.r.WithContext(auth.WithBy(c.ctx(), c.caller.By(origin.Client(c.r))))
	return nil
}

func (c *call) byKey(text string) error {
	caller, why, err := door.KeyCaller(c.ctx(), c.Keys, Format, text, c.Now())
	switch {
	case err != nil:
		return err
	case why != "":
		return c.unknown(why)
	}
	if c.account = c.byAccount[caller.Key.Account]; c.account == nil {
		return c.unknown("the account of the API key has no section")
	}
	c.caller = caller
	if c.Used != nil {
		c.Used(caller.Key.ID)
	}
	return nil
}

// unknown refuses who did not prove to be anybody. Why stands in the log, without what was sent.
func (c *call) unknown(why string) error {
	c.Log.Warn("a request was refused", "door", Format, "reason", why)
	return errUnknown
}

// credit is what is left at the operator; nil: nobody knows.
func (c *call) credit() *float64 {
	if c.account.CreditOf == "" {
		return nil
	}
	record, err := c.Reader.Credit(context.WithoutCancel(c.ctx()), c.account.CreditOf, c.Now())
	if err != nil { // the message was taken
		c.Log.Error("cannot read the credit", "door", Format, "error", err)
		return nil
	}
	if record.At.IsZero() {
		return nil
	}
	return &record.Amount
}

// showAccount tells clients that their key works (K).
func (c *call) showAccount() (int, any, error) {
	plan := map[string]any{"type": "sms", "creditsType": "sendLimit", "credits": 0}
	if left := c.credit(); left != nil {
		plan["credits"] = *left
	}
	return http.StatusOK, map[string]any{
		"email": "", "firstName": "", "lastName": "", "companyName": c.account.Name, "plan": []any{plan},
		"address": map[string]string{"street": "", "city": "", "zipCode": "", "country": ""},
		"relay":   map[string]any{"enabled": false, "data": map[string]any{"userName": "", "relay": "", "port": 0}},
	}, nil
}

// write sends an answer in JSON in which & and < stay as they are.
func write(w http.ResponseWriter, status int, shown any) {
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false)
	if err := e.Encode(shown); err != nil { // texts and numbers
		panic(err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(slices.Clip(body.Bytes())) //nolint:errcheck // nobody listens any more
}
