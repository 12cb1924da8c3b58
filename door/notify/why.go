package notify

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whyAccountTwice reason.Code = "config_invalid/notify_account_twice"
	whyAddress      reason.Code = "config_invalid/notify_address"
	whyGuest        reason.Code = "config_invalid/notify_guest"
	whyTwice        reason.Code = "config_invalid/notify_twice"
	whyUUID         reason.Code = "config_invalid/notify_uuid"
)
