package policy

import "relais/reason"

// The sentences about a pack that cannot be used. Each stands behind its key.
const (
	whyAlso        reason.Code = "config_invalid/policy_also"
	whyClass       reason.Code = "config_invalid/policy_class"
	whyClause      reason.Code = "config_invalid/policy_clause"
	whyCountsAs    reason.Code = "config_invalid/policy_counts_as"
	whyHours       reason.Code = "config_invalid/policy_hours"
	whyKeepDays    reason.Code = "config_invalid/policy_keep_days"
	whyKinds       reason.Code = "config_invalid/policy_kinds"
	whyMissingDay  reason.Code = "config_invalid/policy_missing_day"
	whyName        reason.Code = "config_invalid/policy_name"
	whyNeverOpen   reason.Code = "config_invalid/policy_never_open"
	whySince       reason.Code = "config_invalid/policy_since"
	whySource      reason.Code = "config_invalid/policy_source"
	whyStopClasses reason.Code = "config_invalid/policy_stop_classes"
	whySyntax      reason.Code = "config_invalid/policy_syntax"
	whyTolerated   reason.Code = "config_invalid/policy_tolerated"
	whyUnknownKey  reason.Code = "config_invalid/policy_unknown_key"
	whyVersion     reason.Code = "config_invalid/policy_version"
	whyWords       reason.Code = "config_invalid/policy_words"
	whyZone        reason.Code = "config_invalid/policy_zone"
)

// wrong is an error at a key of the file.
func wrong(key string, why reason.Code, args reason.Args) error {
	return reason.At(key, reason.NewError(why, args))
}
