package console

import "relais/reason"

// Words begins the codes of what the console says.
const Words reason.Code = "console"

// What a page says instead of what was asked for.
const (
	sayForbidden      = Words + "/forbidden"
	sayPlainHTTP      = Words + "/plain_http"
	sayOtherHost      = Words + "/other_host"
	sayProof          = Words + "/proof_needed"
	sayNotFound       = Words + "/not_found"
	sayUnavailable    = Words + "/unavailable"
	sayBroken         = Words + "/broken"
	sayFormUnreadable = Words + "/form_unreadable"
	sayFormOld        = Words + "/form_old"
	sayFormAccount    = Words + "/form_account"
	sayFormForeign    = Words + "/form_foreign"
	sayNoCursor       = Words + "/no_cursor"
	sayNoToken        = Words + "/no_person"
	sayNoNumber       = Words + "/no_number"
	sayFilter         = Words + "/filter_unknown"
	sayStreams        = Words + "/streams_all"
	sayStreamsOfUser  = Words + "/streams_user"
	sayTopic          = Words + "/topic_unknown"
	sayInboxShow      = Words + "/inbox_show_unknown"
)

// phrase is something that the console says, by the part of its code behind the slash.
func phrase(name string) reason.Reason { return reason.Of(Words+"/"+reason.Code(name), nil) }
