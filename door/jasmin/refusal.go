package jasmin

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"relais/gateway"
	"relais/inbox"
	"relais/number"
	"relais/quota"
	"relais/reason"
	"relais/webhook"
)

// form is how an answer is written.
type form int

const (
	asText form = iota // Success "…" and Error "…"
	asJSON             // of /balance and /rate
	asREST             // in an object
)

// answer is what a client gets for what was done.
type answer struct {
	text     string // in asText
	value    any    // in asJSON, and the data of asREST
	replayed bool   // it was the first answer to an earlier request
}

func (a *answer) write(w http.ResponseWriter, f form) {
	if a.replayed {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	switch f {
	case asText:
		write(w, http.StatusOK, "text/plain; charset=utf-8", []byte(a.text))
	case asJSON:
		writeJSON(w, http.StatusOK, a.value)
	case asREST:
		writeJSON(w, http.StatusOK, map[string]any{"data": a.value})
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil { // texts, numbers and lists of them
		panic(err)
	}
	write(w, status, "application/json", body)
}

func write(w http.ResponseWriter, status int, kind string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // nobody listens any more
}

// refusal is an error as clients read it. Statuses are documented (JAS, http/index), sentences those of JAC with the reason of
// Relais behind them.
type refusal struct {
	status  int
	title   string // in asREST, of an error that its own API has
	message string
	allow   string // methods
	retry   string // Retry-After, in seconds
}

func (r *refusal) Error() string { return r.message }

// bad refuses arguments.
func bad(message string) error { return &refusal{status: http.StatusBadRequest, message: message} }

var (
	errLogin = &refusal{
		status: http.StatusUnauthorized, title: "Authentication required", message: "Please provide a valid Basic auth token",
	}
	errInternal    = &refusal{status: http.StatusInternalServerError, message: "Unknown error: the gateway failed"}
	errUnavailable = &refusal{
		status: http.StatusServiceUnavailable, message: "Cannot send submit_sm, the gateway cannot store it at the moment: try again", retry: "5",
	}
)

func notAllowed(methods []string) error {
	return &refusal{
		status: http.StatusMethodNotAllowed, message: "The method is not allowed: use " + strings.Join(methods, " or "), allow: strings.Join(methods, ", "),
	}
}

// unauthorized refuses what a user may not do.
func unauthorized(name, why string) *refusal {
	return &refusal{status: http.StatusForbidden, message: "Authorization failed for user [" + shown(name) + "] (" + why + ")"}
}

// write sends the refusal. Quotes end a sentence of Jasmin's, so that it holds none.
func (r *refusal) write(w http.ResponseWriter, f form) {
	h := w.Header()
	if r.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Basic realm="Jasmin"`)
	}
	if r.allow != "" {
		h.Set("Allow", r.allow)
	}
	if r.retry != "" {
		h.Set("Retry-After", r.retry)
	}
	message := strings.ReplaceAll(r.message, `"`, "'")
	switch {
	case f == asText:
		write(w, r.status, "text/plain; charset=utf-8", []byte(`Error "`+message+`"`))
	case f == asJSON:
		writeJSON(w, r.status, message)
	case r.title != "":
		writeJSON(w, r.status, map[string]string{"title": r.title, "description": message, "message": message})
	default:
		writeJSON(w, r.status, map[string]string{"message": `Error "` + message + `"`})
	}
}

// refusalOf is an error as the caller of that name reads it. One that nobody outside is at fault for is logged.
func (d *Door) refusalOf(name string, err error) *refusal {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused
	}
	if e, ok := errors.AsType[*webhook.Error](err); ok {
		return &refusal{status: http.StatusBadRequest, message: "Argument [dlr-url] has an invalid value. " + e.Reason.In(reason.English)}
	}
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok || e.Kind == gateway.Unavailable {
		d.Log.Error("a request failed", "door", Format, "error", err)
		return errUnavailable
	}
	return refusedBy(name, e)
}

// refusedBy puts an error of the gateway in Jasmin's words.
func refusedBy(name string, e *gateway.Error) *refusal {
	why := e.Reason
	if len(e.Rejected) > 0 {
		why = e.Rejected[0].Reason
	}
	sentence, code := why.In(reason.English), why.Code.Wire()
	is := func(codes ...reason.Code) bool {
		return slices.ContainsFunc(codes, func(c reason.Code) bool { return c.Wire() == code })
	}
	filtered := func(what string) *refusal {
		return &refusal{
			status: http.StatusForbidden, message: "Value filter failed for user [" + shown(name) + "] (" + what + " filter mismatch). " + sentence,
		}
	}
	argument := func(what string) *refusal {
		return &refusal{status: http.StatusBadRequest, message: "Argument [" + what + "] has an invalid value. " + sentence}
	}
	word, _, _ := strings.Cut(code, "_")
	switch {
	case e.Is(gateway.CodeKeyReused):
		return &refusal{status: http.StatusConflict, message: sentence}
	case e.Kind == gateway.Overloaded:
		return &refusal{status: http.StatusForbidden, message: "User throughput exceeded. " + sentence, retry: e.RetrySeconds()}
	case is(quota.Exceeded, quota.RecipientLimit, quota.RepeatedText):
		return &refusal{status: http.StatusForbidden, message: "Cannot charge submit_sm. " + sentence, retry: e.RetrySeconds()}
	case is(gateway.CodeConnectorUnknown), word == "no" && e.Field != "/to":
		return &refusal{status: http.StatusPreconditionFailed, message: "No route found"}
	case is(gateway.CodeSenderOfKey, gateway.CodeConnectorOfKey):
		return unauthorized(name, sentence)
	case is(inbox.CodeOptedOut, number.CodeFixedLine, number.CodePremium, number.CodeSpecial, number.CodeFamily):
		return filtered("destination_address")
	case word == "sender":
		return filtered("source_address")
	}
	for field, what := range map[string]string{
		"/to": "to", "/text": "content", "/send_at": "sdt", "/valid_for": "validity-period", "/metadata": "dlr-url",
	} {
		if e.Field == field || field == "/to" && (word == "number" || word == "several") {
			return argument(what)
		}
	}
	return &refusal{status: http.StatusBadRequest, message: sentence}
}
