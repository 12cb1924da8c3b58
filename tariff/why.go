package tariff

import "relais/reason"

// The sentences about a table that cannot be used. Those of a key stand behind it.
const (
	whyAmount      reason.Code = "config_invalid/amount"
	whyBinary      reason.Code = "config_invalid/tariff_binary"
	whyCurrency    reason.Code = "config_invalid/currency"
	whyDear        reason.Code = "config_invalid/tariff_dear"
	whyDestination reason.Code = "config_invalid/tariff_destination"
	whyFrance      reason.Code = "config_invalid/tariff_france"
	whyFree        reason.Code = "config_invalid/tariff_free"
	whyGuadeloupe  reason.Code = "config_invalid/tariff_guadeloupe"
	whyName        reason.Code = "config_invalid/tariff_name"
	whySegment     reason.Code = "config_invalid/tariff_segment"
	whySince       reason.Code = "config_invalid/tariff_since"
	whySource      reason.Code = "config_invalid/tariff_source"
	whySyntax      reason.Code = "config_invalid/tariff_syntax"
	whyUnknownKey  reason.Code = "config_invalid/tariff_unknown_key"
	whyVersion     reason.Code = "config_invalid/tariff_version"
)

// wrong is an error at a key of the file.
func wrong(key string, why reason.Code) error { return reason.At(key, reason.NewError(why, nil)) }
