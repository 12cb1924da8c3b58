package smpp

import "relais/reason"

// Why a value of the section cannot work. The sentences stand in the catalogues.
const (
	whyAddress  reason.Code = "config_invalid/smpp_address"
	whyAlphabet reason.Code = "config_invalid/smpp_alphabet"
	whyBind     reason.Code = "config_invalid/smpp_bind"
	whyCA       reason.Code = "config_invalid/smpp_ca"
	whyCount    reason.Code = "config_invalid/smpp_count"
	whyDuration reason.Code = "config_invalid/smpp_duration"
	whyFlash    reason.Code = "config_invalid/smpp_flash"
	whyIDs      reason.Code = "config_invalid/smpp_ids"
	whyLong     reason.Code = "config_invalid/smpp_long"
	whyPassword reason.Code = "config_invalid/smpp_password"
	whyQuery    reason.Code = "config_invalid/smpp_query"
	whySender   reason.Code = "config_invalid/smpp_sender"
	whyShort    reason.Code = "config_invalid/smpp_short"
	whySystemID reason.Code = "config_invalid/smpp_system_id"
	whyTLVs     reason.Code = "config_invalid/smpp_tlvs"
	whyType     reason.Code = "config_invalid/smpp_type"
	whyZone     reason.Code = "config_invalid/smpp_zone"
)

// The sentences of the check-up.
const (
	foundBound   reason.Code = "words/smpp_bound"
	foundLive    reason.Code = "words/smpp_live"
	foundRefused reason.Code = "words/smpp_refused"
	foundNoLine  reason.Code = "words/smpp_no_line"
	foundClear   reason.Code = "words/smpp_clear"
)
