package kannel

import "relais/reason"

// What the door says of a request. The sentences stand in the catalogues.
const (
	codeIgnored        reason.Code = "kannel_ignored"
	codeValidity       reason.Code = "kannel_validity"
	ignoredClass       reason.Code = "kannel_ignored/mclass"
	ignoredCoding      reason.Code = "kannel_ignored/alt_dcs"
	ignoredCompression reason.Code = "kannel_ignored/compress"
	ignoredConnector   reason.Code = "kannel_ignored/smsc"
	ignoredIndicator   reason.Code = "kannel_ignored/mwi"
	ignoredNoNumber    reason.Code = "kannel_ignored/no_number"
	ignoredNoURL       reason.Code = "kannel_ignored/no_url"
	ignoredPath        reason.Code = "kannel_ignored/rpi"
	ignoredProtocol    reason.Code = "kannel_ignored/pid"
)
