package api

import (
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"relais/api/jsonbody"
	"relais/reason"
)

// describeErrors makes the API library speak in problem documents, and describe lists
// as they are. The library keeps this in variables of its own, the same for every handler.
var describeErrors = sync.OnceFunc(func() {
	huma.DefaultArrayNullable = false // a list without elements is [], never null
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return libraryProblem(status, message, errs)
	}
	huma.NewErrorWithContext = func(_ huma.Context, status int, message string, errs ...error) huma.StatusError {
		return libraryProblem(status, message, errs)
	}
})

func libraryProblem(status int, message string, errs []error) *refusal {
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return bodyTooLarge()
	case status == http.StatusRequestTimeout:
		return bodyLate()
	case message == "request body is required": // the library's word
		return misread(jsonbody.Empty())
	case message == "cannot read request body": // the same, for a caller that broke off
		return bodyCut()
	case status >= http.StatusInternalServerError:
		return internalError()
	}
	p := refusalFor(status, reason.Verbatim(message).As(codeParameter))
	for _, err := range errs {
		if e, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			p = p.blame(FieldError{Field: strings.TrimPrefix(e.Location, "query.")}, plainer(e.Message))
		}
	}
	if len(p.faults) > 0 {
		p.reason = reason.Of(sayOfField, reason.Args{
			"field": reason.Name(p.faults[0].Field), "wrong": p.faults[0].reason,
		})
	}
	return p
}

// known are the sentences of the API library about values that do not fit, each with
// ours; what stands between its words is the argument.
var known = []struct {
	start, end string
	code       reason.Code
}{
	{"invalid date/time", "", sayDate},
	{"invalid integer", "", sayInteger},
	{"invalid boolean", "", sayBoolean},
	{`expected value to be one of "`, `"`, sayOneOf},
	{"expected number >= ", "", sayAtLeast},
	{"expected number <= ", "", sayAtMost},
	{"expected length <= ", "", sayLength},
}

// plainer puts a sentence of the API library into the catalogue's words. One that is not
// known stays in English.
func plainer(detail string) reason.Reason {
	for _, k := range known {
		if rest, ok := strings.CutPrefix(detail, k.start); ok {
			return reason.Of(k.code, reason.Args{"value": reason.Name(strings.TrimSuffix(rest, k.end))})
		}
	}
	return reason.Verbatim(detail)
}
