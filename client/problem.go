package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"relais/internal/retry"
)

// Problem is a refusal by the gateway (RFC 9457).
type Problem struct {
	Type     string       `json:"type"`
	Title    string       `json:"title"`
	Status   int          `json:"status"` // of HTTP
	Code     string       `json:"code"`   // stable word for programs
	Detail   string       `json:"detail"` // what is wrong, and what would be right
	Errors   []FieldError `json:"errors,omitempty"`
	Rejected []Refused    `json:"rejected,omitempty"` // when it was the recipients who were refused
	// Items are the messages of a batch, when each of them was refused.
	Items []BatchItem `json:"items,omitempty"`

	// RetryAfter is how long the gateway asks to wait; 0 when it does not say.
	RetryAfter time.Duration `json:"-"`
}

// FieldError points to one value of the request.
type FieldError struct {
	Field    string `json:"field"` // JSON pointer, or name of a parameter or header
	Position int    `json:"position,omitempty"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Detail   string `json:"detail"`
}

// Error is the detail and the code.
func (p *Problem) Error() string { return fmt.Sprintf("%s (%s)", p.Detail, p.Code) }

// CodeNoRecipient is the code of a refusal because every recipient was refused: Rejected says
// why.
const CodeNoRecipient = "no_recipient"

// Codes of problems that did not come from a gateway.
const (
	// CodeNoProblem stands for an answer that is no problem document: another
	// program answers at the address, or something between.
	CodeNoProblem = "not_a_problem_document"
)

// longestAsked bounds what an answer may ask.
const longestAsked = 24 * time.Hour

func problemOf(a answer, now time.Time) *Problem {
	p := &Problem{}
	if json.Unmarshal(a.body, p) != nil || p.Code == "" {
		p = &Problem{
			Title: http.StatusText(a.status), Code: CodeNoProblem,
			Detail: fmt.Sprintf(
				"HTTP status %d without a problem document; is this the address of a gateway?", a.status,
			),
		}
	}
	p.Status, p.RetryAfter = a.status, retry.After(a.header, now, longestAsked)
	return p
}
