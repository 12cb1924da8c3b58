package twilio

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"relais/auth"
	"relais/credit"
	"relais/door"
	"relais/gateway"
	"relais/inbox"
	"relais/person"
	"relais/search"
	"relais/sms"
)

// prefix is the version of the API, with which every path begins (documented: TWO).
const prefix = "/2010-04-01"

// Reader is what the door reads of messages, and takes out of them.
type Reader interface {
	Message(ctx context.Context, account string, id sms.ID) (sms.Message, error)
	Search(ctx context.Context, q search.Query) (found []sms.Message, more bool, err error)
	Inbounds(ctx context.Context, q inbox.InboundQuery) (found []inbox.Inbound, more bool, err error)
	Credit(ctx context.Context, connector string, since time.Time) (credit.Record, error)
	Purge(ctx context.Context, p person.Purge) (person.Purged, error)
}

// Account is what a client knows as its Twilio account.
type Account struct {
	Name       string // of the section; the timeline shows it
	Sid        string
	Token      string
	Account    string         // of the gateway
	AllowFrom  []netip.Prefix // of the token; empty: from everywhere
	Connector  string
	Class      sms.Class
	RepliesURL string
	CreditOf   string             // connector whose credit is the balance; empty: of none
	Services   map[string]Service // by sid
}

// Service is a messaging service: what its messages have in common.
type Service struct {
	Sender    sms.Sender
	Connector string
	Class     sms.Class
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

// Door answers Twilio's clients.
type Door struct {
	Options
	bySid     map[string]*Account
	byAccount map[string]*Account
}

// New makes a door.
func New(o Options) *Door {
	d := &Door{Options: o, bySid: map[string]*Account{}, byAccount: map[string]*Account{}}
	for i := range o.Accounts {
		a := &o.Accounts[i]
		d.bySid[a.Sid], d.byAccount[a.Account] = a, a
	}
	return d
}

// Name is the door's in metrics.
func (d *Door) Name() string { return Format }

// Owns reports whether a path is the door's.
func (d *Door) Owns(path string) bool {
	rest, found := strings.CutPrefix(path, prefix)
	return found && (rest == "" || rest[0] == '/')
}

// Panicked answers for a failure of ours.
func (d *Door) Panicked(w http.ResponseWriter) { errInternal.write(w) }

// call is one request on its way.
type call struct {
	*Door
	r       *http.Request
	w       http.ResponseWriter
	place   place
	account *Account
	caller  door.Caller
}

func (c *call) ctx() context.Context { return c.r.Context() }

// place is what a path names.
type place struct {
	account string // sid
	what    string
	id      string // sid of a message
}

// What a path may name.
const (
	ofAccount  = "account"
	ofBalance  = "balance"
	ofMessages = "messages"
	ofMessage  = "message"
	ofMedia    = "media"
)

// placeOf reads a path. What it does not know is empty.
func placeOf(path string) place {
	segments := strings.Split(strings.TrimPrefix(path, prefix+"/"), "/")
	if segments[0] != "Accounts" {
		return place{}
	}
	switch p := segments[1:]; {
	case len(p) == 1:
		sid, found := strings.CutSuffix(p[0], ".json")
		return place{account: sid, what: given(found, ofAccount)}
	case len(p) == 2 && p[1] == "Messages.json":
		return place{account: p[0], what: ofMessages}
	case len(p) == 2 && p[1] == "Balance.json":
		return place{account: p[0], what: ofBalance}
	case len(p) == 3 && p[1] == "Messages":
		sid, found := strings.CutSuffix(p[2], ".json")
		return place{p[0], given(found, ofMessage), sid}
	case len(p) == 4 && p[1] == "Messages" && p[3] == "Media.json":
		return place{p[0], ofMedia, p[2]}
	case len(p) > 1:
		return place{account: p[0]}
	}
	return place{}
}

func given(is bool, what string) string {
	if !is {
		return ""
	}
	return what
}

// operation is what a method does at a place.
type operation struct {
	needs auth.KeyRight
	do    func(*call) (*answer, error)
}

// operationsOf are those of a place, by method.
func operationsOf(what string) map[string]operation {
	switch what {
	case ofAccount:
		return map[string]operation{http.MethodGet: {"", (*call).showAccount}}
	case ofBalance:
		return map[string]operation{http.MethodGet: {auth.KeyRead, (*call).showBalance}}
	case ofMessages:
		return map[string]operation{
			http.MethodGet: {auth.KeyRead, (*call).list}, http.MethodPost: {auth.KeySend, (*call).create},
		}
	case ofMessage:
		return map[string]operation{
			http.MethodGet: {auth.KeyRead, (*call).fetch}, http.MethodPost: {auth.KeySend, (*call).change},
			http.MethodDelete: {auth.KeyManage, (*call).remove},
		}
	case ofMedia:
		return map[string]operation{http.MethodGet: {auth.KeyRead, (*call).media}}
	default:
		return nil
	}
}

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Door: d, r: r, w: w, place: placeOf(r.URL.Path)}
	a, err := c.answer() //nolint:contextcheck // the call holds its request, and with it the context
	if err != nil {
		d.refuse(w, err)
		return
	}
	a.write(w)
}

// answer looks first at who calls, so that a stranger learns nothing of what there is.
func (c *call) answer() (*answer, error) {
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	operations := operationsOf(c.place.what)
	if operations == nil {
		return nil, refusalOf(http.StatusNotFound, codeNotFound, "The path is none of those that Relais has: it "+
			"ends in Messages.json, Messages/{sid}.json, Balance.json or Accounts/{sid}.json")
	}
	method := c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	o, known := operations[method]
	if !known {
		return nil, notAllowed(operations)
	}
	if err := c.may(o.needs); err != nil {
		return nil, err
	}
	return o.do(c)
}
