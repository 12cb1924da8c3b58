package smpp

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whyBounds       reason.Code = "config_invalid/smpp_door_bounds"
	whyCertificate  reason.Code = "config_invalid/smpp_door_certificate"
	whyHash         reason.Code = "config_invalid/smpp_door_hash"
	whyLongPassword reason.Code = "config_invalid/smpp_door_long_password"
	whyPassword     reason.Code = "config_invalid/smpp_door_no_password"
	whyRate         reason.Code = "config_invalid/smpp_door_rate"
	whyRepeats      reason.Code = "config_invalid/smpp_door_repeats"
	whyTag          reason.Code = "config_invalid/smpp_door_tag"
	whySystemID     reason.Code = "config_invalid/smpp_door_system_id"
)
