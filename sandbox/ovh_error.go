package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// OVHDialect is the shape of OVH's error bodies. Both were observed: the old one
// from 2013 to 2024 at least, the new one since 2023.
type OVHDialect int

// The dialects.
const (
	OVHNew OVHDialect = iota // {"class","message"}
	OVHOld                   // {"errorCode","httpCode","message"}
)

// ovhError is a refusal of the API.
type ovhError struct {
	status  int
	code    string // old errorCode; empty where none is known
	class   string
	message string
}

// Error gives the sentence of the API.
func (e *ovhError) Error() string { return e.message }

// Observed codes and sentences, from issue threads of the official clients and
// of ACME tools; where only one dialect was seen, the other is inferred.
var (
	errOVHLogin = &ovhError{http.StatusUnauthorized, "", "Client::Unauthorized", "You must login first"}
	errOVHKey   = &ovhError{http.StatusForbidden, "INVALID_KEY", "Client::Forbidden", "This application key is invalid"}
	errOVHClock = &ovhError{http.StatusBadRequest, "QUERY_TIME_OUT", "Client::BadRequest", "Query out of time"}
	errOVHSign  = &ovhError{http.StatusBadRequest, "INVALID_SIGNATURE", "Client::BadRequest", "Invalid signature"}
	errOVHNoKey = &ovhError{http.StatusForbidden, "NOT_CREDENTIAL", "Client::Forbidden", "This credential does not exist"}
	errOVHState = &ovhError{
		http.StatusForbidden, "INVALID_CREDENTIAL", "Client::Forbidden", "This credential is not valid",
	}
	errOVHGrant = &ovhError{
		http.StatusForbidden, "NOT_GRANTED_CALL", "Client::Forbidden", "This call has not been granted",
	}
	errOVHRoute   = &ovhError{http.StatusNotFound, "INVALID_URL", "Client::NotFound", "Got an invalid (or empty) URL"}
	errOVHService = &ovhError{http.StatusNotFound, "", "Client::NotFound", "This service does not exist"}
	errOVHRules   = &ovhError{
		http.StatusBadRequest, "", "Client::BadRequest", "Body parameter accessRules isn't formated correctly",
	}
	// Inferred: no source tells the code and the body of an empty balance.
	errOVHCredit = &ovhError{http.StatusForbidden, "", "Client::Forbidden", "Insufficient credits"}
)

func ovhBad(message string) *ovhError {
	return &ovhError{http.StatusBadRequest, "", "Client::BadRequest", message}
}

func ovhForbidden(message string) *ovhError {
	return &ovhError{http.StatusForbidden, "", "Client::Forbidden", message}
}

// ovhUnknown is a 404 for an object; the wording is inferred.
func ovhUnknown(parameter, value string) *ovhError {
	return &ovhError{
		http.StatusNotFound, "", "Client::NotFound",
		"The requested object (" + parameter + " = " + value + ") does not exist",
	}
}

func (o *ovh) errorAnswer(err error) answer {
	refusal, ok := errors.AsType[*ovhError](err)
	if !ok {
		refusal = &ovhError{http.StatusInternalServerError, "", "Server::InternalServerError", "Internal server error"}
	}
	return answer{status: refusal.status, ctype: typeJSON, body: o.errorBody(refusal)}
}

func (o *ovh) errorBody(e *ovhError) []byte {
	if o.dialect == OVHOld {
		body, _ := json.Marshal(struct {
			ErrorCode string `json:"errorCode,omitzero"`
			HTTPCode  string `json:"httpCode"`
			Message   string `json:"message"`
		}{e.code, strconv.Itoa(e.status) + " " + http.StatusText(e.status), e.message})
		return body
	}
	body, _ := json.Marshal(struct {
		Class   string `json:"class"`
		Message string `json:"message"`
	}{e.class, e.message})
	return body
}

// faultAnswer is what an ordered fault says in OVH's manner.
func (o *ovh) faultAnswer(kind string) answer {
	refusal := errOVHCredit
	switch kind {
	case FaultHTTP500:
		refusal = &ovhError{http.StatusInternalServerError, "", "Server::InternalServerError", "Internal server error"}
	case FaultHTTP503:
		refusal = &ovhError{
			http.StatusServiceUnavailable, "", "Server::ServiceUnavailable", "Service is temporarily unavailable",
		}
	case FaultThrottle:
		refusal = &ovhError{http.StatusTooManyRequests, "", "Client::TooManyRequests", "Too many requests"}
	}
	return o.errorAnswer(refusal)
}
