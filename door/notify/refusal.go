package notify

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"relais/gateway"
	"relais/quota"
	"relais/reason"
)

// Kinds of errors (documented: GNT).
const (
	authError   = "AuthError"
	validation  = "ValidationError"
	badRequest  = "BadRequestError"
	rateLimit   = "RateLimitError"
	tooMany     = "TooManyRequestsError"
	noResult    = "NoResultFound"
	exceptional = "Exception"
)

// fault is one thing that is wrong.
type fault struct {
	Error   string `json:"error"`
	Message string `json:"message"`
}

// refusal is an error as clients read it (documented: GNT).
type refusal struct {
	Status int     `json:"status_code"`
	Errors []fault `json:"errors"`
	retry  string  // Retry-After, in seconds
}

func (r *refusal) Error() string { return r.Errors[0].Error + ": " + r.Errors[0].Message }

func refusalOf(status int, kind string, messages ...string) *refusal {
	r := &refusal{Status: status}
	for _, message := range messages {
		r.Errors = append(r.Errors, fault{kind, message})
	}
	return r
}

// invalid refuses a body whose fields are wrong.
func invalid(messages ...string) *refusal {
	return refusalOf(http.StatusBadRequest, validation, messages...)
}

// bad refuses what is well-formed and cannot be done.
func bad(message string) *refusal { return refusalOf(http.StatusBadRequest, badRequest, message) }

var (
	errInternal = refusalOf(http.StatusInternalServerError, exceptional, "Internal server error")
	errBusy     = &refusal{
		Status: http.StatusServiceUnavailable, Errors: []fault{{exceptional, "The service is unavailable at the moment: try again"}}, retry: "5",
	}
	errNoResult = refusalOf(http.StatusNotFound, noResult, "No result found")
)

func (r *refusal) write(w http.ResponseWriter) {
	if r.retry != "" {
		w.Header().Set("Retry-After", r.retry)
	}
	body, err := json.Marshal(r)
	if err != nil { // numbers and texts
		panic(err)
	}
	write(w, r.Status, body)
}

func write(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // nobody listens any more
}

// refuse answers with an error, and logs one that nobody outside is at fault for.
func (d *Door) refuse(w http.ResponseWriter, err error) {
	if refused, ok := errors.AsType[*refusal](err); ok {
		refused.write(w)
		return
	}
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok || e.Kind == gateway.Unavailable {
		d.Log.Error("a request failed", "door", Format, "error", err)
		errBusy.write(w)
		return
	}
	refusedBy(e).write(w)
}

// refusedBy puts an error of the gateway in Notify's form.
func refusedBy(e *gateway.Error) *refusal {
	why := e.Reason
	if len(e.Rejected) > 0 {
		why = e.Rejected[0].Reason
	}
	sentence, code := why.In(reason.English), why.Code.Wire()
	limited := func(kind string) *refusal {
		r := refusalOf(http.StatusTooManyRequests, kind, sentence)
		r.retry = e.RetrySeconds()
		return r
	}
	switch {
	case code == quota.Exceeded.Wire(), code == quota.RecipientLimit.Wire(), code == quota.RepeatedText.Wire():
		return limited(tooMany)
	case e.Kind == gateway.Overloaded:
		return limited(rateLimit)
	case e.Kind == gateway.Conflict:
		return refusalOf(http.StatusConflict, badRequest, sentence)
	case strings.HasPrefix(code, "number"), strings.HasPrefix(code, "several"):
		return invalid("phone_number " + sentence)
	case e.Field == "/reference":
		return invalid("reference " + sentence)
	}
	return bad(sentence)
}
