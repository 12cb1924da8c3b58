package world

import (
	"fmt"
	"math/rand/v2"
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
	FaultRedirect           = "redirect"
	FaultEndless            = "endless"

	FaultNoReceipt           = "no_receipt"
	FaultLateReceipt         = "late_receipt"
	FaultDuplicateReceipt    = "duplicate_receipt"
	FaultReorderedReceipt    = "reordered_receipt"
	FaultReceiptBeforeAnswer = "receipt_before_answer"

	// Of the SMSC alone.
	FaultBindRefused      = "bind_refused"
	FaultAlreadyBound     = "already_bound"
	FaultQueueFull        = "queue_full"
	FaultSystemError      = "system_error"
	FaultNack             = "nack"
	FaultNackZero         = "nack_zero"
	FaultWrongSequence    = "wrong_sequence"
	FaultWrongType        = "wrong_type"
	FaultDoubleAnswer     = "double_answer"
	FaultEmptyID          = "empty_id"
	FaultNoBody           = "no_body"
	FaultStopReading      = "stop_reading"
	FaultUnbind           = "unbind"
	FaultReceiptElsewhere = "receipt_elsewhere"
)

// FaultKinds lists the kinds that can be ordered.
var FaultKinds = []string{
	FaultHTTP500, FaultHTTP503, FaultThrottle, FaultNoCredit, FaultHTML, FaultRefuseConnection,
	FaultResetBefore, FaultResetAfterAccept, FaultTimeoutAfterAccept,
	FaultBadJSON, FaultEmpty, FaultCut, FaultSlow, FaultRedirect, FaultEndless,
	FaultNoReceipt, FaultLateReceipt, FaultDuplicateReceipt, FaultReorderedReceipt, FaultReceiptBeforeAnswer,
}

// SMSCFaultKinds lists those of the SMSC. What is not taken: throttle, queue_full, system_error, nack
// and reset_before; every other kind leaves the message taken.
var SMSCFaultKinds = []string{
	FaultThrottle, FaultQueueFull, FaultSystemError, FaultNack, FaultRefuseConnection,
	FaultResetBefore, FaultResetAfterAccept, FaultTimeoutAfterAccept, FaultSlow, FaultCut, FaultNackZero,
	FaultWrongSequence, FaultWrongType, FaultDoubleAnswer, FaultEmptyID, FaultNoBody, FaultStopReading, FaultUnbind,
	FaultBindRefused, FaultAlreadyBound,
	FaultNoReceipt, FaultLateReceipt, FaultDuplicateReceipt, FaultReorderedReceipt, FaultReceiptBeforeAnswer,
	FaultReceiptElsewhere,
}

// receiptKinds meet the receipts of the next messages, and no call.
var receiptKinds = []string{
	FaultNoReceipt, FaultLateReceipt, FaultDuplicateReceipt, FaultReorderedReceipt, FaultReceiptBeforeAnswer,
	FaultReceiptElsewhere,
}

// afterAccept are the kinds that spoil the answer of a call that took something.
var afterAccept = []string{
	FaultResetAfterAccept, FaultTimeoutAfterAccept, FaultBadJSON, FaultEmpty, FaultCut, FaultEndless,
}

// anyCall are the kinds that may be ordered for every call of an operator.
var anyCall = []string{FaultThrottle, FaultHTTP500, FaultHTTP503}

// Fault is an order to misbehave.
type Fault struct {
	Operator string  `json:"operator"` // OVH, DMC, SMSC or one that is declared; "sfr" means DMC
	Kind     string  `json:"kind"`
	Count    int     `json:"count,omitzero"`    // calls to spoil; 1 when neither count nor rate is given
	Rate     float64 `json:"rate,omitzero"`     // instead of Count: share of calls, up to 1, until cleared
	DelayMS  int     `json:"delay_ms,omitzero"` // for the kinds that wait
	Scope    string  `json:"scope,omitzero"`    // "submit", the default, or "all"
}

// FaultState is an order and how often it was carried out.
type FaultState struct {
	Fault
	Left  int `json:"left"`  // calls still to spoil; 0 beside a rate
	Fired int `json:"fired"` // calls spoilt so far
}

// FaultError says why a fault cannot be ordered.
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

// Complete checks an order and fills in what it leaves open. declared are the operators that are
// played from a declaration.
func (f Fault) Complete(declared []string) (Fault, error) {
	if f.Operator == "sfr" {
		f.Operator = DMC
	}
	kinds := FaultKinds
	known := append([]string{OVH, DMC, "sfr", SMSC}, declared...)
	if !slices.Contains(known, f.Operator) {
		return f, &FaultError{"operator", fmt.Sprintf("unknown operator %q", f.Operator), known}
	}
	if f.Operator == SMSC {
		kinds = SMSCFaultKinds
	}
	if !slices.Contains(kinds, f.Kind) {
		return f, &FaultError{"kind", fmt.Sprintf("unknown kind %q", f.Kind), kinds}
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
		detail := f.Kind + " is for submit calls only; scope all goes with other kinds"
		return f, &FaultError{"scope", detail, anyCall}
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

// Delay is how long a kind that waits does; standard where the order leaves it open.
func (f Fault) Delay(standard time.Duration) time.Duration {
	if f.DelayMS == 0 {
		return standard
	}
	return time.Duration(f.DelayMS) * time.Millisecond
}

// Orders is the queue of faults that were ordered. The atomic count keeps calls cheap while there
// is none.
type Orders struct {
	active atomic.Int32
	mu     sync.Mutex
	orders []*FaultState
	dice   *rand.Rand
}

// NewOrders makes an empty queue.
func NewOrders() *Orders {
	return &Orders{dice: rand.New(rand.NewPCG(1, 2))} // repeatable runs
}

// Add puts an order at the end.
func (q *Orders) Add(f Fault) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.orders = append(q.orders, &FaultState{Fault: f, Left: f.Count})
	q.active.Store(int32(len(q.orders)))
}

// Clear forgets every order.
func (q *Orders) Clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.orders = nil
	q.active.Store(0)
}

// List is what is not used up.
func (q *Orders) List() []FaultState {
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
func (q *Orders) next(operator string, submit bool) *FaultState {
	if q.active.Load() == 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.reserve(func(o *FaultState) bool {
		return o.Operator == operator && (o.Scope != "submit" || submit) &&
			!slices.Contains(receiptKinds, o.Kind)
	})
}

// nextReceipt reserves the first order that meets the receipt of a message.
func (q *Orders) nextReceipt(operator string) *FaultState {
	if q.active.Load() == 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.reserve(func(o *FaultState) bool {
		return o.Operator == operator && slices.Contains(receiptKinds, o.Kind)
	})
}

// Meet reserves the first order of one of these kinds, nil when there is none.
func (q *Orders) Meet(operator string, kinds []string) *FaultState {
	if q.active.Load() == 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.reserve(func(o *FaultState) bool { return o.Operator == operator && slices.Contains(kinds, o.Kind) })
}

// reserve takes one use of the first order that meets; the caller holds the lock.
func (q *Orders) reserve(meets func(*FaultState) bool) *FaultState {
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
func (q *Orders) giveBack(o *FaultState) {
	q.mu.Lock()
	defer q.mu.Unlock()
	o.Fired--
	if o.Rate == 0 {
		o.Left++
	}
}
