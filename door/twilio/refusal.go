package twilio

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"relais/gateway"
	"relais/inbox"
	"relais/number"
	"relais/quota"
	"relais/reason"
	"relais/sender"
)

// Codes of Twilio's dictionary of errors. Those from 21211 on are documented (TWE, and the sheets of TWO);
// 20001 to 20503 are commonly known.
const (
	codeBadRequest  = 20001
	codePermission  = 20003
	codeMethod      = 20004
	codeState       = 20009
	codeNotFound    = 20404
	codeConflict    = 20409
	codeTooMany     = 20429
	codeInternal    = 20500
	codeUnavailable = 20503

	codeTo            = 21211
	codeFromMalformed = 21212
	codeApplication   = 21218
	codeCountry       = 21408
	codeBodyMissing   = 21602
	codeFromMissing   = 21603
	codeToMissing     = 21604
	codeFrom          = 21606
	codeCallback      = 21609
	codeOptedOut      = 21610
	codeFixedLine     = 21614
	codeBodyLong      = 21617
	codeContent       = 21619
	codeMedia         = 21622
	codeValidity      = 21624
	codeTemplate      = 21655
	codeVariables     = 21656
	codeService       = 21701

	codeRetention        = 30029
	codeObfuscation      = 30030
	codeNotCancelable    = 30409 // documented: TWE
	codeSendAtMissing    = 35111 // documented: TWE
	codeSendAt           = 35114 // documented: TWE
	codeScheduleService  = 35118 // documented: TWE
	codeScheduleTypeNone = 35126 // documented: TWE
)

// titles are what the codes mean.
var titles = map[int]string{
	codeBadRequest: "Bad request", codePermission: "Permission denied", codeMethod: "Method not allowed",
	codeState:    "The resource is not in a state that allows it",
	codeNotFound: "The requested resource was not found", codeConflict: "Conflict", codeTooMany: "Too many requests",
	codeInternal: "Internal server error", codeUnavailable: "Service unavailable",

	codeTo: "Invalid 'To' phone number", codeFromMalformed: "Invalid 'From' number",
	codeApplication:      "'ApplicationSid' is not supported",
	codeCountry:          "Messages to the region of the 'To' number are not enabled",
	codeBodyMissing:      "Message body is required",
	codeFromMissing:      "A 'From' phone number, or a 'MessagingServiceSid', is required",
	codeToMissing:        "A 'To' phone number is required",
	codeFrom:             "The 'From' number is not one that this account may send from",
	codeCallback:         "Invalid 'StatusCallback' URL",
	codeOptedOut:         "The recipient has unsubscribed",
	codeFixedLine:        "The 'To' number is not a mobile number",
	codeBodyLong:         "The message body is too long",
	codeContent:          "The content of the message cannot be sent",
	codeMedia:            "Media messages are not enabled for this account",
	codeValidity:         "Invalid 'ValidityPeriod': want 1 to 36000 seconds",
	codeTemplate:         "'ContentSid' is not supported",
	codeVariables:        "'ContentVariables' are not supported",
	codeService:          "The messaging service does not exist",
	codeRetention:        "'ContentRetention' can only be 'retain'",
	codeObfuscation:      "'AddressRetention' can only be 'retain'",
	codeSendAtMissing:    "The 'SendAt' timestamp is missing",
	codeSendAt:           "'SendAt' must be a timestamp such as 2026-05-15T14:30:00Z, 15 minutes to 35 days from now",
	codeScheduleService:  "A 'MessagingServiceSid' is required to schedule a message",
	codeScheduleTypeNone: "'ScheduleType' can only be 'fixed'",
	codeNotCancelable:    "This message cannot be canceled",
}

// refusal is an error as clients read it (documented: TWN, RestException).
type refusal struct {
	status, code int
	message      string
	allow        string // methods
	retry        string // Retry-After, in seconds
}

func (r *refusal) Error() string { return strconv.Itoa(r.code) + ": " + r.message }

// refusalOf is a refusal with the title of its code, and what is said besides.
func refusalOf(status, code int, more string) *refusal {
	message := titles[code]
	if more != "" {
		message += ": " + more
	}
	return &refusal{status: status, code: code, message: message}
}

// bad refuses a request.
func bad(code int, more string) *refusal { return refusalOf(http.StatusBadRequest, code, more) }

var (
	errUnknown     = &refusal{status: http.StatusUnauthorized, code: codePermission, message: "Authenticate"}
	errNotFound    = refusalOf(http.StatusNotFound, codeNotFound, "")
	errInternal    = refusalOf(http.StatusInternalServerError, codeInternal, "")
	errUnavailable = &refusal{
		status: http.StatusServiceUnavailable, code: codeUnavailable, message: titles[codeUnavailable], retry: "5",
	}
)

func notAllowed(operations map[string]operation) *refusal {
	r := refusalOf(http.StatusMethodNotAllowed, codeMethod, "")
	r.allow = strings.Join(slices.Sorted(maps.Keys(operations)), ", ")
	return r
}

// write sends the refusal.
func (r *refusal) write(w http.ResponseWriter) {
	h := w.Header()
	if r.status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Basic realm="Twilio API"`)
	}
	if r.allow != "" {
		h.Set("Allow", r.allow)
	}
	if r.retry != "" {
		h.Set("Retry-After", r.retry)
	}
	body, err := json.Marshal(struct {
		Code     int    `json:"code"`
		Message  string `json:"message"`
		MoreInfo string `json:"more_info"`
		Status   int    `json:"status"`
	}{r.code, r.message, "https://www.twilio.com/docs/errors/" + strconv.Itoa(r.code), r.status})
	if err != nil { // numbers and texts
		panic(err)
	}
	(&answer{status: r.status, body: body}).write(w)
}

// refuse answers with an error, and logs one that nobody outside is at fault for.
func (d *Door) refuse(w http.ResponseWriter, err error) {
	if refused, ok := errors.AsType[*refusal](err); ok {
		refused.write(w)
		return
	}
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok || e.Kind == gateway.Unavailable {
		d.Log.Error("a request failed", "door", Format, "error", err)
		errUnavailable.write(w)
		return
	}
	refusedBy(e).write(w)
}

// refusedBy puts an error of the gateway in Twilio's words.
func refusedBy(e *gateway.Error) *refusal {
	why := e.Reason
	if len(e.Rejected) > 0 {
		why = e.Rejected[0].Reason
	}
	switch {
	case e.Is(gateway.CodeKeyReused):
		return refusalOf(http.StatusConflict, codeConflict, why.In(reason.English))
	case e.Kind == gateway.Overloaded, isFor(why, quota.Exceeded, quota.RecipientLimit, quota.RepeatedText):
		r := refusalOf(http.StatusTooManyRequests, codeTooMany, why.In(reason.English))
		r.retry = e.RetrySeconds()
		return r
	case isFor(why, gateway.CodeSenderOfKey, gateway.CodeConnectorOfKey):
		return refusalOf(http.StatusForbidden, codePermission, why.In(reason.English))
	}
	return bad(codeOf(why.Code, e.Field), why.In(reason.English))
}

// isFor reports whether a reason is of one of some codes, or of a kind of one.
func isFor(why reason.Reason, codes ...reason.Code) bool {
	return slices.ContainsFunc(codes, func(c reason.Code) bool { return why.Code.Wire() == c.Wire() })
}

// byCode are the codes of refusals that say more than the field at fault.
var byCode = map[string]int{
	inbox.CodeOptedOut.Wire():         codeOptedOut,
	number.CodeFixedLine.Wire():       codeFixedLine,
	number.CodePremium.Wire():         codeCountry,
	number.CodeSpecial.Wire():         codeCountry,
	number.CodeFamily.Wire():          codeCountry,
	gateway.CodeTextEmpty.Wire():      codeBodyMissing,
	gateway.CodeTextTooLong.Wire():    codeBodyLong,
	sender.CodeNotDeclared.Wire():     codeFrom,
	sender.CodeNotListed.Wire():       codeFrom,
	sender.CodeNotAllowed.Wire():      codeFrom,
	sender.CodeKindUnsupported.Wire(): codeFrom,
	sender.CodeForbidden.Wire():       codeFrom,
	sender.CodeGeneric.Wire():         codeFrom,
}

// byField are the codes of refusals by the field of a submission.
var byField = map[string]int{
	"/to": codeTo, "/sender": codeFromMalformed, "/text": codeContent, "/send_at": codeSendAt,
	"/valid_for": codeValidity, "/metadata": codeCallback, "Idempotency-Key": codeBadRequest,
}

// codeOf is the code of a reason, by itself, by its first word, or by the field that it is about.
func codeOf(code reason.Code, field string) int {
	if known, listed := byCode[code.Wire()]; listed {
		return known
	}
	switch word, _, _ := strings.Cut(code.Wire(), "_"); word {
	case "number", "several":
		return codeTo
	case "sender":
		return codeFromMalformed
	case "window", "quota":
		return codeBadRequest
	}
	if known, listed := byField[field]; listed {
		return known
	}
	return codeBadRequest
}
