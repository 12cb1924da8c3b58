package sandbox

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The kinds of fault. The package comment says which of them leave the message
// taken.
const (
	FaultHTTP500            = "http_500"
	FaultHTTP503            = "http_503"
	FaultThrottle           = "throttle"
	FaultNoCredit           = "no_credit"
	FaultHTML               = "html"
	FaultRefuseConnection   = "refuse_connection"
	FaultResetBefore        = "reset_before"
	FaultResetAfterAccept   = "reset_after_accept"
	FaultTimeoutAfterAccept = "timeout_after_accept"
	FaultBadJSON            = "bad_json"
	FaultEmpty              = "empty"
	FaultCut                = "cut"
	FaultSlow               = "slow"

	FaultNoReceipt           = "no_receipt"
	FaultLateReceipt         = "late_receipt"
	FaultDuplicateReceipt    = "duplicate_receipt"
	FaultReorderedReceipt    = "reordered_receipt"
	FaultReceiptBeforeAnswer = "receipt_before_answer"
)

// FaultKinds lists the kinds that can be ordered.
var FaultKinds = []string{
	FaultHTTP500, FaultHTTP503, FaultThrottle, FaultNoCredit, FaultHTML, FaultRefuseConnection,
	FaultResetBefore, FaultResetAfterAccept, FaultTimeoutAfterAccept,
	FaultBadJSON, FaultEmpty, FaultCut, FaultSlow,
	FaultNoReceipt, FaultLateReceipt, FaultDuplicateReceipt, FaultReorderedReceipt, FaultReceiptBeforeAnswer,
}

// receiptKinds meet the receipts of the next messages, and no call.
var receiptKinds = []string{
	FaultNoReceipt, FaultLateReceipt, FaultDuplicateReceipt, FaultReorderedReceipt, FaultReceiptBeforeAnswer,
}

// afterAccept are the kinds that spoil the answer of a call that took something.
var afterAccept = []string{
	FaultResetAfterAccept, FaultTimeoutAfterAccept, FaultBadJSON, FaultEmpty, FaultCut,
}

// anyCall are the kinds that may be ordered for every call of an operator.
var anyCall = []string{FaultThrottle, FaultHTTP500, FaultHTTP503}

// Fault is an order to misbehave.
type Fault struct {
	Operator string  `json:"operator"` // OVH or DMC; "sfr" means DMC
	Kind     string  `json:"kind"`
	Count    int     `json:"count,omitzero"`    // calls to spoil; 1 when neither count nor rate is given
	Rate     float64 `json:"rate,omitzero"`     // instead of Count: share of calls, above 0 up to 1, until cleared
	DelayMS  int     `json:"delay_ms,omitzero"` // for the kinds that wait
	Scope    string  `json:"scope,omitzero"`    // "submit", the default, or "all"
}

// FaultState is an order and how often it was carried out.
type FaultState struct {
	Fault
	Left  int `json:"left"`  // calls still to spoil; 0 beside a rate
	Fired int `json:"fired"` // calls spoilt so far
}

// FaultError tells why a fault cannot be ordered.
type FaultError struct {
	Field  string   // what is wrong
	Detail string   // a sentence
	Valid  []string // what may stand there; nil when it is not a choice
}

// Error gives the sentence and the choices.
func (e *FaultError) Error() string {
	if len(e.Valid) == 0 {
		return e.Detail
	}
	return e.Detail + "; valid: " + strings.Join(e.Valid, ", ")
}

// SetFault orders a fault. It returns a *FaultError when it makes no sense.
func (s *Server) SetFault(f Fault) error {
	f, err := f.complete()
	if err != nil {
		return err
	}
	if f.Kind == FaultRefuseConnection {
		s.stats.of(f.Operator).faults.Add(1)
		s.refuseConnections(f.delay(time.Second))
		return nil
	}
	s.faults.add(f)
	return nil
}

// Faults lists the orders that are not used up. An outage is not listed.
func (s *Server) Faults() []FaultState { return s.faults.list() }

// ClearFaults forgets every order and ends an outage.
func (s *Server) ClearFaults() {
	s.faults.clear()
	s.acceptAgain()
}

// complete checks an order and fills in what it leaves open.
func (f Fault) complete() (Fault, error) {
	if f.Operator == "sfr" {
		f.Operator = DMC
	}
	if f.Operator != OVH && f.Operator != DMC {
		return f, &FaultError{"operator", fmt.Sprintf("unknown operator %q", f.Operator), []string{OVH, DMC, "sfr"}}
	}
	if !slices.Contains(FaultKinds, f.Kind) {
		return f, &FaultError{"kind", fmt.Sprintf("unknown kind %q", f.Kind), FaultKinds}
	}
	if err := f.checkAmounts(); err != nil {
		return f, err
	}
	if f.Scope == "" {
		f.Scope = "submit"
	}
	if f.Scope != "submit" && f.Scope != "all" {
		return f, &FaultError{"scope", fmt.Sprintf("unknown scope %q", f.Scope), []string{"submit", "all"}}
	}
	if f.Scope == "all" && !slices.Contains(anyCall, f.Kind) {
		return f, &FaultError{"scope", f.Kind + " is for submit calls only; scope all goes with other kinds", anyCall}
	}
	if f.Count == 0 && f.Rate == 0 {
		f.Count = 1
	}
	return f, nil
}

func (f Fault) checkAmounts() error {
	switch {
	case f.Count < 0:
		return &FaultError{"count", "count is negative", nil}
	case f.Rate < 0 || f.Rate > 1:
		return &FaultError{"rate", "rate is a share of the calls, above 0 up to 1", nil}
	case f.Count > 0 && f.Rate > 0:
		return &FaultError{"rate", "give count or rate, not both", nil}
	case f.DelayMS < 0:
		return &FaultError{"delay_ms", "delay_ms is negative", nil}
	case f.Kind == FaultRefuseConnection && (f.Count > 1 || f.Rate > 0):
		return &FaultError{"count", "refuse_connection happens once, for delay_ms", nil}
	}
	return nil
}

func (f Fault) delay(standard time.Duration) time.Duration {
	if f.DelayMS == 0 {
		return standard
	}
	return time.Duration(f.DelayMS) * time.Millisecond
}

// faults is the queue of orders. The atomic count keeps calls cheap while there
// is none.
type faults struct {
	active atomic.Int32
	mu     sync.Mutex
	orders []*FaultState
	dice   *rand.Rand
}

func newFaults() *faults {
	return &faults{dice: rand.New(rand.NewPCG(1, 2))} // repeatable runs
}

func (q *faults) add(f Fault) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.orders = append(q.orders, &FaultState{Fault: f, Left: f.Count})
	q.active.Store(int32(len(q.orders)))
}

func (q *faults) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.orders = nil
	q.active.Store(0)
}

func (q *faults) list() []FaultState {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := []FaultState{}
	for _, o := range q.orders {
		if o.Rate > 0 || o.Left > 0 {
			list = append(list, *o)
		}
	}
	return list
}

// next reserves the first order that meets a call, nil when there is none.
func (q *faults) next(operator string, submit bool) *FaultState {
	if q.active.Load() == 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.reserve(func(o *FaultState) bool {
		return o.Operator == operator && (o.Scope != "submit" || submit) && !slices.Contains(receiptKinds, o.Kind)
	})
}

// nextReceipt reserves the first order that meets the receipt of a message.
func (q *faults) nextReceipt(operator string) *FaultState {
	if q.active.Load() == 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.reserve(func(o *FaultState) bool { return o.Operator == operator && slices.Contains(receiptKinds, o.Kind) })
}

// reserve takes one use of the first order that meets; the caller holds the lock.
func (q *faults) reserve(meets func(*FaultState) bool) *FaultState {
	for _, o := range q.orders {
		if !meets(o) {
			continue
		}
		if o.Rate > 0 && q.dice.Float64() < o.Rate {
			o.Fired++
			return o
		}
		if o.Left > 0 {
			o.Left--
			o.Fired++
			return o
		}
	}
	return nil
}

// giveBack returns an order that its call did not deserve.
func (q *faults) giveBack(o *FaultState) {
	q.mu.Lock()
	defer q.mu.Unlock()
	o.Fired--
	if o.Rate == 0 {
		o.Left++
	}
}

// respond runs a call through the order that meets it, if any. handle is the
// operator's real work; it has the whole body already.
func (s *Server) respond(w http.ResponseWriter, r *http.Request, operator string, submit bool, handle func() answer) {
	order := s.faults.next(operator, submit)
	if order == nil {
		handle().write(w)
		return
	}
	if slices.Contains(afterAccept, order.Kind) {
		s.spoil(w, r, order, handle())
		return
	}
	s.stats.of(operator).faults.Add(1)
	if order.Kind != FaultSlow {
		s.refuse(w, order)
		return
	}
	if !s.hold(order.delay(time.Second), nil) {
		drop(w, false)
		return
	}
	handle().write(w)
}

// refuse answers in place of the operator, which sees nothing of the call.
func (s *Server) refuse(w http.ResponseWriter, order *FaultState) {
	if order.Kind == FaultResetBefore {
		drop(w, true)
		return
	}
	if order.Kind == FaultThrottle {
		w.Header().Set("Retry-After", "1")
	}
	s.stats.of(order.Operator).refused.Add(1)
	s.refusal(order).write(w)
}

func (s *Server) refusal(order *FaultState) answer {
	if order.Kind == FaultHTML {
		return answer{status: http.StatusOK, ctype: typeHTML, body: page("502 Bad Gateway",
			"The proxy server received an invalid response from an upstream server.")}
	}
	if order.Operator == OVH {
		return s.ovh.faultAnswer(order.Kind)
	}
	return s.dmc.faultAnswer(order.Kind)
}

// spoil breaks the answer of a call that took something.
func (s *Server) spoil(w http.ResponseWriter, r *http.Request, order *FaultState, a answer) {
	if a.taken == 0 {
		s.faults.giveBack(order)
		a.write(w)
		return
	}
	s.stats.of(order.Operator).faults.Add(1)
	switch order.Kind {
	case FaultResetAfterAccept:
		drop(w, true)
	case FaultTimeoutAfterAccept:
		s.hold(order.delay(time.Minute), r.Context().Done())
		drop(w, false)
	case FaultBadJSON:
		answer{status: http.StatusOK, ctype: a.ctype, body: []byte("Proxy: upstream said something else")}.write(w)
	case FaultEmpty:
		answer{status: http.StatusOK, ctype: a.ctype}.write(w)
	case FaultCut:
		a.writeCut(w)
	}
}

// page is a small document of HTML, of the sort that servers answer in trouble.
func page(title, sentence string) []byte {
	return []byte("<!doctype html><html><head><meta charset=\"utf-8\"><title>" + title +
		"</title></head><body><h1>" + title + "</h1><p>" + sentence + "</p></body></html>\n")
}
