package sandbox

import (
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The fixed credentials and accounts of the simulated OVH. They are public and
// open nothing but a sandbox.
const (
	OVHApplicationKey    = "sandboxAppKey016"
	OVHApplicationSecret = "sandboxApplicationSecret00000032"
	// OVHConsumerKey may read, create, change and delete everything under /sms.
	OVHConsumerKey = "sandboxConsumerKeyFull0000000032"
	// OVHReadOnlyConsumerKey may only read: a job sent with it is not granted.
	OVHReadOnlyConsumerKey = "sandboxConsumerKeyReadOnly000032"

	OVHService       = "sms-sb12345-1" // an account with plenty of credits
	OVHSecondService = "sms-sb12345-2" // an account with two credits

	OVHSender        = "RELAIS"  // enable
	OVHSecondSender  = "MAIRIE"  // enable
	OVHPendingSender = "PENDING" // waitingValidation: jobs with it are refused
)

// stopShortCode is the number that the STOP clause names. The handset answers
// STOP to it.
const stopShortCode = "36111"

// ovhFirstID starts the ids above 2^31. Job, message and outgoing share them.
const ovhFirstID = 5_100_000_001

// ovh is the simulated OVH SMS API.
type ovh struct {
	server    *Server
	dialect   OVHDialect
	tolerance time.Duration
	count     *counters

	keys    *ovhKeys
	senders *senders

	queryPrefix string
	queries     atomic.Uint64

	mu       sync.RWMutex
	accounts []*ovhAccount
	first    int64         // id
	messages []*ovhMessage // by id - first; nil once deleted
	byTag    map[string][]*ovhMessage
	incoming []*ovhIncoming
	nextIn   int64
}

func newOVH(opts Options, s *Server) *ovh {
	o := &ovh{
		server:    s,
		dialect:   opts.OVHDialect,
		tolerance: opts.OVHClockTolerance,
		count:     &s.stats.ovh,
		keys:      newOVHKeys(s.clock),
		senders:   newSenders(OVH, OVHSender, senderEnabled, OVHSecondSender, senderEnabled, OVHPendingSender, senderWaiting),
		byTag:     map[string][]*ovhMessage{},
		nextIn:    2_900_000_001 + opts.Taken,
		first:     ovhFirstID + opts.Taken,
	}
	if o.tolerance == 0 {
		o.tolerance = 180 * time.Second
	}
	credits := opts.OVHCredits
	if credits == 0 {
		credits = 10_000_000
	}
	o.accounts = []*ovhAccount{newOVHAccount(OVHService, credits), newOVHAccount(OVHSecondService, 2)}
	o.queryPrefix = "EU.ext-sandbox." + strconv.FormatUint(uint64(rand.Uint32()), 16) + "."
	return o
}

// serve answers one call of the API.
func (o *ovh) serve(w http.ResponseWriter, r *http.Request) {
	o.count.calls.Add(1)
	body, err := readBody(w, r)
	if err != nil {
		drop(w, false)
		return
	}
	w.Header()["X-Ovh-Queryid"] = []string{o.queryID()}
	w.Header()["Cache-Control"] = noStore
	path := ovhPath(r.URL.Path)
	o.server.respond(w, r, OVH, isOVHSubmit(r.Method, path), func() answer {
		return o.answer(r, path, body)
	})
}

var noStore = []string{"no-cache, no-store"}

// ovhPath cuts the prefix; /1.0 and /v1 are the same API (observed: statement of
// a maintainer, ovh/python-ovh issue 141).
func ovhPath(path string) string {
	path = strings.TrimPrefix(path, "/ovh")
	if rest, ok := strings.CutPrefix(path, "/1.0"); ok {
		return rest
	}
	return strings.TrimPrefix(path, "/v1")
}

func isOVHSubmit(method, path string) bool {
	return method == http.MethodPost && strings.HasPrefix(path, "/sms/") &&
		strings.HasSuffix(strings.TrimSuffix(path, "/"), "/jobs")
}

// queryID names a call as OVH does: data centre, number, UUID. Observed format:
// EU.ext-3.63ac85b6.10528.<uuid>.
func (o *ovh) queryID() string {
	n := o.queries.Add(1)
	var id [16]byte
	for i := range 8 {
		id[15-i] = byte(n >> (8 * i))
	}
	id[6], id[8] = 0x40, 0x80
	b := make([]byte, 0, 80)
	b = append(b, o.queryPrefix...)
	b = strconv.AppendUint(b, n, 10)
	b = append(b, '.')
	for i, cut := range [...]int{4, 6, 8, 10, 16} {
		if i > 0 {
			b = append(b, '-')
		}
		from := [...]int{0, 4, 6, 8, 10}[i]
		b = hex.AppendEncode(b, id[from:cut])
	}
	return string(b)
}

// answer checks a call in the order that OVH is thought to follow (inferred):
// application key, timestamp, signature, consumer key, rules, route, service,
// body.
func (o *ovh) answer(r *http.Request, path string, body []byte) answer {
	value, err := o.call(r, path, body)
	if err != nil {
		if isOVHSubmit(r.Method, path) {
			o.count.refused.Add(1)
		}
		return o.errorAnswer(err)
	}
	a := answer{status: http.StatusOK, ctype: typeJSON}
	if report, ok := value.(*ovhReport); ok {
		a.taken = len(report.IDs)
	}
	a.body, _ = json.Marshal(value) // our own types; they always marshal
	if value == nil {
		a.body = append(a.body, '\n') // void: observed as "null" and a new line
	}
	return a
}

func (o *ovh) call(r *http.Request, path string, body []byte) (any, error) {
	trimmed := strings.TrimSuffix(path, "/")
	switch {
	case trimmed == "/auth/time" && r.Method == http.MethodGet:
		return o.server.clock.now().Unix(), nil
	case trimmed == "/auth/credential" && r.Method == http.MethodPost:
		return o.requestCredential(r, body)
	case trimmed == "/sms/rates/destinations" && r.Method == http.MethodGet:
		return destinationRates(r.URL.Query())
	}
	key, err := o.authorize(r, path, body)
	if err != nil {
		return nil, err
	}
	return o.route(r, key, strings.Split(strings.TrimPrefix(trimmed, "/"), "/"), body)
}

// route finds what serves a path. A slash at the end was cut: old guides and
// several clients send one.
func (o *ovh) route(r *http.Request, key *ovhKey, path []string, body []byte) (any, error) {
	switch {
	case path[0] == "auth" && len(path) == 2:
		return o.routeAuth(r, key, path[1])
	case path[0] != "sms":
		return nil, errOVHRoute
	case len(path) == 1 && r.Method == http.MethodGet:
		return []string{OVHService, OVHSecondService}, nil
	case len(path) == 2 && path[1] == "estimate" && r.Method == http.MethodPost:
		return estimate(body)
	case len(path) == 2 && path[1] == "ptts" && r.Method == http.MethodGet:
		return pttDetails(r.URL.Query().Get("ptt"))
	case len(path) < 2:
		return nil, errOVHRoute
	}
	return o.routeService(r, path[1], path[2:], body)
}

// routeService serves what stands under /sms/{serviceName}. An unknown route is
// told before an unknown service.
func (o *ovh) routeService(r *http.Request, service string, path []string, body []byte) (any, error) {
	handle := o.serviceRoute(r, path, body)
	if handle == nil {
		return nil, errOVHRoute
	}
	for _, a := range o.accounts {
		if a.name == service {
			return handle(a)
		}
	}
	return nil, errOVHService
}

type ovhHandler func(*ovhAccount) (any, error)

func (o *ovh) serviceRoute(r *http.Request, path []string, body []byte) ovhHandler {
	switch {
	case len(path) == 0:
		return o.accountRoute(r.Method, body)
	case len(path) == 1:
		return o.listRoute(r, path[0], body)
	case len(path) == 2:
		return o.itemRoute(r.Method, path[0], path[1])
	}
	return nil
}

func (o *ovh) accountRoute(method string, body []byte) ovhHandler {
	switch method {
	case http.MethodGet:
		return o.accountModel
	case http.MethodPut:
		return func(a *ovhAccount) (any, error) { return o.changeAccount(a, body) }
	}
	return nil
}

func (o *ovh) listRoute(r *http.Request, name string, body []byte) ovhHandler {
	if name == "jobs" && r.Method == http.MethodPost {
		return func(a *ovhAccount) (any, error) { return o.submit(a, body) }
	}
	if r.Method != http.MethodGet {
		return nil
	}
	o.server.agenda.settle()
	query := r.URL.Query()
	switch name {
	case "jobs":
		return o.pendingJobs
	case "outgoing":
		return func(a *ovhAccount) (any, error) { return o.outgoing(a, query) }
	case "incoming":
		return func(a *ovhAccount) (any, error) { return o.incomingIDs(a, query) }
	case "senders":
		return o.senderNames
	case "blacklists":
		return func(a *ovhAccount) (any, error) { return o.blacklist(a, query) }
	}
	return nil
}

func (o *ovh) itemRoute(method, list, item string) ovhHandler {
	o.server.agenda.settle()
	table := map[string]func(*ovhAccount, string) (any, error){
		"GET jobs":          o.pendingJob,
		"DELETE jobs":       o.cancelJob,
		"GET outgoing":      o.sentMessage,
		"DELETE outgoing":   o.deleteSent,
		"GET incoming":      o.incomingModel,
		"GET senders":       o.senderModel,
		"GET blacklists":    o.blacklistEntry,
		"DELETE blacklists": o.unblock,
	}
	handle, ok := table[method+" "+list]
	if !ok {
		return nil
	}
	return func(a *ovhAccount) (any, error) { return handle(a, item) }
}
