package vonage

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whyAccountTwice reason.Code = "config_invalid/vonage_account_twice"
	whyAddress      reason.Code = "config_invalid/vonage_address"
	whyKey          reason.Code = "config_invalid/vonage_key"
	whyKeyTwice     reason.Code = "config_invalid/vonage_key_twice"
	whySecret       reason.Code = "config_invalid/vonage_secret"
)
