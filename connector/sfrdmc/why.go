package sfrdmc

import "relais/reason"

// Why a value of the section cannot work. The sentences stand in the catalogues.
const (
	whyBroadcast reason.Code = "config_invalid/dmc_broadcast"
	whyLang      reason.Code = "config_invalid/dmc_lang"
	whyMaxBatch  reason.Code = "config_invalid/dmc_max_batch"
	whyOverlap   reason.Code = "config_invalid/dmc_overlap"
	whyPassword  reason.Code = "config_invalid/dmc_password"
	whyRate      reason.Code = "config_invalid/dmc_rate"
	whyRefusal   reason.Code = "config_invalid/dmc_refusal"
	whySender    reason.Code = "config_invalid/dmc_sender"
	whyService   reason.Code = "config_invalid/dmc_service"
	whySpaceID   reason.Code = "config_invalid/dmc_space"
	whyTimeout   reason.Code = "config_invalid/dmc_timeout"
	whyURL       reason.Code = "config_invalid/dmc_url"
	whyVersion   reason.Code = "config_invalid/dmc_version"
)
