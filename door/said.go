package door

import (
	"errors"

	"relais/gateway"
	"relais/reason"
)

// Refused is a refusal of the gateway, where it has a code.
func Refused(err error, code reason.Code) (*gateway.Error, bool) {
	e, ok := errors.AsType[*gateway.Error](err)
	return e, ok && e.Is(code)
}
