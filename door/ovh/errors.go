package ovh

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"relais/connector"
	"relais/gateway"
	"relais/reason"
)

// refusal is an error in the dialect of the API. Clients of before 2023 read
// errorCode, httpCode and message, later ones class and message: the body has
// them all.
type refusal struct {
	status  int
	code    string // errorCode; empty: none is known
	message string
	retry   string // Retry-After
}

func (e *refusal) Error() string { return e.message }

func (e *refusal) class() string {
	switch e.status {
	case http.StatusBadRequest:
		return "Client::BadRequest"
	case http.StatusUnauthorized:
		return "Client::Unauthorized"
	case http.StatusForbidden:
		return "Client::Forbidden"
	case http.StatusNotFound:
		return "Client::NotFound"
	case http.StatusMethodNotAllowed:
		return "Client::MethodNotAllowed"
	case http.StatusUnsupportedMediaType:
		return "Client::UnsupportedMediaType"
	case http.StatusConflict:
		return "Client::Conflict"
	case http.StatusRequestEntityTooLarge:
		return "Client::PayloadTooLarge"
	case http.StatusTooManyRequests:
		return "Client::TooManyRequests"
	case http.StatusNotImplemented:
		return "Server::NotImplemented"
	case http.StatusServiceUnavailable:
		return "Server::ServiceUnavailable"
	default:
		return "Server::InternalServerError"
	}
}

// The refusals of the API; status, code and words are observed.
var (
	errLogin       = &refusal{status: http.StatusUnauthorized, message: "You must login first"}
	errApplication = &refusal{
		status: http.StatusForbidden, code: "INVALID_KEY",
		message: "This application key is invalid",
	}
	errClock = &refusal{
		status: http.StatusBadRequest, code: "QUERY_TIME_OUT",
		message: "Query out of time",
	}
	errSignature = &refusal{
		status: http.StatusBadRequest, code: "INVALID_SIGNATURE",
		message: "Invalid signature",
	}
	errNoConsumer = &refusal{
		status: http.StatusForbidden, code: "NOT_CREDENTIAL",
		message: "This credential does not exist",
	}
	errConsumer = &refusal{
		status: http.StatusForbidden, code: "INVALID_CREDENTIAL",
		message: "This credential is not valid",
	}
	errGrant = &refusal{
		status: http.StatusForbidden, code: "NOT_GRANTED_CALL",
		message: "This call has not been granted",
	}
	errRoute = &refusal{
		status: http.StatusNotFound, code: "INVALID_URL",
		message: "Got an invalid (or empty) URL",
	}
	errPrefix = &refusal{
		status: http.StatusNotFound, code: "INVALID_URL",
		message: "Got an invalid (or empty) URL: this API is under /ovh/1.0 or /ovh/v1, for clients that " +
			"set a host alone under /1.0 or /v1, and has no v2 for SMS",
	}
	errService     = &refusal{status: http.StatusNotFound, message: "This service does not exist"}
	errUnavailable = &refusal{
		status:  http.StatusServiceUnavailable,
		message: "Service is temporarily unavailable", retry: "5",
	}
	errInternal = &refusal{
		status:  http.StatusInternalServerError,
		message: "The gateway failed to answer; its log says why",
	}
)

func bad(message string) *refusal { return &refusal{status: http.StatusBadRequest, message: message} }

func invalid(detail string) *refusal { return bad("The input provided isn't valid: " + detail) }

func required(field string) *refusal { return invalid("'" + field + "' is a required property") }

// noObject is the answer for an id that is not there; its words are inferred.
func noObject(what string) *refusal {
	return &refusal{
		status: http.StatusNotFound, message: "The requested object (" + what + ") does not exist",
	}
}

func notBuilt(detail string) *refusal {
	return &refusal{status: http.StatusNotImplemented, code: "NOT_IMPLEMENTED", message: detail}
}

// refusalOf turns any error into one of the dialect; unexpected tells that it is
// ours.
func refusalOf(err error) (r *refusal, unexpected bool) {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r, false
	}
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok {
		return errInternal, true
	}
	switch e.Kind {
	case gateway.Conflict:
		return &refusal{status: http.StatusConflict, message: e.In(reason.English)}, false
	case gateway.Overloaded:
		return &refusal{
			status: http.StatusTooManyRequests, message: e.In(reason.English),
			retry: e.RetrySeconds(),
		}, false
	case gateway.Unavailable:
		return errUnavailable, true
	default:
		if e.Code == connector.CodeSenderUndeclared { // OVH answers 403 to it (observed: OpenAEV issue 398)
			return &refusal{status: http.StatusForbidden, message: e.In(reason.English)}, false
		}
		return bad(e.In(reason.English)), false
	}
}

// newQueryID has the shape of X-Ovh-QueryID (observed).
func newQueryID() string {
	var b [20]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // crypto/rand never fails since Go 1.24
	}
	h := hex.EncodeToString(b[:])
	return "RELAIS.ext-1." + h[:8] + ".1." + h[8:16] + "-" + h[16:20] + "-" + h[20:24] +
		"-" + h[24:28] + "-" +
		h[28:40]
}

func writeRefusal(w http.ResponseWriter, r *refusal) {
	body := map[string]any{
		"class": r.class(), "message": r.message,
		"httpCode": strconv.Itoa(r.status) + " " + http.StatusText(r.status),
	}
	if r.code != "" {
		body["errorCode"] = r.code
	}
	if r.retry != "" {
		w.Header().Set("Retry-After", r.retry)
	}
	writeJSON(w, r.status, body)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	encoded, err := json.Marshal(value)
	if err != nil {
		status, encoded = http.StatusInternalServerError,
			[]byte(`{"class":"Server::InternalServerError","message":"The answer cannot be encoded"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache, no-store")
	w.WriteHeader(status)
	w.Write(append(encoded, '\n')) //nolint:errcheck // the client may have gone
}
