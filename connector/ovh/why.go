package ovh

import "relais/reason"

// Why a value of the section cannot work. The sentences stand in the catalogues.
const (
	helpApplicationKey    reason.Code = "config_invalid/ovh_missing/application_key"
	helpApplicationSecret reason.Code = "config_invalid/ovh_missing/application_secret"
	helpConsumerKey       reason.Code = "config_invalid/ovh_missing/consumer_key"
	helpService           reason.Code = "config_invalid/ovh_missing/service"
	whyConcurrency        reason.Code = "config_invalid/ovh_concurrency"
	whyEndpoint           reason.Code = "config_invalid/ovh_endpoint"
	whyEndpointBare       reason.Code = "config_invalid/ovh_endpoint_bare"
	whyEndpointSlash      reason.Code = "config_invalid/ovh_endpoint_slash"
	whyMaxBatch           reason.Code = "config_invalid/ovh_max_batch"
	whyMissing            reason.Code = "config_invalid/ovh_missing"
	whyOneOf              reason.Code = "config_invalid/ovh_one_of"
	whyRate               reason.Code = "config_invalid/ovh_rate"
	whySenderLong         reason.Code = "config_invalid/ovh_sender_long"
	whySenderSpace        reason.Code = "config_invalid/ovh_sender_space"
	whySpace              reason.Code = "config_invalid/ovh_space"
)
