package brevo

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whyAccountTwice reason.Code = "config_invalid/brevo_account_twice"
	whyAddress      reason.Code = "config_invalid/brevo_address"
	whyKey          reason.Code = "config_invalid/brevo_key"
	whyKeyTwice     reason.Code = "config_invalid/brevo_key_twice"
	whyRepeats      reason.Code = "config_invalid/brevo_repeats"
)
