package api

import (
	"errors"
	"log/slog"
	"net/http"

	"relais/api/jsonbody"
	"relais/gateway"
	"relais/webhook"
)

// failures turns errors into problem documents, and logs those that no caller can mend.
type failures struct{ log *slog.Logger }

// fail turns any error of a handler into a problem document.
func (f failures) fail(err error, body []byte) *refusal {
	if p, ok := errors.AsType[*refusal](err); ok {
		return p
	}
	if e, ok := errors.AsType[*gateway.Error](err); ok {
		if e.Kind == gateway.Unavailable {
			f.log.Error("a request was put off", "code", e.Code.Wire(), "error", e.Err)
		}
		return problemOf(e, body)
	}
	f.log.Error("a request failed", "error", err)
	return internalError()
}

// unread turns an error of the reader into a problem document.
func (f failures) unread(err error) *refusal {
	if p, ok := errors.AsType[*refusal](err); ok {
		return p
	}
	if errors.Is(err, gateway.ErrNotFound) {
		return refusalOf(http.StatusNotFound, codeMessageUnknown)
	}
	f.log.Error("cannot read messages", "error", err)
	p := refusalOf(http.StatusServiceUnavailable, sayUnread)
	p.retryAfter = "5"
	return p
}

// noWebhook turns an error of the webhook package into a problem document.
func (f failures) noWebhook(err error, body []byte) *refusal {
	if e, ok := errors.AsType[*webhook.Error](err); ok {
		if e.Field == "" { // nothing is wrong with the request: it is another kind of endpoint
			return refusalFor(http.StatusConflict, e.Reason)
		}
		return refuse(body, e.Field, e.Reason)
	}
	if errors.Is(err, webhook.ErrUnknown) {
		return refusalOf(http.StatusNotFound, codeWebhookUnknown)
	}
	return f.unread(err)
}

var statuses = map[gateway.Kind]int{
	gateway.Invalid:     http.StatusUnprocessableEntity,
	gateway.Conflict:    http.StatusConflict,
	gateway.Overloaded:  http.StatusTooManyRequests,
	gateway.Unavailable: http.StatusServiceUnavailable,
}

// problemOf translates a refusal of the gateway; body locates the field.
func problemOf(e *gateway.Error, body []byte) *refusal {
	p := refusalFor(statuses[e.Kind], e.Reason)
	if e.Kind == gateway.Overloaded || e.Kind == gateway.Unavailable {
		p.retryAfter = e.RetrySeconds()
	}
	if e.Field != "" {
		p = p.at(fieldAt(jsonbody.Locate(body, e.Field)))
	}
	p.rejected = e.Rejected
	return p
}
