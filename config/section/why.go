package section

import "relais/reason"

// Why a value of the configuration cannot work. The sentences stand in the catalogues.
const (
	whyAccountName       reason.Code = "config_invalid/account_name"
	whyFromOne           reason.Code = "config_invalid/from_one"
	whyListen            reason.Code = "config_invalid/listen"
	whyListenBrackets    reason.Code = "config_invalid/listen_brackets"
	whyListenHost        reason.Code = "config_invalid/listen_host"
	whyListenPortAlone   reason.Code = "config_invalid/listen_port_alone"
	whyListenPortMissing reason.Code = "config_invalid/listen_port_missing"
	whyListenPortRange   reason.Code = "config_invalid/listen_port_range"
	whyListenScheme      reason.Code = "config_invalid/listen_scheme"
	whyListenSchemeSuch  reason.Code = "config_invalid/listen_scheme_such"
	whyListenSpace       reason.Code = "config_invalid/listen_space"
	whyListenStar        reason.Code = "config_invalid/listen_star"
	whyNetwork           reason.Code = "config_invalid/network"
	whyRegion            reason.Code = "config_invalid/region"
	whySender            reason.Code = "config_invalid/sender"
	whyURL               reason.Code = "config_invalid/url"
	whyURLBare           reason.Code = "config_invalid/url_bare"
	whyWord              reason.Code = "config_invalid/word"
)
