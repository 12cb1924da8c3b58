package api

// Problem is a refusal (RFC 9457, application/problem+json).
type Problem struct {
	Type     string       `json:"type" doc:"link to the manual's entry for the code"`
	Title    string       `json:"title" doc:"what the code means"`
	Status   int          `json:"status" doc:"the HTTP status"`
	Code     string       `json:"code" doc:"stable word for programs"`
	Detail   string       `json:"detail" doc:"what is wrong here, and what would be right"`
	Errors   []FieldError `json:"errors,omitempty" doc:"the values at fault"`
	Rejected []Refused    `json:"rejected,omitempty" doc:"the recipients, when it was they who were refused"`
	Items    []BatchItem  `json:"items,omitempty" doc:"the messages of a batch, when it was each of them that was refused"`
}

// FieldError points to one value of the request.
type FieldError struct {
	Field    string `json:"field" doc:"JSON pointer into the body, or the name of a parameter or header"`
	Position int    `json:"position,omitempty" doc:"byte of the body at which it was noticed, from 1"`
	Line     int    `json:"line,omitempty" doc:"of the body or the file, from 1"`
	Column   int    `json:"column,omitempty" doc:"in characters, from 1"`
	Detail   string `json:"detail" doc:"what is wrong here, and what would be right"`
}
