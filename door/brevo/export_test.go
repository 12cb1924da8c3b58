package brevo

import "relais/gateway"

// RefusedBy gives status and code of an error of the gateway.
func RefusedBy(e *gateway.Error) (status int, code string) {
	r := refusedBy(e)
	return r.status, r.Code
}
