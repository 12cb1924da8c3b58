package ovh

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"relais/sandbox/world"
)

// The fixed credentials and accounts of the simulated OVH. They are public and
// open nothing but a sandbox.
const (
	ApplicationKey    = "sandboxAppKey016"
	ApplicationSecret = "sandboxApplicationSecret00000032"
	// ConsumerKey may read, create, change and delete everything under /sms.
	ConsumerKey = "sandboxConsumerKeyFull0000000032"
	// ReadOnlyConsumerKey may only read: a job sent with it is not granted.
	ReadOnlyConsumerKey = "sandboxConsumerKeyReadOnly000032"

	Service       = "sms-sb12345-1" // an account with plenty of credits
	SecondService = "sms-sb12345-2" // an account with two credits

	Sender        = "RELAIS"  // enable
	SecondSender  = "MAIRIE"  // enable
	PendingSender = "PENDING" // waitingValidation: jobs with it are refused
)

// firstID starts the ids above 2^31. Job, message and outgoing share them.
const firstID = 5_100_000_001

// Options adjusts the operator. The zero value is usable.
type Options struct {
	Dialect        Dialect       // shape of the error bodies
	ClockTolerance time.Duration // accepted skew of signed calls; 0 means 180 s, inferred
	Credits        float64       // balance of Service at start; 0 means ten million
	Taken          int64         // ids that were given before
}

// Operator is the simulated OVH SMS API.
type Operator struct {
	world     *world.World
	dialect   Dialect
	tolerance time.Duration
	count     *world.Counters

	keys    *keys
	ledger  *ledger
	senders senders

	queryPrefix string
	queries     atomic.Uint64
}

// New opens the operator in a world.
func New(w *world.World, opts Options) *Operator {
	known := senders{world.NewSenders(world.OVH,
		Sender, world.SenderEnabled, SecondSender, world.SenderEnabled, PendingSender, world.SenderWaiting)}
	return &Operator{
		world:       w,
		dialect:     opts.Dialect,
		tolerance:   cmp.Or(opts.ClockTolerance, 180*time.Second),
		count:       w.Tally.Of(world.OVH),
		keys:        newKeys(w.Clock),
		ledger:      newLedger(w, opts, known),
		senders:     known,
		queryPrefix: "EU.ext-sandbox." + strconv.FormatUint(uint64(rand.Uint32()), 16) + ".",
	}
}

// Senders are those that the operator knows.
func (o *Operator) Senders() *world.Senders { return o.senders.Senders }

// Reply takes what a person answers to the message of an id.
func (o *Operator) Reply(id, text string, at time.Time) { o.ledger.reply(id, text, at) }

// Serve answers one call of the API.
func (o *Operator) Serve(w http.ResponseWriter, r *http.Request) {
	o.count.Calls.Add(1)
	body, err := world.ReadBody(w, r)
	if err != nil {
		world.Drop(w, false)
		return
	}
	w.Header()["X-Ovh-Queryid"] = []string{o.queryID()}
	w.Header()["Cache-Control"] = noStore
	path := pathOf(r.URL.Path)
	o.world.Respond(w, r, world.Call{
		Operator: world.OVH, Submits: submits(r.Method, path), Refuse: o.faultAnswer,
		Handle: func() world.Answer { return o.answer(r, path, body) },
	})
}

var noStore = []string{"no-cache, no-store"}

// pathOf cuts the prefix; /1.0 and /v1 are the same API (observed: statement of
// a maintainer, ovh/python-ovh issue 141).
func pathOf(path string) string {
	path = strings.TrimPrefix(path, "/ovh")
	if rest, ok := strings.CutPrefix(path, "/1.0"); ok {
		return rest
	}
	return strings.TrimPrefix(path, "/v1")
}

func submits(method, path string) bool {
	return method == http.MethodPost && strings.HasPrefix(path, "/sms/") &&
		strings.HasSuffix(strings.TrimSuffix(path, "/"), "/jobs")
}

// queryID names a call as OVH does: data centre, number, UUID. Observed format:
// EU.ext-3.63ac85b6.10528.<uuid>.
func (o *Operator) queryID() string {
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
func (o *Operator) answer(r *http.Request, path string, body []byte) world.Answer {
	value, err := o.call(r, path, body)
	if err != nil {
		if submits(r.Method, path) {
			o.count.Refused.Add(1)
		}
		return o.errorAnswer(err)
	}
	a := world.Answer{Status: http.StatusOK, Type: world.TypeJSON}
	if report, ok := value.(*Report); ok {
		a.Taken = len(report.IDs)
	}
	a.Body, _ = json.Marshal(value) // our own types; they always marshal
	if value == nil {
		a.Body = append(a.Body, '\n') // void: observed as "null" and a new line
	}
	return a
}

func (o *Operator) call(r *http.Request, path string, body []byte) (any, error) {
	trimmed := strings.TrimSuffix(path, "/")
	switch {
	case trimmed == "/auth/time" && r.Method == http.MethodGet:
		return o.world.Clock.Now().Unix(), nil
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
func (o *Operator) route(r *http.Request, key *key, path []string, body []byte) (any, error) {
	switch {
	case path[0] == "auth" && len(path) == 2:
		return o.routeAuth(r, key, path[1])
	case path[0] != "sms":
		return nil, errRoute
	case len(path) == 1 && r.Method == http.MethodGet:
		return []string{Service, SecondService}, nil
	case len(path) == 2 && path[1] == "estimate" && r.Method == http.MethodPost:
		return estimate(body)
	case len(path) == 2 && path[1] == "ptts" && r.Method == http.MethodGet:
		return pttDetails(r.URL.Query().Get("ptt"))
	case len(path) < 2:
		return nil, errRoute
	}
	return o.routeService(r, path[1], path[2:], body)
}

// routeService serves what stands under /sms/{serviceName}. An unknown route is
// told before an unknown service.
func (o *Operator) routeService(r *http.Request, service string, path []string, body []byte) (any, error) {
	handle := o.serviceRoute(r, path, body)
	if handle == nil {
		return nil, errRoute
	}
	for _, a := range o.ledger.accounts {
		if a.name == service {
			return handle(a)
		}
	}
	return nil, errService
}

type handler func(*account) (any, error)

func (o *Operator) serviceRoute(r *http.Request, path []string, body []byte) handler {
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

func (o *Operator) accountRoute(method string, body []byte) handler {
	switch method {
	case http.MethodGet:
		return o.ledger.accountModel
	case http.MethodPut:
		return func(a *account) (any, error) { return o.ledger.changeAccount(a, body) }
	}
	return nil
}

func (o *Operator) listRoute(r *http.Request, name string, body []byte) handler {
	if name == "jobs" && r.Method == http.MethodPost {
		return func(a *account) (any, error) { return o.ledger.submit(a, body) }
	}
	if r.Method != http.MethodGet {
		return nil
	}
	o.world.Agenda.Settle()
	query := r.URL.Query()
	switch name {
	case "jobs":
		return o.ledger.pendingJobs
	case "outgoing":
		return func(a *account) (any, error) { return o.ledger.outgoing(a, query) }
	case "incoming":
		return func(a *account) (any, error) { return o.ledger.incomingIDs(a, query) }
	case "senders":
		return o.senders.list
	case "blacklists":
		return func(a *account) (any, error) { return o.ledger.blacklist(a, query) }
	}
	return nil
}

func (o *Operator) itemRoute(method, list, item string) handler {
	o.world.Agenda.Settle()
	table := map[string]func(*account, string) (any, error){
		"GET jobs":          o.ledger.pendingJob,
		"DELETE jobs":       o.ledger.cancelJob,
		"GET outgoing":      o.ledger.sentMessage,
		"DELETE outgoing":   o.ledger.deleteSent,
		"GET incoming":      o.ledger.incomingModel,
		"GET senders":       o.senders.model,
		"GET blacklists":    o.ledger.blacklistEntry,
		"DELETE blacklists": o.ledger.unblock,
	}
	handle, ok := table[method+" "+list]
	if !ok {
		return nil
	}
	return func(a *account) (any, error) { return handle(a, item) }
}
