package jasmin

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whyPassword reason.Code = "config_invalid/jasmin_password"
	whyReplies  reason.Code = "config_invalid/jasmin_replies"
)
