package sandbox

import (
	"slices"
	"strings"
	"time"
)

// ovhJobBody is the body of POST jobs (documented: API schema sms.json).
type ovhJobBody struct {
	Message              loose     `json:"message"`
	Receivers            looseList `json:"receivers"`
	ReceiversDocumentURL loose     `json:"receiversDocumentUrl"`
	ReceiversSlotID      loose     `json:"receiversSlotId"`
	Sender               loose     `json:"sender"`
	SenderForResponse    loose     `json:"senderForResponse"`
	NoStopClause         loose     `json:"noStopClause"`
	Priority             loose     `json:"priority"`
	ValidityPeriod       loose     `json:"validityPeriod"`
	DifferedPeriod       loose     `json:"differedPeriod"`
	Tag                  loose     `json:"tag"`
	Charset              loose     `json:"charset"`
	Coding               loose     `json:"coding"`
	Class                loose     `json:"class"`
}

// ovhJob is a job that makes sense.
type ovhJob struct {
	message   string
	receivers []string
	sender    string
	named     bool // an alphanumeric sender, not a short number
	noStop    bool
	validity  time.Duration // 0: none
	differed  time.Duration
	tag       string
}

// responseNumber is the short number of senderForResponse. The real one is drawn
// at random (documented).
const responseNumber = "38123"

func readOVHJob(body []byte) (ovhJob, error) {
	var b ovhJobBody
	if err := decodeOVH(body, &b, "POST /sms/{serviceName}/jobs"); err != nil {
		return ovhJob{}, err
	}
	job := ovhJob{message: b.Message.text, receivers: b.Receivers, tag: b.Tag.text}
	if b.Message.absent() {
		return job, ovhRequired("message")
	}
	if err := b.checkTypes(); err != nil {
		return job, err
	}
	if err := b.checkReceivers(); err != nil {
		return job, err
	}
	if err := b.readPeriods(&job); err != nil {
		return job, err
	}
	return job, b.readSender(&job)
}

func (b *ovhJobBody) checkTypes() error {
	for _, field := range []struct {
		name    string
		value   loose
		allowed []string // nil: any string
	}{
		{"message", b.Message, nil},
		{"sender", b.Sender, nil},
		{"tag", b.Tag, nil},
		{"priority", b.Priority, []string{"high", "medium", "low", "veryLow"}},
		{"charset", b.Charset, []string{"UTF-8"}},
		{"coding", b.Coding, []string{"7bit", "8bit"}},
		// A number here is refused (observed: medere-tech/medere-prospection).
		{"class", b.Class, []string{"flash", "phoneDisplay", "sim", "toolkit"}},
	} {
		text, ok := field.value.str()
		if !ok {
			return ovhBad("The input provided isn't valid: '" + field.name + "' is not a string")
		}
		if field.allowed != nil && !field.value.absent() && !slices.Contains(field.allowed, text) {
			return ovhBad("The input provided isn't valid: '" + field.name + "' is not one of " + strings.Join(field.allowed, ", "))
		}
	}
	if b.Message.text == "" {
		return ovhBad("The input provided isn't valid: 'message' is empty") // inferred
	}
	return nil
}

// checkReceivers wants one of three sources. The sandbox has no receiver list and
// downloads nothing, hence no slot and no document can be found.
func (b *ovhJobBody) checkReceivers() error {
	switch {
	case len(b.Receivers) > 0:
		return nil
	case !b.ReceiversSlotID.absent():
		return ovhUnknown("receiversSlotId", b.ReceiversSlotID.text)
	case !b.ReceiversDocumentURL.absent():
		return ovhBad("The document of receiversDocumentUrl cannot be downloaded")
	}
	return ovhBad("The input provided isn't valid: one of receivers, receiversDocumentUrl, receiversSlotId is required")
}

func (b *ovhJobBody) readPeriods(job *ovhJob) error {
	for _, field := range []struct {
		name  string
		value loose
		into  *time.Duration
	}{{"validityPeriod", b.ValidityPeriod, &job.validity}, {"differedPeriod", b.DifferedPeriod, &job.differed}} {
		minutes, ok := field.value.integer()
		if !ok || minutes < 0 || minutes > 10*366*24*60 {
			return ovhBad("The input provided isn't valid: '" + field.name + "' is not a number of minutes")
		}
		*field.into = time.Duration(minutes) * time.Minute
	}
	return nil
}

func (b *ovhJobBody) readSender(job *ovhJob) error {
	noStop, okStop := b.NoStopClause.boolean()
	response, okResponse := b.SenderForResponse.boolean()
	if !okStop || !okResponse {
		return ovhBad("The input provided isn't valid: 'noStopClause' and 'senderForResponse' are booleans")
	}
	job.noStop = noStop
	if response { // wins over sender (observed: ovh/php-ovh issue 135)
		job.sender = responseNumber
		if hasContact(job.message) {
			return ovhBad("cannot send contact information with shortcode") // observed: ovh/php-ovh issue 156
		}
		return nil
	}
	if b.Sender.text == "" {
		return ovhBad("The input provided isn't valid: sender or senderForResponse is required") // inferred
	}
	job.sender, job.named = b.Sender.text, true
	return nil
}

// hasContact tells whether a text holds a web address, an e-mail address or a
// phone number. How OVH decides is not told; this is a guess.
func hasContact(text string) bool {
	lower := strings.ToLower(text)
	if strings.Contains(lower, "http://") || strings.Contains(lower, "https://") || strings.Contains(lower, "www.") {
		return true
	}
	for word := range strings.FieldsSeq(lower) {
		if at := strings.IndexByte(word, '@'); at > 0 && strings.Contains(word[at:], ".") {
			return true
		}
	}
	run := 0
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			if run++; run >= 10 {
				return true
			}
		case c != ' ' && c != '.' && c != '-':
			run = 0
		}
	}
	return false
}

// ovhReceiver reads a receiver: "+" or "00", then the number (documented); both
// come back with "+". National and bare forms are invalid (observed, inferred),
// and so is a national zero after +33. Lengths are those of E.164.
func ovhReceiver(text string) (string, bool) {
	digits, ok := strings.CutPrefix(text, "+")
	if !ok {
		digits, ok = strings.CutPrefix(text, "00")
	}
	if !ok || !isE164(digits) {
		return "", false
	}
	if len(text) == len(digits)+1 {
		return text, true
	}
	return "+" + digits, true
}

// isE164 takes the digits after the plus sign.
func isE164(digits string) bool {
	if len(digits) < 8 || len(digits) > 15 || digits[0] == '0' || strings.HasPrefix(digits, "330") {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}
