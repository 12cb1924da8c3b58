package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"relais/auth"
	"relais/gateway"
	"relais/sms"
	"relais/trace"
	"relais/webhook"
)

// maxBody is the largest request body, in bytes; bodyTimeout is how long it may
// take to arrive.
const (
	maxBody     = 10 << 20
	bodyTimeout = time.Minute
)

// Reader is what the API reads from the store.
type Reader interface {
	Message(ctx context.Context, account string, id sms.ID) (sms.Message, error)
	Timeline(ctx context.Context, account string, id sms.ID) ([]sms.Event, []gateway.Decision, error)
	Search(ctx context.Context, q gateway.Query) (found []sms.Message, more bool, err error)
	Inbounds(ctx context.Context, q gateway.InboundQuery) (found []gateway.Inbound, more bool, err error)
	OptOuts(ctx context.Context, q gateway.OptOutQuery) (found []gateway.OptOut, more bool, err error)
	OptOutProofs(ctx context.Context, account string, n sms.Number) ([]gateway.OptOut, []gateway.OptOutChange, error)
	Audit(ctx context.Context, q gateway.AuditQuery) (found []gateway.AuditEntry, more bool, err error)
	Ping(ctx context.Context) error
	gateway.UsageReader
}

// Options make a Handler.
type Options struct {
	Gateway  *gateway.Gateway
	Reader   Reader
	Keys     *auth.Keeper
	Metrics  http.Handler // answers /metrics
	Answers  *Metrics     // what is measured of answers; nil: nothing
	Webhooks *webhook.Manager
	Traces   *trace.Tracer // nil: off
	// CallbackSecret is the secret in the callback address of an instance; false
	// when there is none.
	CallbackSecret func(instance string) (string, bool)
	Home           Home // what the page at / tells
	Version        string
	Log            *slog.Logger
}

// Handler answers the native API.
type Handler struct {
	Options
	mux      *http.ServeMux
	api      huma.API
	routes   http.Handler
	stopping chan struct{}
	stopOnce sync.Once
	// operations are the described ones, by the pattern under which they are
	// registered; a HEAD has that of its GET.
	operations map[string]*huma.Operation
}

// New makes the handler with every route of the native API.
func New(o Options) *Handler {
	h := &Handler{Options: o, mux: http.NewServeMux(), stopping: make(chan struct{})}
	describeErrors()
	h.api = humago.New(h.mux, description(o.Version))
	h.registerMessages()
	h.registerBatches()
	h.registerConnectors()
	h.registerInbound()
	h.registerOptOuts()
	h.registerPeople()
	h.registerUsage()
	h.registerWebhooks()
	h.registerCallbacks()
	h.registerHealth()
	h.registerDocs()
	h.registerHome()
	h.tidyDescription()
	h.mux.HandleFunc("/", h.unknownRoute)
	h.operations = operationsOf(h.api.OpenAPI())
	h.routes = OneSlash(h.Guard(doorOf, h.withoutSlash(h.authenticated(h.mux)), func(w http.ResponseWriter) { internalError().write(w) }))
	return h
}

func operationsOf(spec *huma.OpenAPI) map[string]*huma.Operation {
	all := map[string]*huma.Operation{}
	for path, item := range spec.Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodDelete: item.Delete,
		} {
			if op != nil {
				all[method+" "+path] = op
			}
		}
	}
	return all
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.routes.ServeHTTP(w, r)
}

func description(version string) huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Relais", Version: version,
				Description: "One API in front of every SMS operator. A 2xx means that the request is on disk. " +
					"Errors are problem documents (RFC 9457) with a stable code. Times are RFC 3339, ids are UUIDv7, " +
					"numbers in answers are E.164.",
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"key": {Type: "http", Scheme: "bearer", Description: "An API key, made by `relais keys create`."},
				},
			},
			Security: []map[string][]string{{"key": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
}

// describeErrors makes the API library speak in problem documents, and describe lists
// as they are. The library keeps this in variables of its own, the same for every handler.
var describeErrors = sync.OnceFunc(func() {
	huma.DefaultArrayNullable = false // a list without elements is [], never null
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return libraryProblem(status, message, errs)
	}
	huma.NewErrorWithContext = func(_ huma.Context, status int, message string, errs ...error) huma.StatusError {
		return libraryProblem(status, message, errs)
	}
})

// tidyDescription takes out of the description what the library puts there and
// generators stumble over: the schema without a name of answers that say nothing, and
// Content-Type among the headers of an answer (OpenAPI 3.1.0, "Response Object").
func (h *Handler) tidyDescription() {
	doc := h.api.OpenAPI()
	delete(doc.Components.Schemas.Map(), "")
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Delete} {
			if op == nil {
				continue
			}
			for _, answer := range op.Responses {
				delete(answer.Headers, "Content-Type")
			}
		}
	}
}

func libraryProblem(status int, message string, errs []error) *Problem {
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return bodyTooLarge()
	case status == http.StatusRequestTimeout:
		return problem(status, "body_timeout", "The body did not arrive within "+bodyTimeout.String()+".")
	case message == "request body is required": // the library's word
		return bodyEmpty()
	case message == "cannot read request body": // the same, for a caller that broke off
		return problem(http.StatusBadRequest, "body_cut", "The body ended before its announced length, or its chunks are malformed.")
	case status >= http.StatusInternalServerError:
		return internalError()
	}
	p := problem(status, "invalid_parameter", message)
	for _, err := range errs {
		if e, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			p = p.at(Fault{Field: strings.TrimPrefix(e.Location, "query."), Detail: plainer(e.Message)})
		}
	}
	if len(p.Errors) > 0 {
		p.Detail = p.Errors[0].Field + ": " + p.Errors[0].Detail
	}
	return p
}

// plainer replaces the sentences of the API library that speak of Go, or of no cure.
func plainer(detail string) string {
	switch {
	case strings.HasPrefix(detail, "invalid date/time"):
		return `The date must be RFC 3339 with a zone, like "2026-03-01T09:30:00Z"; in a URL a + is written %2B.`
	case detail == "invalid integer":
		return "a whole number is wanted, in digits"
	}
	return detail
}

func internalError() *Problem {
	return problem(http.StatusInternalServerError, "internal_error", "The gateway failed to answer; its log says why.")
}

type callerKey struct{}

func callerOf(ctx context.Context) auth.Key {
	key, _ := ctx.Value(callerKey{}).(auth.Key)
	return key
}

// authenticated lets only requests with a good key reach /v1/.
func (h *Handler) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v1/") {
			next.ServeHTTP(w, r)
			return
		}
		key, err := h.recognise(r)
		if err != nil {
			h.refuseCaller(w, r, err)
			return
		}
		if p := h.inadmissible(w, r); p != nil {
			drain(w, r)
			p.write(w)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, key)))
	})
}

var errNoKey = errors.New("no key")

func (h *Handler) recognise(r *http.Request) (auth.Key, error) {
	text := auth.Bearer(r.Header.Get("Authorization"))
	if text == "" {
		return auth.Key{}, errNoKey
	}
	return h.Keys.Recognise(r.Context(), text)
}

// authorization is the header at fault when a key is.
var authorization = Fault{Field: "Authorization"}

func (h *Handler) refuseCaller(w http.ResponseWriter, r *http.Request, err error) {
	p := problem(http.StatusServiceUnavailable, "storage_unavailable", "The database does not answer, so the API key cannot be checked. Try again later.")
	p.retryAfter = "5"
	switch {
	case errors.Is(err, errNoKey):
		p = keyMissing(r)
	case errors.Is(err, auth.ErrUnknown):
		p = keyUnknown(r)
	case errors.Is(err, auth.ErrRevoked):
		p = problem(http.StatusUnauthorized, "key_revoked", "The key was revoked. `relais keys create` makes a new one.").at(authorization)
	default:
		h.Log.Error("cannot check an API key", "error", err)
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="relais"`)
	}
	drain(w, r)
	p.write(w)
}

// unknownRoute answers what no route took: 405 when another method would do.
func (h *Handler) unknownRoute(w http.ResponseWriter, r *http.Request) {
	if allowed := h.methods(r, func(pattern string) bool { return pattern != "/" }); len(allowed) > 0 {
		wrongMethod(w, allowed).write(w)
		return
	}
	detail := "There is no such route. /docs lists them."
	if near := h.nearRoute(r.URL.Path); near != "" {
		detail = "There is no such route. Did you mean " + near + "? /docs lists them all."
	}
	problem(http.StatusNotFound, "route_unknown", detail).write(w)
}

func wrongMethod(w http.ResponseWriter, allowed []string) *Problem {
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return problem(http.StatusMethodNotAllowed, "method_wrong", "This route takes "+strings.Join(allowed, " or ")+".")
}

// methods are those by which the path of a request leads to a pattern that is good.
func (h *Handler) methods(r *http.Request, good func(pattern string) bool) (allowed []string) {
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
		if _, pattern := h.mux.Handler(other); good(pattern) {
			allowed = append(allowed, method)
		}
	}
	if slices.Contains(allowed, http.MethodGet) {
		allowed = slices.Insert(allowed, 1, http.MethodHead)
	}
	return allowed
}

// fail turns any error of a handler into a problem document.
func (h *Handler) fail(err error, body []byte) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if e, ok := errors.AsType[*gateway.Error](err); ok {
		if e.Kind == gateway.Unavailable {
			h.Log.Error("a request was put off", "code", e.Code, "error", e.Err)
		}
		return problemOf(e, body)
	}
	h.Log.Error("a request failed", "error", err)
	return internalError()
}

// unread turns an error of the reader into a problem document.
func (h *Handler) unread(err error) *Problem {
	if errors.Is(err, gateway.ErrNotFound) {
		return problem(http.StatusNotFound, "message_unknown", "The account has no message with that id.")
	}
	h.Log.Error("cannot read messages", "error", err)
	p := problem(http.StatusServiceUnavailable, "storage_unavailable", "The database does not answer. Try again later.")
	p.retryAfter = "5"
	return p
}
