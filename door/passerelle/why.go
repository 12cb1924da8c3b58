package passerelle

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whyCampaign  reason.Code = "config_invalid/passerelle_campaign"
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

// Why an export of Passerelle, or a list of services, cannot be read.
const (
	whyNoExport    reason.Code = "words/export_none"
	whyNoResources reason.Code = "words/export_no_resources"
	whyNotJSON     reason.Code = "words/export_not_json"
	whyNotJSONFrom reason.Code = "words/export_not_json_from"
	whyOtherType   reason.Code = "words/export_other_type"
)

// What is said of an export that has no place here.
const (
	noteAddress  reason.Code = "words/export_address"
	noteCountry  reason.Code = "words/export_country"
	noteCredit   reason.Code = "words/export_credit"
	noteFamily   reason.Code = "words/export_family"
	noteKeyKind  reason.Code = "words/export_key_kind"
	noteNoFamily reason.Code = "words/export_no_family"
	noteNoSlug   reason.Code = "words/export_no_slug"
	noteNoSMS    reason.Code = "words/export_no_sms"
	noteNoUser   reason.Code = "words/export_no_user"
	noteOperator reason.Code = "words/export_operator"
	noteResource reason.Code = "words/export_resource"
	noteRight    reason.Code = "words/export_right"
	noteTrunk    reason.Code = "words/export_trunk"
	noteType     reason.Code = "words/export_type"
	noteUser     reason.Code = "words/export_user"
)
