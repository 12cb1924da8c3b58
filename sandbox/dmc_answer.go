package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// dmcError is a refusal of the JSON API. Status 200 goes with it.
type dmcError struct {
	code   string
	detail string
	taken  int // messages of the call that were taken all the same
}

// Error gives the sentence of the API.
func (e *dmcError) Error() string { return e.detail }

// The codes are documented for SOAP faults (DMC developer guide v1.7, 1.1.5.5),
// save BEANPARAMETER_REQUIRED, which was observed, and AUTHENTICATION_FAILED, which
// a client expects (novuhq/novu). The sentences are inferred but for the first.
func dmcRequired(object, field string) error {
	return &dmcError{code: "BEANPARAMETER_REQUIRED", detail: "Dans l'objet " + object + " le paramètre " + field + " est requis"}
}

func dmcInvalid(parameter string) error {
	return &dmcError{code: "invalid_parameter", detail: "Paramètre invalide : " + parameter}
}

var (
	errDMCLogin  = &dmcError{code: "AUTHENTICATION_FAILED", detail: "Échec de l'authentification"}
	errDMCSpace  = &dmcError{code: "no_space_found", detail: "Aucun espace trouvé"}
	errDMCCredit = &dmcError{code: "option_quota_overflowed", detail: "Quota de l'option dépassé : SMS"}
)

// dmcFailure is the envelope of a refusal. fatal and invalidParams were observed.
func dmcFailure(err error) answer {
	refusal, ok := errors.AsType[*dmcError](err)
	if !ok {
		refusal = &dmcError{code: "corruption_base", detail: "Opération inattendue"}
	}
	body, _ := json.Marshal(struct {
		Success       bool   `json:"success"`
		ErrorCode     string `json:"errorCode"`
		ErrorDetail   string `json:"errorDetail"`
		Fatal         bool   `json:"fatal"`
		InvalidParams bool   `json:"invalidParams"`
	}{false, refusal.code, refusal.detail, true, refusal != errDMCLogin && refusal != errDMCCredit})
	return answer{status: http.StatusOK, ctype: typeJSON, body: htmlSafe(body), taken: refusal.taken}
}

// dmcSuccess is the envelope of a result; nil leaves response out.
func dmcSuccess(value any) answer {
	a := answer{status: http.StatusOK, ctype: typeJSON}
	if id, ok := value.(dmcID); ok {
		a.body = strconv.AppendInt([]byte(`{"success":true,"response":`), int64(id), 10)
		a.body = append(a.body, '}')
		return a
	}
	body, _ := json.Marshal(struct {
		Success  bool `json:"success"`
		Response any  `json:"response,omitempty"`
	}{true, value})
	a.body = htmlSafe(body)
	return a
}

// htmlSafe writes < > & = and ' as \u00xx. The apostrophe was observed; the others
// are inferred from it, since a known Java writer has that habit. encoding/json did
// the first three, and none of the two left can stand outside a string.
func htmlSafe(body []byte) []byte {
	body = bytes.ReplaceAll(body, []byte("'"), []byte(`\u0027`))
	return bytes.ReplaceAll(body, []byte("="), []byte(`\u003d`))
}

// dmcPage is a page of Tomcat's, on which the platform runs (documented: DMC
// developer guide v1.7, 1.1.1).
func dmcPage(status int) answer {
	title := "HTTP Status " + strconv.Itoa(status) + " – " + http.StatusText(status)
	return answer{status: status, ctype: typeHTML, body: page(title, "Apache Tomcat")}
}

// faultAnswer is what an ordered fault says in DMC's manner.
func (d *dmc) faultAnswer(kind string) answer {
	switch kind {
	case FaultHTTP500:
		return dmcPage(http.StatusInternalServerError)
	case FaultHTTP503:
		return dmcPage(http.StatusServiceUnavailable)
	case FaultThrottle:
		return dmcPage(http.StatusTooManyRequests)
	}
	return dmcFailure(errDMCCredit)
}
