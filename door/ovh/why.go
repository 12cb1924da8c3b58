package ovh

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whyAddress reason.Code = "config_invalid/ovh_address"
	whyClock   reason.Code = "config_invalid/ovh_clock"
	whyCredits reason.Code = "config_invalid/ovh_credits"
	whySender  reason.Code = "config_invalid/ovh_sender"
	whyShadow  reason.Code = "config_invalid/ovh_shadow"
)
