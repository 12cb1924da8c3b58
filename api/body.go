package api

import (
	"net/http"

	"relais/api/jsonbody"
	"relais/reason"
)

// decode reads a JSON body strictly. The error is a *refusal that says where.
func decode(body []byte, into any, keys jsonbody.Keys) error {
	if f := jsonbody.Decode(body, into, keys); f != nil {
		return misread(f)
	}
	return nil
}

// misread is the refusal of a body.
func misread(f *jsonbody.Fault) *refusal {
	p := refusalFor(f.Status, f.Reason)
	if f.At != nil {
		p = p.at(fieldAt(*f.At))
	}
	return p
}

// refuse refuses a value of a body, which stands where the pointer says.
func refuse(body []byte, pointer string, why reason.Reason) *refusal {
	return misread(jsonbody.Wrong(body, pointer, why))
}

func fieldAt(p jsonbody.Place) FieldError {
	return FieldError{Field: p.Field, Position: p.Position, Line: p.Line, Column: p.Column}
}

func bodyCut() *refusal { return refusalOf(http.StatusBadRequest, sayBodyCut) }

func bodyLate() *refusal {
	return refusalFor(http.StatusRequestTimeout,
		reason.Of(codeBodyTimeout, reason.Args{"within": reason.Name(bodyTimeout.String())}))
}
