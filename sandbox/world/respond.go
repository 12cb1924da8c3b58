package world

import (
	"net/http"
	"slices"
	"time"
)

// Call is one call of an operator's API, before the faults that may meet it.
type Call struct {
	Operator string
	Submits  bool                     // it brings messages
	Handle   func() Answer            // the operator's real work; it has the whole body already
	Refuse   func(kind string) Answer // what an ordered fault says in the operator's manner
}

// Respond runs a call through the order that meets it, if any.
func (w *World) Respond(to http.ResponseWriter, r *http.Request, c Call) {
	order := w.Orders.next(c.Operator, c.Submits)
	if order == nil {
		c.Handle().Write(to)
		return
	}
	if slices.Contains(afterAccept, order.Kind) {
		w.spoil(to, r, order, c.Handle())
		return
	}
	w.Tally.Of(c.Operator).Faults.Add(1)
	if order.Kind != FaultSlow {
		w.refuse(to, order, c.Refuse)
		return
	}
	if !w.Hold(order.Delay(time.Second), nil) {
		Drop(to, false)
		return
	}
	c.Handle().Write(to)
}

// refuse answers in place of the operator, which sees nothing of the call.
func (w *World) refuse(to http.ResponseWriter, order *FaultState, answer func(kind string) Answer) {
	if order.Kind == FaultResetBefore {
		Drop(to, true)
		return
	}
	if order.Kind == FaultThrottle {
		to.Header().Set("Retry-After", "1")
	}
	w.Tally.Of(order.Operator).Refused.Add(1)
	if order.Kind == FaultRedirect { // to nothing: who follows it asks a second operator
		to.Header().Set("Location", w.URL+"/elsewhere")
		Answer{Status: http.StatusTemporaryRedirect, Type: TypeText}.Write(to)
		return
	}
	if order.Kind == FaultHTML {
		Answer{Status: http.StatusOK, Type: TypeHTML, Body: Page("502 Bad Gateway",
			"The proxy server received an invalid response from an upstream server.")}.Write(to)
		return
	}
	answer(order.Kind).Write(to)
}

// spoil breaks the answer of a call that took something.
func (w *World) spoil(to http.ResponseWriter, r *http.Request, order *FaultState, a Answer) {
	if a.Taken == 0 {
		w.Orders.giveBack(order)
		a.Write(to)
		return
	}
	w.Tally.Of(order.Operator).Faults.Add(1)
	switch order.Kind {
	case FaultResetAfterAccept:
		Drop(to, true)
	case FaultTimeoutAfterAccept:
		w.Hold(order.Delay(time.Minute), r.Context().Done())
		Drop(to, false)
	case FaultBadJSON:
		Answer{
			Status: http.StatusOK, Type: a.Type, Body: []byte("Proxy: upstream said something else"),
		}.Write(to)
	case FaultEmpty:
		Answer{Status: http.StatusOK, Type: a.Type}.Write(to)
	case FaultCut:
		a.writeCut(to)
	case FaultEndless:
		a.writeOn(to, r)
	}
}
