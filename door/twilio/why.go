package twilio

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whyAccountTwice reason.Code = "config_invalid/twilio_account_twice"
	whyReplies      reason.Code = "config_invalid/twilio_replies"
	whyService      reason.Code = "config_invalid/twilio_service"
	whySid          reason.Code = "config_invalid/twilio_sid"
	whySidTwice     reason.Code = "config_invalid/twilio_sid_twice"
	whyToken        reason.Code = "config_invalid/twilio_token"
)
