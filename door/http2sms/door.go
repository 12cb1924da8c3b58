package http2sms

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"relais/auth"
	"relais/gateway"
	"relais/internal/origin"
	"relais/reason"
	"relais/sms"
)

// maxBody is the largest request body, in bytes: that of the native API.
const maxBody = 10 << 20

const unreadable = "The request cannot be read: it is malformed, or larger than 10 MiB"

// Path is the one path of this door.
const Path = "/cgi-bin/sms/http2sms.cgi"

// Errors that Login returns for a caller who may not send.
var (
	ErrLogin   = errors.New("account, login or password is wrong")
	ErrAddress = errors.New("the login may not be used from this address")
)

// Options make a Door.
type Options struct {
	Gateway Gateway
	// Login finds who calls; remote is an address, or host:port. The error is one of those
	// above, or an *auth.Error that says what the login may not.
	Login func(ctx context.Context, service, login, password, remote string) (Caller, error)
	// Endpoint is where the receipts of an account's messages go; zero: nowhere.
	Endpoint func(ctx context.Context, account string) (sms.ID, error)
	// Numbers gives messages the numbers that callers know them by.
	Numbers func(ctx context.Context, account string, ids []sms.ID) ([]int64, error)
	Credits func(ctx context.Context, account string) (float64, error)
	// Shadow tells which account a service belongs to, and the address of the
	// gateway that still answers; empty: this one does.
	Shadow func(ctx context.Context, service string) (account, base string)
	Log    *slog.Logger
	Now    func() time.Time
}

// Caller is who calls, and what the login may use.
type Caller struct {
	Account string
	Within  gateway.Within
}

// Gateway is what the door asks of the gateway.
type Gateway interface {
	Submit(
		ctx context.Context, s gateway.Submission, answer func(*gateway.Result) ([]byte, error),
	) (*gateway.Result, error)
}

// Door answers as http2sms does.
type Door struct{ Options }

// New makes the door.
func New(o Options) *Door { return &Door{o} }

// Name is the door's in metrics.
func (d *Door) Name() string { return "http2sms" }

// Owns reports whether a path is the door's; a slash at its end makes no difference.
func (d *Door) Owns(path string) bool { return strings.TrimSuffix(path, "/") == Path }

// Panicked answers for a failure of ours.
func (d *Door) Panicked(w http.ResponseWriter) {
	unavailable().status(http.StatusInternalServerError).write(w, plain)
}

// ServeHTTP implements http.Handler. A request is refused with the status 200
// and a code in its body, as CGI programs do; an HTTP error tells that nobody is
// served, or that the caller may not send.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST")
		failed(codeInvalid, "Send a GET or a POST request").status(http.StatusMethodNotAllowed).write(w,
			plain)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if wrong := noForm(r); wrong != "" {
		asked, known := kinds[r.URL.Query().Get("contentType")]
		if !known {
			asked = plain
		}
		failed(codeInvalid, wrong).status(http.StatusUnsupportedMediaType).write(w, asked)
		return
	}
	if err := parse(r); err != nil {
		failed(codeInvalid, unreadable).status(http.StatusBadRequest).write(w, plain)
		return
	}
	kind, known := kinds[r.Form.Get("contentType")]
	if !known {
		failed(codeInvalid, "Invalid contentType: text/plain, text/html, text/xml, application/xml, "+
			"text/json or application/json").write(w, plain)
		return
	}
	d.serve(r).write(w, kind)
}

// parse reads the parameters of the query and of either form of body. It asks for
// the plain form first: ParseMultipartForm loses that error when there are no
// parts, and parameters with it.
func parse(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	if err := r.ParseMultipartForm(maxBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return err
	}
	return nil
}

func (d *Door) serve(r *http.Request) *answer {
	q, refused := read(r.Form, d.Now())
	if refused != nil {
		return refused
	}
	caller, err := d.Login(r.Context(), q.service, q.login, q.password, origin.Client(r))
	if err != nil {
		return d.stranger(err)
	}
	account := caller.Account
	s := q.submission(account)
	s.Within = caller.Within
	if s.Endpoint, err = d.Endpoint(r.Context(), account); err != nil {
		return d.refused(err)
	}
	result, err := d.Gateway.Submit(r.Context(), s, nil)
	if err != nil {
		return d.refused(err)
	}
	return d.done(r.Context(), account, q, result)
}

// stranger refuses a caller, without telling which part was wrong.
func (d *Door) stranger(err error) *answer {
	switch {
	case errors.Is(err, ErrAddress):
		d.Log.Warn("an http2sms login was refused", "reason", "address")
		return failed(codeAddress, "This IP address is not allowed").status(http.StatusForbidden)
	case errors.Is(err, ErrLogin):
		d.Log.Warn("an http2sms login was refused", "reason", "login")
		return failed(codeInvalid, "Invalid account, login or password").status(http.StatusForbidden)
	case auth.HasCode(err, auth.CodeKeyExpired, auth.CodeKeyAddress, auth.CodeKeyRight):
		return d.beyond(auth.Said(err))
	default:
		d.Log.Error("cannot check an http2sms login", "error", err)
		return unavailable()
	}
}

// beyond refuses what the limits of a login forbid.
func (d *Door) beyond(why reason.Reason) *answer {
	d.Log.Warn("an http2sms login was refused", "reason", why.Code.Wire())
	if why.Is(auth.CodeKeyAddress) {
		return failed(codeAddress, "This IP address is not allowed. "+why.In(reason.English)).
			status(http.StatusForbidden)
	}
	return failed(codeInvalid, "Invalid login. "+why.In(reason.English)).status(http.StatusForbidden)
}

func unavailable() *answer {
	a := failed(codeInvalid, "The gateway cannot store messages at the moment. Try again later")
	a = a.status(http.StatusServiceUnavailable)
	a.retry = "5"
	return a
}

func (d *Door) refused(err error) *answer {
	e, ok := errors.AsType[*gateway.Error](err)
	switch {
	case ok && e.Kind == gateway.Overloaded:
		a := failed(codeInvalid, e.In(reason.English)).status(http.StatusTooManyRequests)
		a.retry = e.RetrySeconds()
		return a
	case ok && e.Is(gateway.CodeNoRecipient):
		return failed(codeInvalid, "Invalid receiver: "+e.Rejected[0].In(reason.English))
	case ok && e.Kind != gateway.Unavailable:
		return failed(codeInvalid, "Invalid parameter. "+e.In(reason.English))
	default:
		d.Log.Error("an http2sms request was put off", "error", err)
		return unavailable()
	}
}

// done tells of messages that are on disk: what else fails is logged.
func (d *Door) done(ctx context.Context, account string, q *request, result *gateway.Result) *answer {
	ctx = context.WithoutCancel(ctx)
	ids := make([]sms.ID, len(result.Messages))
	for i := range result.Messages {
		ids[i] = result.Messages[i].ID
	}
	a := &answer{code: codeDone, http: http.StatusOK}
	if len(result.Rejected)+q.refused > 0 {
		a.code = codeDonePart
	}
	numbers, err := d.Numbers(ctx, account, ids)
	if err != nil {
		d.Log.Error("messages were accepted, and their numbers cannot be given",
			"login", q.login, "error", err)
	}
	for _, n := range numbers {
		a.ids = append(a.ids, strconv.FormatInt(n, 10))
	}
	left, err := d.Credits(ctx, account)
	if err != nil {
		d.Log.Error("cannot read the credit", "login", q.login, "error", err)
	}
	a.credit = strconv.FormatFloat(left, 'f', -1, 64)
	return a
}
