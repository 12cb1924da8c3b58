package sfrdmc

import (
	"regexp"
	"strings"
	"unicode"

	"relais/connector"
	"relais/sms"
)

// faults is what each code proves, by its name in lower case: the guide gives
// the names for SOAP, and observed JSON answers use other cases.
var faults = map[string]connector.Fault{
	// DMC developer guide v1.7, 1.1.5.5.
	"no_service_found":         connector.Blocked,
	"no_space_found":           connector.Blocked,
	"option_not_present":       connector.Blocked,
	"option_quota_overflowed":  connector.Blocked,
	"parametres_inconsistants": connector.Rejected,
	"invalid_parameter":        connector.Rejected,
	"corruption_base":          connector.Rejected,
	"can_not_delete_has_child": connector.Rejected,
	"invalid_wave_format":      connector.Rejected,
	// Observed.
	"authentication_failed":  connector.Blocked,
	"empty_dmcservicename":   connector.Blocked,
	"beanparameter_required": connector.Rejected,
	"invalid json":           connector.Rejected,
}

var (
	aboutConfiguration = regexp.MustCompile(
		`(?i)\b(authenticate|serviceId|servicePassword|spaceId|dmcServiceName|service|space|espace)\b`,
	)
	aboutMessage = regexp.MustCompile(`(?i)\bmessageUnitaires?\b`)
	codeForm     = regexp.MustCompile(`^[A-Za-z_]{1,64}$`)
	aboutAccess  = regexp.MustCompile(
		`(?i)\b(authenticate|serviceId|servicePassword|spaceId|dmcServiceName)\b`,
	)
	aboutField = regexp.MustCompile(`(?i)\b(textMsg|media|refExt|timeout)\b|^(to|from)$`)
)

// fault decides what the refusal of one message leads to. All of it is inferred.
//
// A wrong space is refused as a wrong parameter, by a code that no source
// tells, and must not reject every message for good: a parameter's refusal is
// Rejected only when the code is known or the detail names the message, and is
// Blocked when the detail names the service or the space. A code that we do
// not know is Temporary otherwise: the message is not taken, and neither it nor
// the lane should suffer for our ignorance. The flag "fatal" is not read: it
// was seen with refusals of one message.
func (r refusal) fault(detail string) connector.Fault {
	fault, known := faults[strings.ToLower(r.code)]
	if known && fault != connector.Rejected {
		return fault
	}
	if !known && !r.invalidParams {
		return connector.Temporary
	}
	switch {
	case aboutMessage.MatchString(detail):
		return connector.Rejected
	case aboutConfiguration.MatchString(detail):
		return connector.Blocked
	case known || aboutField.MatchString(detail):
		return connector.Rejected
	default:
		return connector.Temporary
	}
}

// ofBatch decides what the refusal of several messages in one call leads to. No
// document says that none of them was taken then.
//
// A refusal that we do not understand proves nothing: to send the whole batch
// again might send some of it twice. One that we do understand is taken for a
// refusal of all (inferred), unless hold asks for more care; then only a refusal
// of the caller himself, by credentials, space or quota, proves it.
func (r refusal) ofBatch(detail string, hold bool) connector.Fault {
	fault := r.fault(detail)
	if fault == connector.Temporary {
		return connector.Uncertain
	}
	if !hold || fault == connector.Blocked && r.ofCaller(detail) {
		return fault
	}
	return connector.Uncertain
}

// ofCaller reports whether the code, or the parameter that the detail names, is
// about who calls. The words "service" and "space" alone are not enough.
func (r refusal) ofCaller(detail string) bool {
	return faults[strings.ToLower(r.code)] == connector.Blocked || aboutAccess.MatchString(detail)
}

// refused makes the error of a refusal. The detail may repeat a number or a
// text, hence the redactor; the fault is read after it, because a text may well
// hold the word "service".
func (i *instance) refused(r refusal, messages []sms.Message) error {
	hide := i.redactor(messages)
	detail := hide.redact(r.detail)
	code := r.code
	if !codeForm.MatchString(code) {
		code = hide.redact(code) // KO<…> may hold a sentence
	}
	fault := r.fault(detail)
	if len(messages) > 1 {
		fault = r.ofBatch(detail, i.config.BatchRefusal == holdBatch)
	}
	return &connector.Error{Fault: fault, Code: code, Detail: detail}
}

// redactor hides what we sent from what DMC says.
type redactor struct {
	secrets []string
	texts   []string
}

func (i *instance) redactor(messages []sms.Message) redactor {
	hide := redactor{secrets: []string{i.config.ServicePassword.Reveal()}}
	for _, m := range messages {
		hide.texts = append(hide.texts, m.Text)
	}
	return hide
}

const (
	longestRead   = 4096 // bytes that are looked at: the search below is quadratic
	longestDetail = 200  // characters that are kept
	recognized    = 8    // characters in a row that make a piece of a text
)

// longDigits is a run of 7 digits or more, grouped or not: it may be a number.
var longDigits = regexp.MustCompile(`\+?[0-9](?:[ .\-]?[0-9]){6,}`)

// redact returns the operator's words without secret, number or text, on one
// line of limited length.
func (h redactor) redact(words string) string {
	words = strings.ToValidUTF8(words[:min(len(words), longestRead)], "")
	for _, secret := range h.secrets {
		if secret != "" {
			words = strings.ReplaceAll(words, secret, "***")
		}
	}
	for _, text := range h.texts {
		if repeats(words, text) {
			return "(withheld: it repeats the text)"
		}
	}
	words = strings.Join(strings.FieldsFunc(words, unicode.IsControl), " ")
	words = longDigits.ReplaceAllString(words, "***")
	if runes := []rune(words); len(runes) > longestDetail {
		words = string(runes[:longestDetail]) + "…"
	}
	return words
}

// repeats reports whether words hold the text, or a piece of it.
func repeats(words, text string) bool {
	runes := []rune(text)
	if len(runes) <= recognized {
		return text != "" && strings.Contains(words, text)
	}
	for start := range len(runes) - recognized + 1 {
		if strings.Contains(words, string(runes[start:start+recognized])) {
			return true
		}
	}
	return false
}
