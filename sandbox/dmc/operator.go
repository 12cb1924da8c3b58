package dmc

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"relais/sandbox/world"
)

// The fixed credentials and names of the simulated DMC. They are public and open
// nothing but a sandbox.
const (
	ServiceID = "4100220033"
	Password  = "k7Rw2pQz"
	SpaceID   = "70145"

	Sender       = "MAIRIE" // an OADC of the service
	SecondSender = "RELAIS" // another
)

const (
	// firstID starts the ids above 2^31 (observed).
	firstID = 3_104_455_001
	// broadcastID is the technical broadcast that unit messages share (observed).
	broadcastID = 901_000
	// space is SpaceID as a number.
	space = 70_145
)

// Options adjusts the operator. The zero value is usable.
type Options struct {
	RatePolicy RatePolicy // what happens beyond the limits of calls
	BadElement BadElement // what one bad message does to its batch
	Taken      int64      // ids that were given before
}

// Operator is the simulated DMC.
type Operator struct {
	world  *world.World
	count  *world.Counters
	rate   rateLimit
	ledger *ledger

	goodLogin atomic.Pointer[string] // the last authenticate that was right, to read it once
}

// New opens the operator in a world.
func New(w *world.World, opts Options) *Operator {
	return &Operator{
		world:  w,
		count:  w.Tally.Of(world.DMC),
		rate:   rateLimit{policy: opts.RatePolicy, lastReport: map[string]time.Time{}},
		ledger: newLedger(w, opts),
	}
}

// Senders are those that the operator knows.
func (d *Operator) Senders() *world.Senders { return d.ledger.senders }

// Reply takes what a person answers to the message of an id.
func (d *Operator) Reply(id, text string, at time.Time) { d.ledger.reply(id, text, at) }

// SetPush orders where receipts are pushed to.
func (d *Operator) SetPush(p Push) { d.ledger.pushes.direct(p) }

// request is one call, its parameters decoded.
type request struct {
	service string // MessagesUnitairesWS and so on; empty for the buffered API
	method  string
	params  url.Values
}

// The sandbox takes any version 1.x or 1.x.y (inferred: several live side by side).
var version = regexp.MustCompile(`^1\.\d+(\.\d+)?$`)

// callOf finds the call that a path names: DMC developer guide v1.7, 1.1.6.1 and
// 1.1.7.
func callOf(path string) (call request, ok bool) {
	parts := strings.Split(strings.TrimPrefix(path, "/dmc/"), "/")
	switch {
	case len(parts) == 5 && parts[0] == "DmcWS" && version.MatchString(parts[1]) && parts[2] == "JsonService":
		call = request{service: parts[3], method: parts[4]}
		return call, methods[call.service+"."+call.method] != nil
	case len(parts) == 3 && parts[0] == "DmcBufferWS" && parts[1] == "BufferMsg":
		call = request{method: parts[2]}
		return call, call.method == "addSingleCall" || call.method == "getSingleCallCra"
	}
	return call, false
}

// methods are the methods of the JSON API that are simulated. Session mode,
// broadcasts, contacts, plannings, documents and the SOAP twin are not.
var methods = map[string]func(*ledger, url.Values) (any, error){
	"MessagesUnitairesWS.addSingleCall":    (*ledger).addSingleCall,
	"MessagesUnitairesWS.batchSingleCall":  (*ledger).batchSingleCall,
	"MessagesUnitairesWS.getSingleCallCra": (*ledger).getSingleCallCra,
	"MessagesUnitairesWS.stopSingleCall":   (*ledger).stopSingleCall,
	"MessagesUnitairesWS.dropSingleCall":   (*ledger).dropSingleCall,
	"SupervisionWS.findCraByIds":           (*ledger).findCraByIDs,
	"SupervisionWS.findLastModifiedCra":    (*ledger).findLastModifiedCra,
	"SupervisionWS.getResponsesSMS":        (*ledger).getResponsesSMS,
	"AdminWS.findSpaces":                   (*ledger).findSpaces,
	"AdminWS.findServiceOadc":              (*ledger).findServiceOadc,
}

func (c request) submits() bool {
	return c.method == "addSingleCall" || c.method == "batchSingleCall"
}

// Serve answers one call.
func (d *Operator) Serve(w http.ResponseWriter, r *http.Request) {
	d.count.Calls.Add(1)
	call, ok := callOf(r.URL.Path)
	if !ok || (r.Method != http.MethodGet && r.Method != http.MethodPost) {
		tomcat(http.StatusNotFound).Write(w)
		return
	}
	params, err := paramsOf(w, r)
	if err != nil {
		tomcat(http.StatusBadRequest).Write(w)
		return
	}
	call.params = params
	if over := d.rate.over(call, d.world.Clock.Now()); over {
		d.count.OverRate.Add(1)
		if d.rate.policy == RateRefuse {
			d.refuse(call, tomcat(http.StatusTooManyRequests)).Write(w)
			return
		}
	}
	d.world.Respond(w, r, world.Call{
		Operator: world.DMC, Submits: call.submits(), Refuse: d.faultAnswer,
		Handle: func() world.Answer { return d.answer(call) },
	})
}

func (d *Operator) refuse(call request, a world.Answer) world.Answer {
	if call.submits() {
		d.count.Refused.Add(1)
	}
	return a
}

// paramsOf reads the parameters of a query and of a form (observed: clients use
// GET, a POST form, or POST with everything in the query). Decoding is strict, so
// a bare + is a space.
func paramsOf(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || r.Method == http.MethodGet {
		return params, err
	}
	body, err := world.ReadBody(w, r)
	if err != nil || len(body) == 0 {
		return params, err
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return params, nil // no source documents another kind of body
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(params) == 0 {
		return form, err
	}
	for name, values := range form {
		params[name] = append(params[name], values...)
	}
	return params, nil
}

// answer runs a call. The status is 200 whatever comes of it (observed).
func (d *Operator) answer(call request) world.Answer {
	if call.service == "" {
		return d.bufferAnswer(call)
	}
	if err := d.authenticate(call); err != nil {
		return d.refuse(call, failure(err))
	}
	if call.service == "SupervisionWS" || !call.submits() {
		d.world.Agenda.Settle()
	}
	value, err := methods[call.service+"."+call.method](d.ledger, call.params)
	if err != nil {
		return d.refuse(call, failure(err))
	}
	a := success(value)
	switch ids := value.(type) {
	case ID:
		a.Taken = 1
	case []ID:
		a.Taken = len(ids)
	case slotList:
		a.Taken = ids.taken()
	}
	return a
}
