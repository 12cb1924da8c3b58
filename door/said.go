package door

import (
	"errors"

	"relais/gateway"
	"relais/reason"
)

// Note is what a door says of a request, for the timeline.
func Note(r reason.Reason) gateway.Decision {
	return gateway.Decision{Code: r.Code.Wire(), Detail: r.In(reason.English), French: r.In("fr")}
}

// Refuse is a recipient that a door takes out, by its place in the request.
func Refuse(index int, to string, r reason.Reason) gateway.Refusal {
	n := Note(r)
	return gateway.Refusal{Index: index, To: to, Code: n.Code, Detail: n.Detail, French: n.French}
}

// Refused is a refusal of the gateway, where it has a code.
func Refused(err error, code reason.Code) (*gateway.Error, bool) {
	e, ok := errors.AsType[*gateway.Error](err)
	return e, ok && e.Code == code.Wire()
}

// Why is what a refusal of the gateway says.
func Why(e *gateway.Error) reason.Reason {
	return reason.Written(reason.Code(e.Code), e.Detail, e.French)
}
