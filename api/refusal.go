package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"relais/gateway"
	"relais/reason"
)

// refusal is a Problem that is not yet put into a language.
type refusal struct {
	status     int
	reason     reason.Reason
	faults     []fault
	rejected   []gateway.Refusal
	items      []BatchItem
	retryAfter string
}

// fault is a value of the request that is wrong, and why.
type fault struct {
	FieldError
	reason reason.Reason
}

// refusalOf refuses with the sentence of a code that has no arguments.
func refusalOf(status int, code reason.Code) *refusal {
	return refusalFor(status, reason.Of(code, nil))
}

func refusalFor(status int, why reason.Reason) *refusal { return &refusal{status: status, reason: why} }

func badParameter(name string, why reason.Reason) *refusal {
	return refusalFor(http.StatusUnprocessableEntity, why).at(FieldError{Field: name})
}

func badCursor() *refusal { return badParameter("cursor", reason.Of(sayCursor, nil)) }

func internalError() *refusal { return refusalOf(http.StatusInternalServerError, codeInternal) }

// at adds the value at fault.
func (p *refusal) at(f FieldError) *refusal { return p.blame(f, p.reason) }

// blame adds a value at fault that has a reason of its own.
func (p *refusal) blame(f FieldError, why reason.Reason) *refusal {
	p.faults = append(p.faults, fault{f, why})
	return p
}

// in puts the refusal into a language.
func (p *refusal) in(l reason.Language) *Problem {
	code := p.reason.Code.Wire()
	shown := &Problem{
		Type: "/docs/problems#" + code, Title: titleOf(problemTitle, code).In(l),
		Status: p.status, Code: code,
		Detail: p.reason.In(l),
		Items:  p.items,
	}
	for _, f := range p.faults {
		f.Detail = f.reason.In(l)
		shown.Errors = append(shown.Errors, f.FieldError)
	}
	if len(p.rejected) > 0 {
		shown.Rejected = refusedOf(p.rejected, l)
	}
	return shown
}

// Error implements error.
func (p *refusal) Error() string {
	return p.reason.Code.Wire() + ": " + p.reason.In(reason.English)
}

// GetStatus implements huma.StatusError.
func (p *refusal) GetStatus() int { return p.status }

// ContentType implements huma.ContentTypeFilter.
func (p *refusal) ContentType(string) string { return problemType }

// GetHeaders implements huma.HeadersError.
func (p *refusal) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter != "" {
		h.Set("Retry-After", p.retryAfter)
	}
	return h
}

// Schema implements huma.SchemaProvider: what is sent is a Problem.
func (p *refusal) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[Problem](), true, "")
}

const problemType = "application/problem+json"

// write answers outside the described operations: wrong key, unknown route.
func (p *refusal) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", problemType)
	if p.retryAfter != "" {
		h.Set("Retry-After", p.retryAfter)
	}
	if p.status == http.StatusUnsupportedMediaType {
		h.Set("Accept-Encoding", "identity") // RFC 9110, 15.5.16: what would be taken
	}
	l := spoken(r.Header.Get("Accept-Language"), h.Set)
	body, _ := encode(p.in(l)) //nolint:errchkjson // it is made of texts
	w.WriteHeader(p.status)
	w.Write(body) //nolint:errcheck // the client may have gone
}

// inLanguage is the step of the API library that puts a refusal into the caller's
// language.
func inLanguage(ctx huma.Context, _ string, answer any) (any, error) {
	if p, refused := answer.(*refusal); refused {
		return p.in(spoken(ctx.Header("Accept-Language"), ctx.SetHeader)), nil
	}
	return answer, nil
}

// spoken is the language of an answer. The answer says which it is where one was asked
// for.
func spoken(accept string, set func(name, value string)) reason.Language {
	l := reason.Match(accept)
	if accept != "" {
		set("Content-Language", string(l))
		set("Vary", "Accept-Language")
	}
	return l
}
