package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"relais/number"
)

// Problem is a refusal (RFC 9457, application/problem+json).
type Problem struct { //nolint:errname // the word of RFC 9457

	Type     string       `json:"type" doc:"link to the manual's entry for the code"`
	Title    string       `json:"title" doc:"what the code means"`
	Status   int          `json:"status" doc:"the HTTP status"`
	Code     string       `json:"code" doc:"stable word for programs"`
	Detail   string       `json:"detail" doc:"what is wrong here, and what would be right"`
	Errors   []FieldError `json:"errors,omitempty" doc:"the values at fault"`
	Rejected []Refused    `json:"rejected,omitempty" doc:"the recipients, when it was they who were refused"`
	Items    []BatchItem  `json:"items,omitempty" doc:"the messages of a batch, when it was each of them that was refused"`

	retryAfter string
}

// FieldError points to one value of the request.
type FieldError struct {
	Field    string `json:"field" doc:"JSON pointer into the body, or the name of a parameter or header"`
	Position int    `json:"position,omitempty" doc:"byte of the body at which it was noticed, from 1"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty" doc:"in characters, from 1"`
	Detail   string `json:"detail"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter != "" {
		h.Set("Retry-After", p.retryAfter)
	}
	return h
}

func problem(status int, code, detail string) *Problem {
	return &Problem{
		Type: "/docs/problems#" + code, Title: titleOf(code), Status: status, Code: code, Detail: detail,
	}
}

// at adds the value at fault.
func (p *Problem) at(f FieldError) *Problem {
	if f.Detail == "" {
		f.Detail = p.Detail
	}
	p.Errors = append(p.Errors, f)
	return p
}

// write answers outside the described operations: wrong key, unknown route.
func (p *Problem) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/problem+json")
	if p.retryAfter != "" {
		w.Header().Set("Retry-After", p.retryAfter)
	}
	if p.Status == http.StatusUnsupportedMediaType {
		w.Header().Set("Accept-Encoding", "identity") // RFC 9110, 15.5.16: what would be taken
	}
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p) //nolint:errcheck,errchkjson // the client may have gone
}

func refuse(body []byte, code, pointer, detail string) *Problem {
	return problem(http.StatusUnprocessableEntity, code, detail).at(locate(body, pointer))
}

func badParameter(name, detail string) *Problem {
	return problem(http.StatusUnprocessableEntity, "invalid_parameter", detail).at(FieldError{Field: name})
}

func badCursor() *Problem {
	return badParameter("cursor", "The cursor is not one of ours; use the value of next as it is.")
}

func internalError() *Problem {
	return problem(http.StatusInternalServerError, "internal_error", "The gateway failed to answer; its log says why.")
}

func detailOf(err error) string {
	if e, ok := errors.AsType[*number.Error](err); ok {
		return e.Detail
	}
	return err.Error()
}
