package app

import "relais/reason"

// Why a gateway does not start, or ends. They are said to the person who starts it.
const (
	whyConnector     reason.Code = "words/start_connector"
	whyData          reason.Code = "words/start_data"
	whyDatabase      reason.Code = "words/start_database"
	whyDoorEnded     reason.Code = "words/end_door"
	whyKeyFile       reason.Code = "words/start_key_file"
	whyKeyFits       reason.Code = "words/seal_key_fits"
	whyKeyLost       reason.Code = "words/start_key_lost"
	whyKeyMade       reason.Code = "words/start_key_made"
	whyKeyMissing    reason.Code = "words/start_key_missing"
	whyKeyNone       reason.Code = "words/start_key_none"
	whyKeyWrong      reason.Code = "words/start_key_wrong"
	whyListen        reason.Code = "words/start_listen"
	whyListenDenied  reason.Code = "words/start_listen_denied"
	whyListenName    reason.Code = "words/start_listen_name"
	whyListenNowhere reason.Code = "words/start_listen_nowhere"
	whyNameTaken     reason.Code = "config_invalid/name_taken"
	whyNotPublic     reason.Code = "config_invalid/address_not_public"
	whyNoConnector   reason.Code = "words/start_no_connector"
	whyNoProvider    reason.Code = "words/start_no_provider"
	whyNoPublicURL   reason.Code = "words/start_no_public_url"
	whyRealOperator  reason.Code = "words/start_real_operator"
	whyReadOnly      reason.Code = "words/start_read_only"
	whyServerEnded   reason.Code = "words/end_server"
	whyStopping      reason.Code = "words/gateway_stops"
	whyTakenName     reason.Code = "words/start_taken_name"
)
