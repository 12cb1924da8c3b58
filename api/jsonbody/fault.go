package jsonbody

import (
	"net/http"

	"relais/reason"
)

// Place is somewhere in a body. Numbers begin with 1; those of a place that was not found
// are 0.
type Place struct {
	Field    string // JSON pointer
	Position int    // in bytes
	Line     int
	Column   int // in characters
}

// Fault is why a body cannot be taken, with the status of the answer.
type Fault struct { //nolint:errname // package jsonbody has no other error
	Status int
	Reason reason.Reason
	At     *Place // nil: nowhere in particular
}

// Error implements error.
func (f *Fault) Error() string { return f.Reason.Code.Wire() + ": " + f.Reason.In(reason.English) }

// Wrong refuses a value of a body, which stands where the pointer says.
func Wrong(body []byte, pointer string, why reason.Reason) *Fault {
	return wrongAt(Locate(body, pointer), why)
}

// Broken refuses a body that cannot be read from an offset on.
func Broken(body []byte, offset int, why reason.Reason) *Fault {
	at := PlaceAt(body, offset, "")
	return &Fault{Status: http.StatusBadRequest, Reason: why, At: &at}
}

func wrongAt(at Place, why reason.Reason) *Fault {
	return &Fault{Status: http.StatusUnprocessableEntity, Reason: why, At: &at}
}

// ValueError is what an UnmarshalJSON returns for a value that it does not take: Decode
// makes a Fault of it.
type ValueError struct {
	Field  string // JSON pointer
	Reason reason.Reason
}

// Error implements error.
func (e *ValueError) Error() string { return e.Field + ": " + e.Reason.In(reason.English) }
