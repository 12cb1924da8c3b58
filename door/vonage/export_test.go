package vonage

import "relais/gateway"

// What tests of the package look at.
var (
	Signature = signature
	Verify    = verify
)

// RefusedBy gives the status of an error of the gateway, and its text.
func RefusedBy(e *gateway.Error) (status int, text string) {
	r := refusedBy(e)
	return r.status, r.text
}
