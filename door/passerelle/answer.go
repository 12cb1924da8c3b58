package passerelle

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"relais/gateway"
	"relais/reason"
)

// Classes of errors as Passerelle names them (inferred). Callers keep them for
// people and branch on none.
const (
	classAPI    = "passerelle.utils.jsonresponse.APIError"
	classDenied = "django.core.exceptions.PermissionDenied"
	class404    = "django.http.response.Http404"
)

// failure is an answer that no caller takes for a success: its status is none of
// 2xx, for authentic2, which reads nothing else, and its err is not 0, for w.c.s.
// Passerelle's own answer to the same is often 200.
type failure struct {
	status int
	class  string
	desc   string
	data   any
	retry  string // Retry-After, in seconds
}

func (f *failure) Error() string { return f.class }

func badRequest(desc string) *failure {
	return &failure{status: http.StatusBadRequest, class: classAPI, desc: desc}
}

func denied() *failure {
	return &failure{
		status: http.StatusForbidden, class: classDenied,
		desc: "this caller may not send messages here; the log of the gateway says why",
	}
}

func notFound() *failure {
	return &failure{
		status: http.StatusNotFound, class: class404,
		desc: "there is no such instance or no such operation; the address is /passerelle/NAME/send, or " +
			"/KIND/SLUG/send as configured",
	}
}

func busy() *failure {
	return &failure{
		status: http.StatusServiceUnavailable, class: classAPI,
		desc: "the gateway cannot store messages at the moment; nothing was stored, send it again later",
	}
}

// unconfirmed answers when nobody knows whether the message is on disk: a person
// who was told that it is not would send it again.
func unconfirmed() *failure {
	f := busy()
	f.desc = "the database did not confirm the message, which may be stored; search for it before it is " +
		"sent again"
	return f
}

func wrongMethod(w http.ResponseWriter, method string) {
	allow := method
	if method == http.MethodGet {
		allow = "GET, HEAD"
	}
	w.Header().Set("Allow", allow)
	(&failure{
		status: http.StatusMethodNotAllowed, class: classAPI,
		desc: "this address takes " + allow,
	}).write(w)
}

func (f *failure) write(w http.ResponseWriter) {
	const seconds = "5"
	switch f.status {
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", f.retry)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", seconds)
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="relais"`)
	}
	answer(w, f.status, map[string]any{"err": 1, "err_class": f.class, "err_desc": f.desc, "data": f.data})
}

// Panicked answers for a request whose handling broke.
func (d *Door) Panicked(w http.ResponseWriter) {
	(&failure{
		status: http.StatusInternalServerError, class: classAPI,
		desc: "the gateway failed to answer; its log says why",
	}).write(w)
}

// answer writes JSON in UTF-8. A caller that has gone hears nothing.
func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.Encode(body) //nolint:errcheck,errchkjson // the caller may have gone
}

// fail turns a refusal of the gateway into an answer.
func (d *Door) fail(instance *Instance, err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok {
		d.Log.Error("a request failed", "door", prefix, "instance", instance.Name, "error", err)
		return &failure{
			status: http.StatusInternalServerError, class: classAPI,
			desc: "the gateway failed to answer; its log says why",
		}
	}
	if e.Is(gateway.CodeQuotaExceeded) {
		return &failure{
			status: http.StatusTooManyRequests, class: classAPI, desc: e.In(reason.English),
			data:  map[string]any{"code": e.Code.Wire()},
			retry: e.RetrySeconds(),
		}
	}
	switch e.Kind {
	case gateway.Unavailable, gateway.Overloaded:
		d.Log.Error("a request was put off", "door", prefix, "instance", instance.Name,
			"code", e.Code.Wire(), "error",
			e.Err)
		if e.Is(gateway.CodeStorageUnavailable) {
			return unconfirmed()
		}
		return busy()
	case gateway.Invalid, gateway.Conflict:
	}
	return &failure{
		status: http.StatusBadRequest, class: classAPI,
		desc: strings.TrimPrefix(e.Field+": "+e.In(reason.English), ": "),
		data: map[string]any{"code": e.Code.Wire()},
	}
}
