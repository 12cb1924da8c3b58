package smsgate

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whyPassword reason.Code = "config_invalid/smsgate_password"
)
