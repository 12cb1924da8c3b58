package api

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"relais/auth"
	"relais/campaign/engine"
	"relais/contact"
	"relais/gateway"
	"relais/template"
	"relais/trace"
	"relais/usage"
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
	messageReader
	timelineReader
	replyReader
	noteReader
	rowReader
	entryReader
	partReader
	optOutReader
	auditReader
	feedReader
	pinger
	usage.Reader
}

// Options make a Handler.
type Options struct {
	Gateway   *gateway.Gateway
	Reader    Reader
	Keys      *auth.Keeper
	Metrics   http.Handler // answers /metrics
	Answers   *Metrics     // what is measured of answers; nil: nothing
	Webhooks  *webhook.Manager
	Tester    *webhook.Tester
	Templates *template.Book     // nil: there are none
	Lists     *contact.Book      // likewise
	Contacts  *contact.Directory // likewise
	Campaigns *engine.Desk       // nil: there are none
	Months    usage.Calendar
	Traces    *trace.Tracer // nil: off
	// CallbackSecret is the secret in the callback address of an instance; false
	// when there is none.
	CallbackSecret func(instance string) (string, bool)
	Configuration  effectReader
	SearchTime     time.Duration // after which a search is given up; 0: 10 s
	Home           Home          // what the page at / shows
	Version        string
	Log            *slog.Logger
}

// Handler answers the native API.
type Handler struct {
	guard
	*health

	persons   *people
	described *huma.OpenAPI
	routes    http.Handler
}

// New makes the handler with every route of the native API.
func New(o Options) *Handler {
	describeErrors()
	mux := http.NewServeMux()
	r := &router{api: humago.New(mux, description(o.Version)), mux: mux}
	h := &Handler{
		guard: guard{log: o.Log, answers: o.Answers, traces: o.Traces}, described: r.api.OpenAPI(),
		persons: personsOf(o),
		health: &health{
			reader: o.Reader, gateway: o.Gateway, metrics: o.Metrics, log: o.Log,
			stopping: make(chan struct{}),
		},
	}
	pages := []resource{h.health, &home{failures{o.Log}, o.Home, o.Version, h.health}}
	for _, resource := range append(resources(o), pages...) {
		resource.register(r)
	}
	r.tidyDescription()
	r.describeRights()
	t := &routes{mux: mux, operations: r.operations(), paths: r.paths()}
	mux.HandleFunc("/", t.unknown)
	c := &callers{keys: o.Keys, route: t.route, needs: t.needs, inadmissible: t.inadmissible, log: o.Log}
	inner := t.withoutSlash(c.only(mux))
	h.routes = OneSlash(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.Guard(doorOf, inner, func(w http.ResponseWriter) { internalError().write(w, r) }).ServeHTTP(w, r)
	}))
	return h
}

// resource is a part of the API that has routes of its own. Each of them has a line in
// rights.go.
type resource interface{ register(r *router) }

// resources are the parts of the API, each with what it uses.
func resources(o Options) []resource {
	f, g := failures{o.Log}, o.Gateway
	in := &intake{f, o.Webhooks, o.Webhooks.Policy}
	persons, places, inTime := personsOf(o), make(exports, mostExports), readInTime(o)
	persons.places = places
	t, list := persons.timelines, persons.optOuts
	texts := cmp.Or(o.Templates, &template.Book{})
	desk := cmp.Or(o.Campaigns, &engine.Desk{})
	sent, directory := &campaigns{f, desk, g}, cmp.Or(o.Contacts, &contact.Directory{})
	hooks := &webhooks{f, o.Webhooks, o.Tester, o.Webhooks.Store}
	return []resource{
		&submissions{f, in, g},
		&messages{f, t, inTime, g, g.Persons},
		&batches{f, in, g},
		&connectors{f, g},
		&pauses{f, g.Pauses, time.Now},
		&replies{f, inTime, g, g.Inbox, g.Persons},
		list,
		&optOutFiles{f, o.Reader, g, g.Inbox, places},
		persons,
		&audit{f, o.Reader, g, g.Persons},
		&usages{f, o.Reader, o.Months, g},
		&templates{f, texts, texts.Store, g},
		sent,
		&campaignFiles{sent, desk},
		&campaignChecks{sent, desk},
		&campaignMoves{sent, desk},
		&campaignSeconds{&campaignMoves{sent, desk}, desk},
		&campaignRows{sent, desk, places},
		&campaignTrials{sent, desk},
		&campaignFollowUps{sent, desk},
		&campaignAudiences{sent, desk},
		&lists{f, cmp.Or(o.Lists, &contact.Book{})},
		&contacts{f, directory},
		&groups{contacts{f, directory}},
		hooks,
		&secrets{f, hooks, o.Webhooks},
		&feed{f, o.Webhooks, o.Reader},
		&callbacks{f, g, o.CallbackSecret},
		&configuration{f, o.Configuration, time.Now},
		&docs{f, o.Home},
	}
}

func personsOf(o Options) *people {
	f, g := failures{o.Log}, o.Gateway
	return &people{
		f, &optOuts{f, o.Reader, g, g.Inbox}, &timelines{f, o.Reader, g, g.Pauses}, o.Reader, g, g.Persons, nil,
	}
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.routes.ServeHTTP(w, r)
}

// OpenAPI returns the description of the API (OpenAPI 3.1), as JSON.
func (h *Handler) OpenAPI() ([]byte, error) {
	return json.MarshalIndent(h.described, "", "  ")
}

// Description is the description of the API as the manual reads it.
func (h *Handler) Description() *huma.OpenAPI { return h.described }
