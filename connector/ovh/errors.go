package ovh

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"relais/connector"
	"relais/reason"
)

// Codes of ours, for refusals to which OVH gives none. The others are OVH's.
const (
	codeClock            = "QUERY_TIME_OUT" // OVH's; call reads the clock again
	codeNoCredit         = "no_credit"
	codeSenderUndeclared = connector.CodeSenderUndeclared
	codeNoSender         = "sender_missing"
	codeContactData      = "contact_data_with_short_number"
	codeInvalidReceiver  = "invalid_receiver"
	codeUnclearReport    = "unclear_report"
)

// rule maps one documented refusal to what it proves. A rule applies when the
// status is its own (0: any 4xx) and, where it names a code, a class or words,
// the body has the code, the class or all the words.
type rule struct {
	status   int
	code     string   // old dialect: errorCode
	class    string   // new dialect: class
	words    []string // of the message, lower case; both dialects
	unquoted []string // like words, not counting the text under way
	fault    connector.Fault
	as       string // our code, where the operator's tells nothing
}

// rules are tried in order. Sources: auth.json, guide "First Steps with the
// OVHcloud APIs", guide "Using service accounts to connect to OVHcloud APIs",
// API FAQ; texts and codes observed in the issue threads named. A new-dialect
// body has no code finer than its class, so the message stands for the old code.
var rules = []rule{
	// Observed, ovh-dyndns #4, Posh-ACME #537: refused before the call is looked at.
	{status: 400, code: codeClock, words: []string{"query out of time"}, fault: connector.Temporary},
	// Observed, php-ovh #97, komiser #1490: a wrong secret or consumer key.
	{status: 400, code: "INVALID_SIGNATURE", words: []string{"invalid signature"}, fault: connector.Blocked},
	// Observed, php-ovh #156: an address, number or e-mail in a text from a short number.
	{
		status: 400, words: []string{"contact information", "shortcode"}, fault: connector.Rejected,
		as: codeContactData,
	},
	{status: 403, code: "INVALID_KEY", words: []string{"application key is invalid"}, fault: connector.Blocked},
	{
		status: 403, code: "NOT_CREDENTIAL", words: []string{"credential does not exist"},
		fault: connector.Blocked,
	},
	{
		status: 403, code: "INVALID_CREDENTIAL", words: []string{"credential is not valid"},
		fault: connector.Blocked,
	},
	{
		status: 403, code: "NOT_GRANTED_CALL", words: []string{"call has not been granted"},
		fault: connector.Blocked,
	},
	// Documented, service-account guide: refused by an IAM policy.
	{status: 403, words: []string{"user not granted"}, fault: connector.Blocked, as: "iam_refused"},
	// Observed, OpenAEV #398: "Sms sender X does not exists. Please create it first".
	// Before the credit rule: a sender may be called "Credit Bank".
	{status: 403, words: []string{"sender", "exist"}, fault: connector.Rejected, as: codeSenderUndeclared},
	// Undocumented: the words are the only sign of an empty balance (inferred).
	// A text that speaks of credit and is quoted is no refusal for credit.
	{unquoted: []string{"credit"}, fault: connector.Blocked, as: codeNoCredit},
	// Observed, php-ovh-sms #23: a pending sender is refused in a similar text.
	{status: 403, words: []string{"sender"}, fault: connector.Rejected, as: codeSenderUndeclared},
	// Observed: "You must login first".
	{status: 401, fault: connector.Blocked},
	{status: 402, fault: connector.Blocked, as: codeNoCredit}, // inferred: RFC 9110, 15.5.3
	// Any other 403 refuses the key, not the message (inferred).
	{status: 403, fault: connector.Blocked},
	// Observed, cert-manager-webhook-ovh #39: "This service does not exist"; and INVALID_URL.
	{status: 404, fault: connector.Blocked},
	// Observed, python-ovh error map: "This service is expired".
	{status: 460, fault: connector.Blocked},
	// Documented, API FAQ: too many calls.
	{status: 429, fault: connector.Throttled},
	// Observed: a field of this message does not please.
	{status: 400, fault: connector.Rejected},
	// Observed, python-ovh #47: OVH says itself that the service is away. Any
	// other 5xx, and 409, may follow a message that was taken.
	{status: 503, class: "Server::ServiceUnavailable", fault: connector.Temporary},
}

// problem is the body of a refusal, in both dialects.
type problem struct {
	ErrorCode string            `json:"errorCode"`
	Class     string            `json:"class"`
	Message   string            `json:"message"`
	Details   map[string]string `json:"details"`

	unquoted string // Message without the text under way, should it be quoted there
}

// parseProblem reads what it can: a body that is no JSON object, or has a field
// of another type, leaves fields empty.
func parseProblem(body []byte, text string) problem {
	var p problem
	if err := json.Unmarshal(body, &p); err != nil {
		p.Details = nil // half read; the plain fields are kept
	}
	p.unquoted = strike(p.Message, text)
	return p
}

func (r rule) matches(status int, p problem) bool {
	if r.status != status && (r.status != 0 || status < 400 || status > 499) {
		return false
	}
	if r.code == "" && r.class == "" && r.words == nil && r.unquoted == nil {
		return true
	}
	return r.code != "" && p.ErrorCode == r.code ||
		r.class != "" && p.Class == r.class ||
		r.words != nil && containsAll(strings.ToLower(p.Message), r.words) ||
		r.unquoted != nil && containsAll(strings.ToLower(p.unquoted), r.unquoted)
}

func containsAll(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
}

// codeFor names the refusal: the rule's own code, else the best that the
// operator gave.
func (r rule) codeFor(status int, p problem) string {
	for _, code := range []string{r.as, r.code, cleanCode(p.ErrorCode), cleanCode(p.Class)} {
		if code != "" {
			return code
		}
	}
	return fmt.Sprintf("http_%d", status)
}

// cleanCode drops what is no code: a code travels to logs as it is.
func cleanCode(code string) string {
	const longest = 64
	odd := func(r rune) bool {
		letter := r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		return !letter && !strings.ContainsRune("_:.-", r)
	}
	if len(code) > longest || strings.ContainsFunc(code, odd) {
		return ""
	}
	return code
}

// refusal turns an answer that is no success into an error.
func (a *api) refusal(answer connector.Answer, text string) error {
	p := parseProblem(answer.Body, text)
	failure := &connector.Error{
		Fault:  connector.Uncertain,
		Code:   rule{}.codeFor(answer.Status, p),
		Detail: a.clean(p.words(), text),
		Trace:  traceOf(answer),
		Err:    statusError(answer.Status),
	}
	for _, r := range rules {
		if r.matches(answer.Status, p) {
			failure.Fault, failure.Code = r.fault, r.codeFor(answer.Status, p)
			break
		}
	}
	if answer.Status == http.StatusTooManyRequests {
		failure.RetryAfter = connector.ParseRetryAfter(answer.Header, a.now())
	}
	return failure
}

// statusError is the HTTP status under a refusal.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("status %d", int(s)) }

func notFound(err error) bool {
	status, ok := errors.AsType[statusError](err)
	return ok && int(status) == http.StatusNotFound
}

// words joins the message and its details, which name the missing actions when
// an IAM policy refuses.
func (p problem) words() string {
	words := []string{p.Message}
	for _, key := range slices.Sorted(maps.Keys(p.Details)) {
		words = append(words, key+" "+p.Details[key])
	}
	return strings.TrimSpace(strings.Join(words, "; "))
}

// digits is a run of seven digits or more, however they are grouped: nothing
// shorter is a phone number.
var digits = regexp.MustCompile(`\+?[0-9](?:[ .\-/()]{0,2}[0-9]){6,}`)

// strike hides a message's text where an operator quotes it: as a whole, not
// inside a word, and not when it is so short that it would hide the operator's
// own words and nobody's secret.
func strike(words, text string) string {
	const shortest = 4
	if len(text) < shortest {
		return words
	}
	var out strings.Builder
	for {
		at := strings.Index(words, text)
		if at < 0 {
			return out.String() + words
		}
		end := at + len(text)
		before, _ := utf8.DecodeLastRuneInString(words[:at])
		after, _ := utf8.DecodeRuneInString(words[end:])
		out.WriteString(words[:at])
		if inWord(before) || inWord(after) {
			out.WriteString(text)
		} else {
			out.WriteString("***")
		}
		words = words[end:]
	}
}

func inWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// clean makes the operator's words fit for logs and timelines: no key, no text
// of a message, no number, no control character, a bounded length.
func (a *api) clean(words, text string) string {
	for _, hidden := range []string{a.secret, a.consumer, a.application} {
		if hidden != "" {
			words = strings.ReplaceAll(words, hidden, "***")
		}
	}
	words = strike(words, text)
	words = digits.ReplaceAllString(words, "***")
	words = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, words)
	const longest = 300
	if runes := []rune(words); len(runes) > longest {
		words = string(runes[:longest]) + "…"
	}
	return strings.TrimSpace(words)
}

// Why a value of the section cannot work. The sentences stand in the catalogues.
const (
	helpApplicationKey    reason.Code = "config_invalid/ovh_missing/application_key"
	helpApplicationSecret reason.Code = "config_invalid/ovh_missing/application_secret"
	helpConsumerKey       reason.Code = "config_invalid/ovh_missing/consumer_key"
	helpService           reason.Code = "config_invalid/ovh_missing/service"
	whyConcurrency        reason.Code = "config_invalid/ovh_concurrency"
	whyEndpoint           reason.Code = "config_invalid/ovh_endpoint"
	whyEndpointBare       reason.Code = "config_invalid/ovh_endpoint_bare"
	whyEndpointSlash      reason.Code = "config_invalid/ovh_endpoint_slash"
	whyMaxBatch           reason.Code = "config_invalid/ovh_max_batch"
	whyMissing            reason.Code = "config_invalid/ovh_missing"
	whyOneOf              reason.Code = "config_invalid/ovh_one_of"
	whyRate               reason.Code = "config_invalid/ovh_rate"
	whySenderLong         reason.Code = "config_invalid/ovh_sender_long"
	whySenderSpace        reason.Code = "config_invalid/ovh_sender_space"
	whySpace              reason.Code = "config_invalid/ovh_space"
)
