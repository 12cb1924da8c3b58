package ovh

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"relais/sandbox/world"
)

// Dialect is the shape of OVH's error bodies. Both were observed: the old one
// from 2013 to 2024 at least, the new one since 2023.
type Dialect int

// The dialects.
const (
	NewDialect Dialect = iota // {"class","message"}
	OldDialect                // {"errorCode","httpCode","message"}
)

// refusal is a refusal of the API.
type refusal struct {
	status  int
	code    string // old errorCode; empty where none is known
	class   string
	message string
}

// Error gives the sentence of the API.
func (e *refusal) Error() string { return e.message }

// Observed codes and sentences, from issue threads of the official clients and
// of ACME tools; where only one dialect was seen, the other is inferred.
var (
	errLogin = &refusal{http.StatusUnauthorized, "", "Client::Unauthorized", "You must login first"}
	errKey   = &refusal{
		http.StatusForbidden, "INVALID_KEY", "Client::Forbidden", "This application key is invalid",
	}
	errClock = &refusal{http.StatusBadRequest, "QUERY_TIME_OUT", "Client::BadRequest", "Query out of time"}
	errSign  = &refusal{http.StatusBadRequest, "INVALID_SIGNATURE", "Client::BadRequest", "Invalid signature"}
	errNoKey = &refusal{
		http.StatusForbidden, "NOT_CREDENTIAL", "Client::Forbidden", "This credential does not exist",
	}
	errState = &refusal{
		http.StatusForbidden, "INVALID_CREDENTIAL", "Client::Forbidden", "This credential is not valid",
	}
	errGrant = &refusal{
		http.StatusForbidden, "NOT_GRANTED_CALL", "Client::Forbidden", "This call has not been granted",
	}
	errRoute = &refusal{
		http.StatusNotFound, "INVALID_URL", "Client::NotFound", "Got an invalid (or empty) URL",
	}
	errService = &refusal{http.StatusNotFound, "", "Client::NotFound", "This service does not exist"}
	errRules   = &refusal{
		http.StatusBadRequest, "", "Client::BadRequest",
		"Body parameter accessRules isn't formated correctly",
	}
	// Inferred: no source tells the code and the body of an empty balance.
	errCredit = &refusal{http.StatusForbidden, "", "Client::Forbidden", "Insufficient credits"}
)

func bad(message string) *refusal {
	return &refusal{http.StatusBadRequest, "", "Client::BadRequest", message}
}

func forbidden(message string) *refusal {
	return &refusal{http.StatusForbidden, "", "Client::Forbidden", message}
}

// unknown is a 404 for an object; the wording is inferred.
func unknown(parameter, value string) *refusal {
	return &refusal{
		http.StatusNotFound, "", "Client::NotFound",
		"The requested object (" + parameter + " = " + value + ") does not exist",
	}
}

func (o *Operator) errorAnswer(err error) world.Answer {
	known, ok := errors.AsType[*refusal](err)
	if !ok {
		known = &refusal{
			http.StatusInternalServerError, "", "Server::InternalServerError", "Internal server error",
		}
	}
	return world.Answer{Status: known.status, Type: world.TypeJSON, Body: o.errorBody(known)}
}

func (o *Operator) errorBody(e *refusal) []byte {
	if o.dialect == OldDialect {
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
func (o *Operator) faultAnswer(kind string) world.Answer {
	said := errCredit
	switch kind {
	case world.FaultHTTP500:
		said = &refusal{
			http.StatusInternalServerError, "", "Server::InternalServerError", "Internal server error",
		}
	case world.FaultHTTP503:
		said = &refusal{
			http.StatusServiceUnavailable, "", "Server::ServiceUnavailable",
			"Service is temporarily unavailable",
		}
	case world.FaultThrottle:
		said = &refusal{http.StatusTooManyRequests, "", "Client::TooManyRequests", "Too many requests"}
	}
	return o.errorAnswer(said)
}
