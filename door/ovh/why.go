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

// Why a key, a login or a service cannot be made, for the person at the command line.
const (
	whyAccount      reason.Code = "words/ovh_made_account"
	whyApplication  reason.Code = "words/ovh_made_application"
	whyConsumerKey  reason.Code = "words/ovh_made_consumer_key"
	whyLogin        reason.Code = "words/ovh_made_login"
	whyLoginName    reason.Code = "words/ovh_made_login_name"
	whyNaming       reason.Code = "words/ovh_made_service"
	whyNotOpened    reason.Code = "words/ovh_door_not_opened"
	whyRule         reason.Code = "words/ovh_made_rule"
	whyServiceKept  reason.Code = "words/ovh_made_service_kept"
	whyServiceName  reason.Code = "words/ovh_made_service_name"
	whyServiceTaken reason.Code = "words/ovh_made_service_taken"
)
