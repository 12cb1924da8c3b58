package ovh

import (
	"slices"
	"strings"
	"time"

	"relais/gateway"
	"relais/sms"
)

// jobBody is the body of POST jobs (documented: API schema sms.json).
type jobBody struct {
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

var jobFields = []string{
	"message", "receivers", "receiversDocumentUrl", "receiversSlotId", "sender", "senderForResponse",
	"noStopClause", "priority",
	"validityPeriod", "differedPeriod", "tag", "charset", "coding", "class",
}

// job is a body that makes sense.
type job struct {
	text      string
	receivers []string
	sender    string
	answers   bool // senderForResponse
	noStop    bool
	tag       string
	validity  time.Duration // 0: the class's
	differed  time.Duration
	at        time.Time // of a batch that is deferred; zero: now, and differed
}

// jobCalls are the calls about jobs: messages that wait.
type jobCalls struct{ *call }

func (c jobCalls) readJob() (job, error) {
	var b jobBody
	if err := c.decode(&b, jobFields...); err != nil {
		return job{}, err
	}
	j := job{receivers: b.Receivers}
	var err error
	for _, field := range []struct {
		name  string
		value loose
		into  *string
		words []string // nil: any
	}{
		{"message", b.Message, &j.text, nil},
		{"sender", b.Sender, &j.sender, nil},
		{"tag", b.Tag, &j.tag, nil},
		{"priority", b.Priority, nil, []string{"high", "medium", "low", "veryLow"}},
		{"charset", b.Charset, nil, []string{"UTF-8"}},
		{"coding", b.Coding, nil, []string{"7bit", "8bit"}},
		// A number here is refused (observed: medere-tech/medere-prospection).
		{"class", b.Class, nil, []string{"flash", "phoneDisplay", "sim", "toolkit"}},
	} {
		var text string
		if text, err = field.value.str(field.name); err != nil {
			return j, err
		}
		if field.words != nil && text != "" && !slices.Contains(field.words, text) {
			return j, invalid("'" + field.name + "' is not one of " + strings.Join(field.words, ", "))
		}
		if field.into != nil {
			*field.into = text
		}
	}
	if j.text == "" {
		return j, required("message")
	}
	if err := b.readOptions(&j); err != nil {
		return j, err
	}
	return j, b.checkReceivers()
}

func (b *jobBody) readOptions(j *job) error {
	var err error
	if j.noStop, err = b.NoStopClause.boolean("noStopClause"); err != nil {
		return err
	}
	if j.answers, err = b.SenderForResponse.boolean("senderForResponse"); err != nil {
		return err
	}
	const most = 10 * 366 * 24 * 60 // minutes that a duration holds with room
	for _, field := range []struct {
		name  string
		value loose
		into  *time.Duration
	}{{"validityPeriod", b.ValidityPeriod, &j.validity}, {"differedPeriod", b.DifferedPeriod, &j.differed}} {
		count, err := field.value.integer(field.name)
		if err != nil {
			return err
		}
		if count < 0 || count > most {
			return invalid("'" + field.name + "' is not a number of minutes")
		}
		*field.into = time.Duration(count) * time.Minute
	}
	return nil
}

// checkReceivers wants one of three sources, of which this gateway has one.
func (b *jobBody) checkReceivers() error {
	switch {
	// beside numbers too: its people would get nothing
	case b.ReceiversSlotID.text != "" || b.ReceiversDocumentURL.text != "":
		return notBuilt(
			"Relais has no receiver lists and downloads no documents: send the numbers in receivers",
		)
	case len(b.Receivers) > 0:
		return nil
	default:
		return invalid("one of receivers, receiversDocumentUrl, receiversSlotId is required")
	}
}

// submission turns a job into what the gateway takes. noStopClause says what the
// message is for: without it the text is advertising (documented).
func (c jobCalls) submission(j job, s scope) (gateway.Submission, error) {
	class := sms.Marketing
	if j.noStop || s.number != "" { // a virtual number gets no STOP clause (documented)
		class = sms.Transactional
	}
	out := gateway.Submission{
		Account: c.app.Account, Actor: c.actor(), Within: WithinOf(c.app.Limits), To: j.receivers, Text: j.text,
		Class: class, Reference: j.tag,
		Metadata: metadataOf(j, s),
		ValidFor: j.validity, SendAt: j.at,
	}
	if j.differed > 0 {
		out.SendAt = c.Now().Add(j.differed)
	}
	switch {
	case s.number != "":
		out.Sender = sms.Sender(s.number)
	case !j.answers: // it wins over sender (observed: ovh/php-ovh issue 135)
		out.Sender = sms.Sender(j.sender)
		return out, c.checkSender(j.sender)
	}
	return out, nil
}

func metadataOf(j job, s scope) map[string]string {
	if s.login == "" && j.differed == 0 {
		return nil
	}
	metadata := map[string]string{}
	if s.login != "" {
		metadata[metaUser] = s.login
	}
	if j.differed > 0 {
		metadata[metaDiffer] = decimal(minutes(j.differed))
	}
	return metadata
}

// checkSender refuses a sender that the account does not have, in the words of
// OVH (observed: OpenAEV issue 398).
func (c jobCalls) checkSender(sender string) error {
	if sender == "" || len(c.settings.Senders) == 0 || slices.Contains(c.settings.Senders, sender) {
		return nil
	}
	return &refusal{status: 403, message: "Sms sender " + sender + " does not exists. Please create it first"}
}

// receiver reads a number as OVH does: with + or 00 (documented). A national
// form is refused: OVH would refuse it, and a program that came from there may
// hold numbers of several countries.
func (c jobCalls) receiver(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if rest, ok := strings.CutPrefix(text, "00"); ok {
		text = "+" + rest
	} else if c.settings.BareNumbers && text != "" && text[0] >= '1' && text[0] <= '9' {
		text = "+" + text
	}
	return text, strings.HasPrefix(text, "+")
}
