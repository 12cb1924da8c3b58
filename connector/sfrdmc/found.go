package sfrdmc

import "relais/reason"

// The sentences of the check-up.
const (
	foundCredentials        reason.Code = "words/dmc_credentials"
	foundCredentialsRefused reason.Code = "words/dmc_credentials_refused"
	foundRate               reason.Code = "words/dmc_rate"
	foundSender             reason.Code = "words/dmc_sender"
	foundSenderNone         reason.Code = "words/dmc_sender_none"
	foundSenderUndeclared   reason.Code = "words/dmc_sender_undeclared"
	foundSendersUnlisted    reason.Code = "words/dmc_senders_unlisted"
	foundSpace              reason.Code = "words/dmc_space"
	foundSpaceExpired       reason.Code = "words/dmc_space_expired"
	foundSpaceExpires       reason.Code = "words/dmc_space_expires"
	foundSpaceInactive      reason.Code = "words/dmc_space_inactive"
	foundSpaceUnknown       reason.Code = "words/dmc_space_unknown"
	foundSpaceUnlisted      reason.Code = "words/dmc_space_unlisted"
	foundSpaceUntil         reason.Code = "words/dmc_space_until"
	foundSpacesUnlisted     reason.Code = "words/dmc_spaces_unlisted"
)
