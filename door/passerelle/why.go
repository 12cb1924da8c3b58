package passerelle

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whyFamilies  reason.Code = "config_invalid/passerelle_families"
	whyKind      reason.Code = "config_invalid/passerelle_kind"
	whyName      reason.Code = "config_invalid/passerelle_name"
	whyOrig      reason.Code = "config_invalid/passerelle_orig"
	whyOrigTwice reason.Code = "config_invalid/passerelle_orig_twice"
	whySecret    reason.Code = "config_invalid/passerelle_secret"
	whySlug      reason.Code = "config_invalid/passerelle_slug"
	whyTwice     reason.Code = "config_invalid/passerelle_twice"
	whyUsername  reason.Code = "config_invalid/passerelle_username"
	whyValidity  reason.Code = "config_invalid/passerelle_validity"
)
