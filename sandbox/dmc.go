package sandbox

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The fixed credentials and names of the simulated DMC. They are public and open
// nothing but a sandbox.
const (
	DMCServiceID = "4100220033"
	DMCPassword  = "k7Rw2pQz"
	DMCSpaceID   = "70145"

	DMCSender       = "MAIRIE" // an OADC of the service
	DMCSecondSender = "RELAIS" // another
)

const (
	// dmcFirstID starts the ids above 2^31 (observed).
	dmcFirstID = 3_104_455_001
	// dmcBroadcast is the technical broadcast that unit messages share (observed).
	dmcBroadcast = 901_000
	// dmcSpace is DMCSpaceID as a number.
	dmcSpace = 70_145
)

// dmc is the simulated DMC.
type dmc struct {
	server  *Server
	count   *counters
	rate    rateLimit
	senders *senders
	bad     DMCBadElement

	goodLogin atomic.Pointer[string] // the last authenticate that was right, to read it once

	mu       sync.RWMutex
	first    dmcID         // id
	messages []*dmcMessage // by id - first; nil when lost or dropped
	byRef    map[string][]*dmcMessage
	buffered []*dmcBuffered
	blocked  map[string]bool

	pushes dmcPushes
}

func newDMC(opts Options, s *Server) *dmc {
	return &dmc{
		server:  s,
		count:   &s.stats.dmc,
		senders: newSenders(DMC, DMCSender, senderEnabled, DMCSecondSender, senderEnabled),
		rate:    rateLimit{policy: opts.RatePolicy, lastReport: map[string]time.Time{}},
		bad:     opts.DMCBadElement,
		byRef:   map[string][]*dmcMessage{},
		blocked: map[string]bool{},
		first:   dmcFirstID + dmcID(opts.Taken),
	}
}

// dmcCall is one call, its parameters decoded.
type dmcCall struct {
	service string // MessagesUnitairesWS and so on; empty for the buffered API
	method  string
	params  url.Values
}

// The sandbox takes any version 1.x or 1.x.y (inferred: several live side by side).
var dmcVersion = regexp.MustCompile(`^1\.\d+(\.\d+)?$`)

// dmcPath finds the call that a path names: DMC developer guide v1.7, 1.1.6.1 and
// 1.1.7.
func dmcPath(path string) (call dmcCall, ok bool) {
	parts := strings.Split(strings.TrimPrefix(path, "/dmc/"), "/")
	switch {
	case len(parts) == 5 && parts[0] == "DmcWS" && dmcVersion.MatchString(parts[1]) && parts[2] == "JsonService":
		call = dmcCall{service: parts[3], method: parts[4]}
		return call, dmcMethods[call.service+"."+call.method] != nil
	case len(parts) == 3 && parts[0] == "DmcBufferWS" && parts[1] == "BufferMsg":
		call = dmcCall{method: parts[2]}
		return call, call.method == "addSingleCall" || call.method == "getSingleCallCra"
	}
	return call, false
}

// dmcMethods are the methods of the JSON API that are simulated. Session mode,
// broadcasts, contacts, plannings, documents and the SOAP twin are not.
var dmcMethods = map[string]func(*dmc, url.Values) (any, error){
	"MessagesUnitairesWS.addSingleCall":    (*dmc).addSingleCall,
	"MessagesUnitairesWS.batchSingleCall":  (*dmc).batchSingleCall,
	"MessagesUnitairesWS.getSingleCallCra": (*dmc).getSingleCallCra,
	"MessagesUnitairesWS.stopSingleCall":   (*dmc).stopSingleCall,
	"MessagesUnitairesWS.dropSingleCall":   (*dmc).dropSingleCall,
	"SupervisionWS.findCraByIds":           (*dmc).findCraByIDs,
	"SupervisionWS.findLastModifiedCra":    (*dmc).findLastModifiedCra,
	"SupervisionWS.getResponsesSMS":        (*dmc).getResponsesSMS,
	"AdminWS.findSpaces":                   (*dmc).findSpaces,
	"AdminWS.findServiceOadc":              (*dmc).findServiceOadc,
}

func (c dmcCall) submits() bool {
	return c.method == "addSingleCall" || c.method == "batchSingleCall"
}

// serve answers one call.
func (d *dmc) serve(w http.ResponseWriter, r *http.Request) {
	d.count.calls.Add(1)
	call, ok := dmcPath(r.URL.Path)
	if !ok || (r.Method != http.MethodGet && r.Method != http.MethodPost) {
		dmcPage(http.StatusNotFound).write(w)
		return
	}
	params, err := dmcParams(w, r)
	if err != nil {
		dmcPage(http.StatusBadRequest).write(w)
		return
	}
	call.params = params
	if over := d.rate.over(call, d.server.clock.now()); over {
		d.count.overRate.Add(1)
		if d.rate.policy == RateRefuse {
			d.refuse(call, dmcPage(http.StatusTooManyRequests)).write(w)
			return
		}
	}
	d.server.respond(w, r, DMC, call.submits(), func() answer { return d.answer(call) })
}

func (d *dmc) refuse(call dmcCall, a answer) answer {
	if call.submits() {
		d.count.refused.Add(1)
	}
	return a
}

// dmcParams reads the parameters of a query and of a form (observed: clients use
// GET, a POST form, or POST with everything in the query). Decoding is strict, so
// a bare + is a space.
func dmcParams(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || r.Method == http.MethodGet {
		return params, err
	}
	body, err := readBody(w, r)
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
func (d *dmc) answer(call dmcCall) answer {
	if call.service == "" {
		return d.bufferAnswer(call)
	}
	if err := d.authenticate(call); err != nil {
		return d.refuse(call, dmcFailure(err))
	}
	if call.service == "SupervisionWS" || !call.submits() {
		d.server.agenda.settle()
	}
	value, err := dmcMethods[call.service+"."+call.method](d, call.params)
	if err != nil {
		return d.refuse(call, dmcFailure(err))
	}
	a := dmcSuccess(value)
	switch ids := value.(type) {
	case dmcID:
		a.taken = 1
	case []dmcID:
		a.taken = len(ids)
	case dmcSlots:
		a.taken = ids.taken()
	}
	return a
}
