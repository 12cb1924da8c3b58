package twilio

import "relais/gateway"

// What tests of the package look at.
var (
	Signature    = signature
	ExactAddress = exactAddress
	Called       = called
	HostOf       = hostOf
	ParseTwiML   = parseTwiML
)

// RefusedBy gives status and code of an error of the gateway.
func RefusedBy(e *gateway.Error) (status, code int) {
	r := refusedBy(e)
	return r.status, r.code
}
