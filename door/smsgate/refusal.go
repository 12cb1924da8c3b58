package smsgate

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"relais/gateway"
	"relais/quota"
	"relais/reason"
	"relais/webhook"
)

// refusal is an error as clients read it (documented: SGC, ErrorResponse).
type refusal struct {
	Message string `json:"message"`
	Code    int    `json:"code"` // the status
	retry   string // Retry-After, in seconds
}

func (r *refusal) Error() string { return r.Message }

func refused(status int, message string) *refusal { return &refusal{Message: message, Code: status} }

// bad refuses a body or a query.
func bad(message string) error { return refused(http.StatusBadRequest, message) }

var (
	errUnknown  = refused(http.StatusUnauthorized, "Unauthorized")
	errInternal = refused(http.StatusInternalServerError, "failed to handle request")
	errBusy     = &refusal{Message: "the gateway cannot store it at the moment: try again", Code: http.StatusServiceUnavailable, retry: "5"}
	errNotFound = refused(http.StatusNotFound, "message not found")
	errTooMuch  = refused(http.StatusBadRequest, "there is too much to look at: ask for a shorter time by from and to")
	errExists   = refused(http.StatusConflict, "duplicate id")
)

func (r *refusal) write(w http.ResponseWriter) {
	h := w.Header()
	if r.Code == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Basic realm="SMSGate"`)
	}
	if r.retry != "" {
		h.Set("Retry-After", r.retry)
	}
	body, err := json.Marshal(r)
	if err != nil { // a text and a number
		panic(err)
	}
	write(w, r.Code, body)
}

func write(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // nobody listens any more
}

// refusalOf is an error as callers read it. One that nobody outside is at fault for is logged.
func (d *Door) refusalOf(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	if e, ok := errors.AsType[*webhook.Error](err); ok {
		return refused(http.StatusBadRequest, e.Reason.In(reason.English))
	}
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok || e.Kind == gateway.Unavailable {
		d.Log.Error("a request failed", "door", Format, "error", err)
		return errBusy
	}
	return refusedBy(e)
}

// refusedBy puts an error of the gateway in SMSGate's form.
func refusedBy(e *gateway.Error) *refusal {
	why := e.Reason
	if len(e.Rejected) > 0 {
		why = e.Rejected[0].Reason
	}
	sentence := why.In(reason.English)
	is := func(codes ...reason.Code) bool {
		return slices.ContainsFunc(codes, func(c reason.Code) bool { return c.Wire() == why.Code.Wire() })
	}
	switch {
	case e.Kind == gateway.Overloaded:
		return &refusal{Message: "queue limits exceeded: " + sentence, Code: http.StatusServiceUnavailable, retry: e.RetrySeconds()}
	case is(quota.Exceeded, quota.RecipientLimit, quota.RepeatedText):
		return &refusal{Message: sentence, Code: http.StatusTooManyRequests, retry: e.RetrySeconds()}
	case is(gateway.CodeSenderOfKey, gateway.CodeConnectorOfKey):
		return refused(http.StatusForbidden, sentence)
	case e.Kind == gateway.Conflict:
		return refused(http.StatusConflict, sentence)
	}
	return refused(http.StatusBadRequest, sentence)
}
