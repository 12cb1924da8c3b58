package dmc

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"relais/sandbox/world"
)

// refusal is a refusal of the JSON API. Status 200 goes with it.
type refusal struct {
	code   string
	detail string
	taken  int // messages of the call that were taken all the same
}

// Error gives the sentence of the API.
func (e *refusal) Error() string { return e.detail }

// The codes are documented for SOAP faults (DMC developer guide v1.7, 1.1.5.5),
// save BEANPARAMETER_REQUIRED, which was observed, and AUTHENTICATION_FAILED, which
// a client expects (novuhq/novu). The sentences are inferred but for the first.
func required(object, field string) error {
	return &refusal{
		code:   "BEANPARAMETER_REQUIRED",
		detail: "Dans l'objet " + object + " le paramètre " + field + " est requis",
	}
}

func invalid(parameter string) error {
	return &refusal{code: "invalid_parameter", detail: "Paramètre invalide : " + parameter}
}

var (
	errLogin  = &refusal{code: "AUTHENTICATION_FAILED", detail: "Échec de l'authentification"}
	errSpace  = &refusal{code: "no_space_found", detail: "Aucun espace trouvé"}
	errCredit = &refusal{code: "option_quota_overflowed", detail: "Quota de l'option dépassé : SMS"}
)

// failure is the envelope of a refusal. fatal and invalidParams were observed.
func failure(err error) world.Answer {
	known, ok := errors.AsType[*refusal](err)
	if !ok {
		known = &refusal{code: "corruption_base", detail: "Opération inattendue"}
	}
	body, _ := json.Marshal(struct {
		Success       bool   `json:"success"`
		ErrorCode     string `json:"errorCode"`
		ErrorDetail   string `json:"errorDetail"`
		Fatal         bool   `json:"fatal"`
		InvalidParams bool   `json:"invalidParams"`
	}{false, known.code, known.detail, true, known != errLogin && known != errCredit})
	return world.Answer{Status: http.StatusOK, Type: world.TypeJSON, Body: htmlSafe(body), Taken: known.taken}
}

// success is the envelope of a result; nil leaves response out.
func success(value any) world.Answer {
	a := world.Answer{Status: http.StatusOK, Type: world.TypeJSON}
	if id, ok := value.(ID); ok {
		a.Body = strconv.AppendInt([]byte(`{"success":true,"response":`), int64(id), 10)
		a.Body = append(a.Body, '}')
		return a
	}
	body, _ := json.Marshal(struct {
		Success  bool `json:"success"`
		Response any  `json:"response,omitempty"`
	}{true, value})
	a.Body = htmlSafe(body)
	return a
}

// htmlSafe writes < > & = and ' as \u00xx. The apostrophe was observed; the others
// are inferred from it, since a known Java writer has that habit. encoding/json did
// the first three, and none of the two left can stand outside a string.
func htmlSafe(body []byte) []byte {
	body = bytes.ReplaceAll(body, []byte("'"), []byte(`\u0027`))
	return bytes.ReplaceAll(body, []byte("="), []byte(`\u003d`))
}

// tomcat is a page of Tomcat's, on which the platform runs (documented: DMC
// developer guide v1.7, 1.1.1).
func tomcat(status int) world.Answer {
	title := "HTTP Status " + strconv.Itoa(status) + " – " + http.StatusText(status)
	return world.Answer{Status: status, Type: world.TypeHTML, Body: world.Page(title, "Apache Tomcat")}
}

// faultAnswer is what an ordered fault says in DMC's manner.
func (d *Operator) faultAnswer(kind string) world.Answer {
	switch kind {
	case world.FaultHTTP500:
		return tomcat(http.StatusInternalServerError)
	case world.FaultHTTP503:
		return tomcat(http.StatusServiceUnavailable)
	case world.FaultThrottle:
		return tomcat(http.StatusTooManyRequests)
	}
	return failure(errCredit)
}
