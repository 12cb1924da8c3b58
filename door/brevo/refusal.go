package brevo

import (
	"errors"
	"net/http"
	"strings"

	"relais/gateway"
	"relais/inbox"
	"relais/quota"
	"relais/reason"
)

// Codes of an error (documented: BRV; too_many_requests and service_unavailable: K).
const (
	invalidParameter = "invalid_parameter"
	missingParameter = "missing_parameter"
	notEnough        = "not_enough_credits"
)

// refusal is an error as clients read it (documented: BRV).
type refusal struct {
	status  int
	retry   string // Retry-After, in seconds
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

func refusalOf(status int, code, message string) *refusal {
	return &refusal{status: status, Code: code, Message: message}
}

func invalid(message string) *refusal {
	return refusalOf(http.StatusBadRequest, invalidParameter, message)
}

func missing(name string) *refusal {
	return refusalOf(http.StatusBadRequest, missingParameter, name+" is missing")
}

var (
	errUnknown  = refusalOf(http.StatusUnauthorized, "unauthorized", "Key not found")
	errInternal = refusalOf(http.StatusInternalServerError, "server_error", "Internal server error")
	errBusy     = &refusal{status: http.StatusServiceUnavailable, retry: "5", Code: "service_unavailable", Message: "The service is unavailable at the moment: try again"}
)

func (r *refusal) write(w http.ResponseWriter) {
	if r.retry != "" {
		w.Header().Set("Retry-After", r.retry)
	}
	write(w, r.status, r)
}

// refusalFor is what a client is told of an error; one that nobody outside is at fault for is logged.
func (d *Door) refusalFor(err error) *refusal {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused
	}
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok || e.Kind == gateway.Unavailable {
		d.Log.Error("a request failed", "door", Format, "error", err)
		return errBusy
	}
	return refusedBy(e)
}

// refusedBy puts an error of the gateway in Brevo's form.
func refusedBy(e *gateway.Error) *refusal {
	why := e.Reason
	if len(e.Rejected) > 0 {
		why = e.Rejected[0].Reason
	}
	sentence, code := why.In(reason.English), why.Code.Wire()
	switch {
	case code == quota.Exceeded.Wire():
		return refusalOf(http.StatusPaymentRequired, notEnough, sentence)
	case e.Kind == gateway.Overloaded, code == quota.RecipientLimit.Wire(), code == quota.RepeatedText.Wire():
		return &refusal{status: http.StatusTooManyRequests, retry: e.RetrySeconds(), Code: "too_many_requests", Message: sentence}
	case code == gateway.CodeSenderOfKey.Wire(), code == gateway.CodeConnectorOfKey.Wire():
		return refusalOf(http.StatusForbidden, "permission_denied", sentence)
	case e.Is(gateway.CodeKeyReused):
		return refusalOf(http.StatusBadRequest, "duplicate_parameter", sentence)
	case code == inbox.CodeOptedOut.Wire():
		return invalid("The recipient has unsubscribed: " + sentence)
	case strings.HasPrefix(code, "number"):
		return invalid("Invalid telephone number: " + sentence)
	case strings.HasPrefix(code, "sender"):
		return invalid("Invalid sender: " + sentence)
	case code == gateway.CodeTextEmpty.Wire():
		return missing("content")
	}
	return invalid(sentence)
}
