package api

import (
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
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

func libraryProblem(status int, message string, errs []error) *Problem {
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return bodyTooLarge()
	case status == http.StatusRequestTimeout:
		return problem(status, "body_timeout", "The body did not arrive within "+bodyTimeout.String()+".")
	case message == "request body is required": // the library's word
		return bodyEmpty()
	case message == "cannot read request body": // the same, for a caller that broke off
		return problem(http.StatusBadRequest, "body_cut", "The body ended before its announced length, or its chunks are malformed.")
	case status >= http.StatusInternalServerError:
		return internalError()
	}
	p := problem(status, "invalid_parameter", message)
	for _, err := range errs {
		if e, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			p = p.at(FieldError{Field: strings.TrimPrefix(e.Location, "query."), Detail: plainer(e.Message)})
		}
	}
	if len(p.Errors) > 0 {
		p.Detail = p.Errors[0].Field + ": " + p.Errors[0].Detail
	}
	return p
}

// plainer replaces the sentences of the API library that speak of Go, or of no cure.
func plainer(detail string) string {
	switch {
	case strings.HasPrefix(detail, "invalid date/time"):
		return `The date must be RFC 3339 with a zone, like "2026-03-01T09:30:00Z"; in a URL a + is written %2B.`
	case detail == "invalid integer":
		return "a whole number is wanted, in digits"
	}
	return detail
}
