package vonage

import (
	"errors"
	"strconv"
	"strings"

	"relais/gateway"
	"relais/inbox"
	"relais/number"
	"relais/quota"
	"relais/reason"
)

func decimal[N int | int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// Statuses of an answer (documented: VON, SMSStatus; NXD, troubleshooting).
const (
	statusTaken      = 0
	statusThrottled  = 1
	statusMissing    = 2
	statusInvalid    = 3
	statusUnknown    = 4
	statusInternal   = 5
	statusMessage    = 6
	statusBarred     = 7
	statusNotEnabled = 11
	statusTooLong    = 12
	statusSignature  = 14
	statusSender     = 15
	statusCallback   = 23
	statusBoth       = 32
)

// titles are what the statuses mean.
var titles = map[int]string{
	statusThrottled: "Throttled", statusMissing: "Missing parameter", statusInvalid: "Invalid parameter", statusUnknown: "Bad credentials",
	statusInternal: "Internal error: try again", statusMessage: "Invalid message", statusBarred: "Number barred",
	statusNotEnabled: "Not enabled for this key", statusTooLong: "Message too long", statusSignature: "Invalid signature",
	statusSender: "Invalid sender address", statusCallback: "Invalid callback url", statusBoth: "Signature and api_secret are both given: want one",
}

// refusal is an error as clients read it.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return decimal(r.status) + ": " + r.text }

func refusalOf(status int, more string) *refusal {
	text := titles[status]
	if more != "" {
		text += ": " + more
	}
	return &refusal{status, text}
}

var (
	errCredentials = refusalOf(statusUnknown, "")
	errSignature   = refusalOf(statusSignature, "")
	errInternal    = refusalOf(statusInternal, "")
)

// answer is the refusal in the form of an answer, one entry in all.
func (r *refusal) answer() *answer {
	return &answer{"1", []map[string]string{{"status": decimal(r.status), "error-text": r.text}}}
}

// refusalFor is what a client is told of an error; one that nobody outside is at fault for is logged.
func (d *Door) refusalFor(err error) *refusal {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused
	}
	e, ok := errors.AsType[*gateway.Error](err)
	if !ok || e.Kind == gateway.Unavailable {
		d.Log.Error("a request failed", "door", Format, "error", err)
		return errInternal
	}
	return refusedBy(e)
}

// refusedBy puts an error of the gateway in Vonage's words.
func refusedBy(e *gateway.Error) *refusal {
	why := e.Reason
	if len(e.Rejected) > 0 {
		why = e.Rejected[0].Reason
	}
	sentence := why.In(reason.English)
	status, listed := byCode[why.Code.Wire()]
	word, _, _ := strings.Cut(why.Code.Wire(), "_")
	switch {
	case e.Kind == gateway.Overloaded, status == statusThrottled:
		return refusalOf(statusThrottled, "please wait [ "+e.RetrySeconds()+"000 ] ms and retry: "+sentence) // observed: the wait in milliseconds
	case listed:
		return refusalOf(status, sentence)
	case word == "sender":
		return refusalOf(statusSender, sentence)
	case word == "number":
		return refusalOf(statusMessage, sentence)
	}
	return refusalOf(statusInvalid, sentence)
}

// byCode are the statuses of refusals that say more than that a parameter is wrong.
var byCode = map[string]int{
	quota.Exceeded.Wire(): statusThrottled, quota.RecipientLimit.Wire(): statusThrottled, quota.RepeatedText.Wire(): statusThrottled,
	inbox.CodeOptedOut.Wire():         statusBarred,
	number.CodePremium.Wire():         statusBarred,
	number.CodeSpecial.Wire():         statusBarred,
	number.CodeFamily.Wire():          statusBarred,
	gateway.CodeTextEmpty.Wire():      statusMissing,
	gateway.CodeTextTooLong.Wire():    statusTooLong,
	gateway.CodeDataTooLong.Wire():    statusTooLong,
	gateway.CodeTextCharacter.Wire():  statusMessage,
	gateway.CodeConnectorOfKey.Wire(): statusNotEnabled,
	gateway.CodeSenderOfKey.Wire():    statusSender,
}
