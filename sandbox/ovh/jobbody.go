package ovh

import (
	"slices"
	"strings"
	"time"

	"relais/sandbox/world"
)

// jobBody is the body of POST jobs (documented: API schema sms.json).
type jobBody struct {
	Message              world.Loose     `json:"message"`
	Receivers            world.LooseList `json:"receivers"`
	ReceiversDocumentURL world.Loose     `json:"receiversDocumentUrl"`
	ReceiversSlotID      world.Loose     `json:"receiversSlotId"`
	Sender               world.Loose     `json:"sender"`
	SenderForResponse    world.Loose     `json:"senderForResponse"`
	NoStopClause         world.Loose     `json:"noStopClause"`
	Priority             world.Loose     `json:"priority"`
	ValidityPeriod       world.Loose     `json:"validityPeriod"`
	DifferedPeriod       world.Loose     `json:"differedPeriod"`
	Tag                  world.Loose     `json:"tag"`
	Charset              world.Loose     `json:"charset"`
	Coding               world.Loose     `json:"coding"`
	Class                world.Loose     `json:"class"`
}

// job is a job that makes sense.
type job struct {
	message   string
	receivers []string
	sender    string
	named     bool // an alphanumeric sender, not a short number
	noStop    bool
	validity  time.Duration // 0: none
	differed  time.Duration
	tag       string
	flash     bool // class flash
}

// responseNumber is the short number of senderForResponse. The real one is drawn
// at random (documented).
const responseNumber = "38123"

func readJob(body []byte) (job, error) {
	var b jobBody
	if err := decode(body, &b, "POST /sms/{serviceName}/jobs"); err != nil {
		return job{}, err
	}
	job := job{message: b.Message.Text, receivers: b.Receivers, tag: b.Tag.Text, flash: b.Class.Text == "flash"}
	if b.Message.Absent() {
		return job, required("message")
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

func (b *jobBody) checkTypes() error {
	for _, field := range []struct {
		name    string
		value   world.Loose
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
		text, ok := field.value.Str()
		if !ok {
			return bad("The input provided isn't valid: '" + field.name + "' is not a string")
		}
		if field.allowed != nil && !field.value.Absent() && !slices.Contains(field.allowed, text) {
			return bad("The input provided isn't valid: '" + field.name +
				"' is not one of " + strings.Join(field.allowed, ", "))
		}
	}
	if b.Message.Text == "" {
		return bad("The input provided isn't valid: 'message' is empty") // inferred
	}
	return nil
}

// checkReceivers wants one of three sources. The sandbox has no receiver list and
// downloads nothing, hence no slot and no document can be found.
func (b *jobBody) checkReceivers() error {
	switch {
	case len(b.Receivers) > 0:
		return nil
	case !b.ReceiversSlotID.Absent():
		return unknown("receiversSlotId", b.ReceiversSlotID.Text)
	case !b.ReceiversDocumentURL.Absent():
		return bad("The document of receiversDocumentUrl cannot be downloaded")
	}
	return bad("The input provided isn't valid: " +
		"one of receivers, receiversDocumentUrl, receiversSlotId is required")
}

func (b *jobBody) readPeriods(job *job) error {
	for _, field := range []struct {
		name  string
		value world.Loose
		into  *time.Duration
	}{{"validityPeriod", b.ValidityPeriod, &job.validity}, {"differedPeriod", b.DifferedPeriod, &job.differed}} {
		minutes, ok := field.value.Integer()
		if !ok || minutes < 0 || minutes > 10*366*24*60 {
			return bad("The input provided isn't valid: '" + field.name + "' is not a number of minutes")
		}
		*field.into = time.Duration(minutes) * time.Minute
	}
	return nil
}

func (b *jobBody) readSender(job *job) error {
	noStop, okStop := b.NoStopClause.Boolean()
	response, okResponse := b.SenderForResponse.Boolean()
	if !okStop || !okResponse {
		return bad("The input provided isn't valid: 'noStopClause' and 'senderForResponse' are booleans")
	}
	job.noStop = noStop
	if response { // wins over sender (observed: ovh/php-ovh issue 135)
		job.sender = responseNumber
		if hasContact(job.message) {
			return bad("cannot send contact information with shortcode") // observed: ovh/php-ovh issue 156
		}
		return nil
	}
	if b.Sender.Text == "" {
		return bad("The input provided isn't valid: sender or senderForResponse is required") // inferred
	}
	job.sender, job.named = b.Sender.Text, true
	return nil
}

// hasContact reports whether a text holds a web address, an e-mail address or a
// phone number. How OVH decides is not told; this is a guess.
func hasContact(text string) bool {
	lower := strings.ToLower(text)
	for _, sign := range [...]string{"http://", "https://", "www."} {
		if strings.Contains(lower, sign) {
			return true
		}
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

// receiverOf reads a receiver: "+" or "00", then the number (documented); both
// come back with "+". National and bare forms are invalid (observed, inferred),
// and so is a national zero after +33. Lengths are those of E.164.
func receiverOf(text string) (string, bool) {
	digits, ok := strings.CutPrefix(text, "+")
	if !ok {
		digits, ok = strings.CutPrefix(text, "00")
	}
	if !ok || !world.IsE164(digits) {
		return "", false
	}
	if len(text) == len(digits)+1 {
		return text, true
	}
	return "+" + digits, true
}
