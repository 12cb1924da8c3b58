package kannel

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"relais/auth"
	"relais/gateway"
	"relais/internal/origin"
	"relais/reason"
	"relais/sms"
	"relais/webhook"
)

// Path is where clients call (gw/smsbox.c: default of sendsms-url).
const Path = "/cgi-bin/sendsms"

// maxBody is the largest body that is read, in bytes.
const maxBody = 10 << 20

// Options make a Door.
type Options struct {
	Gateway Gateway
	Users   map[string]User // by username
	// Report registers the endpoint that gets a message's delivery reports: the
	// host of its dlr-url, with the format named Format.
	Report func(ctx context.Context, account, url, format string) (sms.ID, error)
	Keys   Keys             // that stand for users
	Used   func(key string) // notes that a key was used, by its id; nil: nobody wants to know
	Log    *slog.Logger
	Now    func() time.Time
}

// Gateway is what the door asks of the gateway.
type Gateway interface {
	Submit(
		ctx context.Context, s gateway.Submission, answer func(*gateway.Result) ([]byte, error),
	) (*gateway.Result, error)
}

// User is who may send.
type User struct {
	Password       string
	Account        string
	AllowFrom      []netip.Prefix // empty: from everywhere
	Sender         sms.Sender     // of messages without from
	Connector      string         // of messages without smsc
	ForceConnector bool           // smsc counts for nothing
	Class          sms.Class
	UrgentClass    sms.Class // of priority 3; empty: Class
	National       bool      // bare digits are national numbers
	Key            string    // id of the API key that came instead; empty: none
	Within         gateway.Within
	Shadow         string // the gateway that still answers; empty: this one does
}

// Door answers Kannel's clients.
type Door struct {
	Options
}

// New makes a door.
func New(o Options) *Door { return &Door{o} }

// Name is the door's in metrics.
func (d *Door) Name() string { return "kannel" }

// Owns reports whether a path is the door's; a slash at its end makes no difference.
func (d *Door) Owns(path string) bool { return strings.TrimSuffix(path, "/") == Path }

// Panicked answers for a failure of ours.
func (d *Door) Panicked(w http.ResponseWriter) { tryLater.write(w) }

// ServeHTTP implements http.Handler.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, refused := read(w, r)
	if refused != nil {
		refused.write(w)
		return
	}
	user, refused := d.caller(r, p)
	if refused != nil {
		refused.write(w)
		return
	}
	ctx := r.Context()
	if user.Key != "" {
		ctx = auth.WithBy(ctx, auth.By{Actor: sms.DoorActor("kannel", p.username), Address: origin.Client(r), Via: user.Key})
	}
	d.send(ctx, user, p).write(w)
}

// caller is who calls, by a key or by name and password.
func (d *Door) caller(r *http.Request, p *params) (user User, refused *answer) {
	if secrets := r.Header.Values(keyHeader); len(secrets) > 0 && d.Keys != nil {
		return d.byKey(r, p, strings.Join(secrets, " ")) // two are none
	}
	user, ok := d.authorized(p, r.RemoteAddr)
	if !ok {
		return user, &forbidden
	}
	return user, nil
}

// send submits one request and returns the answer to it.
func (d *Door) send(ctx context.Context, user User, p *params) answer {
	s, wanted, refused := d.submission(user, p)
	if refused != nil {
		return *refused
	}
	if wanted.url != "" {
		s.Report = func(ctx context.Context) (sms.ID, error) {
			return d.Report(ctx, user.Account, wanted.host, Format)
		}
	}
	result, err := d.Gateway.Submit(ctx, s, nil)
	if err != nil {
		return d.notSubmitted(err)
	}
	if p.json {
		return acceptedJSON(result)
	}
	return accepted(result)
}

// notSubmitted answers for what the gateway did not take.
func (d *Door) notSubmitted(err error) answer {
	if e, ok := errors.AsType[*webhook.Error](err); ok { // the dlr-url may not be called
		return badRequest("DLR-URL field misformed, rejected: " + e.Reason.In(reason.English))
	}
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok {
		d.Log.Error("a request failed", "door", "kannel", "error", err)
		return tryLater
	}
	if e.Kind == gateway.Unavailable {
		d.Log.Error("a request was put off", "door", "kannel", "code", e.Code.Wire(), "error", e.Err)
	}
	return refusal(e)
}
