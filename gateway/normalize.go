package gateway

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relais/gsm"
	"relais/number"
	"relais/sms"
)

// Bounds of a submission that no setting changes.
const (
	maxReference     = 255
	maxMetadataBytes = 4096
	maxAhead         = 366 * 24 * time.Hour
	maxValidity      = 7 * 24 * time.Hour
	clockTolerance   = 5 * time.Second // a caller's "now" may be a little behind ours
)

// check refuses what no recipient could make right.
func (g *Gateway) check(s *Submission, now time.Time) error {
	switch {
	case len(s.To) == 0:
		return invalid("recipients_empty", "/to", "Name at least one recipient.")
	case len(s.To) > g.limits.Recipients:
		return invalid("recipients_too_many", "/to", "%d recipients; one request takes at most %d. Send several requests.",
			len(s.To), g.limits.Recipients)
	case s.Class != "" && !s.Class.Valid():
		return invalid("class_unknown", "/class", "The class must be one of otp, transactional, marketing.")
	case utf8.RuneCountInString(s.Reference) > maxReference:
		return invalid("reference_too_long", "/reference", "The reference is longer than %d characters.", maxReference)
	}
	if err := checkText(s.Text); err != nil {
		return err
	}
	if strings.ContainsFunc(s.Reference, unicode.IsControl) {
		return invalid("reference_forbidden_character", "/reference", "The reference must not hold control characters.")
	}
	if err := checkMetadata(s.Metadata); err != nil {
		return err
	}
	return checkTimes(s, now)
}

func checkText(text string) error {
	if strings.TrimSpace(text) == "" {
		return invalid("text_empty", "/text", "The text is empty.")
	}
	if !utf8.ValidString(text) {
		return invalid("text_not_utf8", "/text", "The text is not valid UTF-8.")
	}
	for i, r := range text {
		if unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\f", r) {
			return invalid("text_forbidden_character", "/text",
				"Character %d is the control character U+%04X, which no handset shows. Remove it.",
				utf8.RuneCountInString(text[:i])+1, r)
		}
	}
	return nil
}

func checkSender(s sms.Sender) *Error {
	digits := len(strings.TrimPrefix(string(s), "+"))
	switch s.Kind() {
	case sms.ShortCode:
		if digits < 3 {
			return invalid("sender_too_short", "/sender", "A sender of digits has 3 to 15 of them; this one has %d.", digits)
		}
	case sms.LongNumber:
		if digits < 7 || digits > 15 {
			return invalid("sender_not_a_number", "/sender", "A number as sender has 7 to 15 digits; this one has %d.", digits)
		}
	case sms.Alphanumeric:
		return checkSenderName(string(s))
	case sms.NoSender:
	}
	return nil
}

func checkSenderName(name string) *Error {
	if n := utf8.RuneCountInString(name); n > sms.MaxSenderName {
		return invalid("sender_too_long", "/sender", "The sender has %d characters; a name has at most %d.", n, sms.MaxSenderName)
	}
	for i, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		if !letter && !strings.ContainsRune(" -.,&+_'", r) {
			return invalid("sender_invalid_character", "/sender",
				"Character %d of the sender is not allowed: use unaccented letters, digits, space and - . , & + _ '.",
				utf8.RuneCountInString(name[:i])+1)
		}
	}
	if strings.TrimSpace(name) != name || name == "+" {
		return invalid("sender_invalid_character", "/sender", "The sender must not begin or end with a space, nor be a lone plus sign.")
	}
	return nil
}

// checkSenderKind refuses a sender that the operator never takes.
func checkSenderKind(s sms.Sender, l *lane) error {
	if s == "" || len(l.facts.Senders) == 0 || slices.Contains(l.facts.Senders, s.Kind()) {
		return nil
	}
	return invalid("sender_kind_unsupported", "/sender", "Connector %s takes no sender of this kind (%s).", l.name, s.Kind())
}

func checkMetadata(metadata map[string]string) error {
	size := 0
	for key, value := range metadata {
		size += len(key) + len(value)
		if strings.ContainsRune(key+value, 0) {
			return invalid("metadata_forbidden_character", "/metadata", "Metadata must not hold NUL characters.")
		}
	}
	if size > maxMetadataBytes {
		return invalid("metadata_too_large", "/metadata", "Keys and values have %d bytes together; at most %d are kept.", size, maxMetadataBytes)
	}
	return nil
}

func checkTimes(s *Submission, now time.Time) error {
	if !s.SendAt.IsZero() {
		switch {
		case s.SendAt.Before(now.Add(-clockTolerance)):
			return invalid("send_at_past", "/send_at", "The date is in the past: it is %s now. Leave send_at out to send at once.",
				now.UTC().Format(time.RFC3339))
		case s.SendAt.After(now.Add(maxAhead)):
			return invalid("send_at_too_far", "/send_at", "The date is more than a year ahead.")
		}
	}
	if s.ValidFor < 0 || s.ValidFor > maxValidity || s.ValidFor > 0 && s.ValidFor < time.Second {
		return invalid("valid_for_out_of_range", "/valid_for", `The validity must be between "1s" and "168h".`)
	}
	return nil
}

func decideClass(s *Submission, account Account) Decision {
	if s.Class != "" {
		return Decision{Code: "class", Detail: "Class " + string(s.Class) + ", as asked."}
	}
	s.Class = account.Class
	if s.Class == "" {
		s.Class = sms.Transactional
	}
	return Decision{Code: "class", Detail: "Class " + string(s.Class) + ", the account's default."}
}

// decideNumbers tells the account's rule about numbers, where it has one.
func decideNumbers(account Account) []Decision {
	families := account.Numbers.Families
	if len(families) == 0 || slices.Contains(families, number.All) {
		return nil
	}
	return []Decision{{Code: "number_policy", Detail: "The account sends to numbers of " + strings.Join(families, ", ") + " only."}}
}

func decideTime(s *Submission) Decision {
	if s.ValidFor == 0 {
		s.ValidFor = s.Class.Validity()
	}
	if s.SendAt.IsZero() {
		return Decision{Code: "time", Detail: "At once; given up after " + plain(s.ValidFor) + "."}
	}
	return Decision{Code: "time", Detail: "Not before " + s.SendAt.UTC().Format(time.RFC3339) + "; given up " + plain(s.ValidFor) + " after that."}
}

// plain writes a duration without the units that are zero: "48h", "1m30s".
func plain(d time.Duration) string {
	text := d.String()
	if minutes, whole := strings.CutSuffix(text, "m0s"); whole {
		text = minutes + "m"
	}
	if hours, whole := strings.CutSuffix(text, "h0m"); whole {
		text = hours + "h"
	}
	return text
}

// measured is what the text costs.
type measured struct {
	encoding sms.Encoding
	segments int
	warnings []Warning
}

// measure counts segments as they will be billed, STOP clause included.
func (g *Gateway) measure(s *Submission, account Account, l *lane) (measured, []Decision, error) {
	c := clauseOf(s.Class, s.Sender, s.Text, account.Policy, l)
	info := gsm.CountWith(c.counted, c.suffix)
	if info.Segments > g.limits.Segments {
		return measured{}, nil, invalid("text_too_long", "/text", "The text takes %d segments (%s); at most %d are allowed.",
			info.Segments, info.Alphabet, g.limits.Segments)
	}
	m := measured{encoding: sms.Encoding(info.Alphabet.String()), segments: info.Segments, warnings: c.warning}
	if info.Alphabet == gsm.SevenBit {
		return m, append(c.decision, Decision{Code: "encoding", Detail: "GSM 7-bit alphabet: " + segments(info)}), nil
	}
	detail := "UCS-2 because of " + costly(c.counted+c.suffix) + ": " + segments(info)
	m.warnings = append(m.warnings, Warning{Code: "ucs2", Detail: detail})
	return m, append(c.decision, Decision{Code: "encoding", Detail: detail}), nil
}

func segments(info gsm.Info) string {
	if info.Segments == 1 {
		return "1 segment."
	}
	return strconv.Itoa(info.Segments) + " segments of at most " + strconv.Itoa(info.PerSegment) + " characters."
}

// costly names the characters that the GSM alphabet lacks, and where they stand.
func costly(text string) string {
	const shown = 5
	chars := gsm.Costly(text)
	var places []string
	for _, c := range chars[:min(shown, len(chars))] {
		places = append(places, fmt.Sprintf("%q (U+%04X) at character %d", c.Rune, c.Rune, c.Position+1))
	}
	if len(chars) > shown {
		places = append(places, fmt.Sprintf("%d more", len(chars)-shown))
	}
	return strings.Join(places, ", ")
}

// recipients reads the numbers of one submission.
type recipients struct {
	region string
	policy number.Policy
	seen   map[sms.Number]int
}

type recipient struct {
	number    sms.Number
	family    string
	country   string
	warnings  []Warning
	decisions []Decision
}

func newRecipients(s *Submission, account Account) *recipients {
	n := len(s.To)
	r := &recipients{region: account.Region, policy: account.Numbers}
	r.policy.Special = r.policy.Special || s.Special
	if n > 1 {
		r.seen = make(map[sms.Number]int, n)
	}
	return r
}

// read reads one number and finds its way.
func (r *recipients) read(index int, raw string, planner *planner) (recipient, *planned, *Refusal) {
	parsed, err := r.policy.Parse(raw, r.region)
	if err != nil {
		return recipient{}, nil, refusalOf(err, index, raw)
	}
	planned := planner.of(parsed)
	if planned.err != nil {
		return recipient{}, nil, refusalOf(planned.err, index, raw)
	}
	if parsed.Kind == number.Fiction && !planned.lane.facts.Simulated {
		return recipient{}, nil, &Refusal{
			Index: index, To: raw, Code: "number_fiction",
			Detail: "The number is reserved for examples and nobody has it; only simulated operators take it.",
		}
	}
	if first, known := r.seen[parsed.Number]; known {
		return recipient{}, nil, &Refusal{
			Index: index, To: raw, Code: "duplicate_recipient",
			Detail: "The same number as recipient " + strconv.Itoa(first+1) + " of this request; it gets one message.",
		}
	}
	if r.seen != nil {
		r.seen[parsed.Number] = index
	}
	read := recipient{number: parsed.Number, family: parsed.Family, country: parsed.Country}
	if planner.whole == nil {
		read.decisions = append(read.decisions, planned.decisions...)
		for _, w := range planned.text.warnings {
			w.To = raw
			read.warnings = append(read.warnings, w)
		}
	}
	if parsed.Country != r.region && parsed.Country != "" {
		read.decisions = append(read.decisions, Decision{Code: "number", Detail: "Read as a number of " + parsed.Country + ", not of " + r.region + "."})
	}
	for _, w := range parsed.Warnings {
		read.warnings = append(read.warnings, Warning{Code: w.Code, Detail: w.Detail, To: raw})
		read.decisions = append(read.decisions, Decision{Code: w.Code, Detail: w.Detail})
	}
	return read, planned, nil
}

func refusalOf(err error, index int, raw string) *Refusal {
	if e, ok := errors.AsType[*number.Error](err); ok {
		return &Refusal{Index: index, To: raw, Code: e.Code, Detail: e.Detail}
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return &Refusal{Index: index, To: raw, Code: e.Code, Detail: e.Detail, French: e.French}
	}
	return &Refusal{Index: index, To: raw, Code: "number_unreadable", Detail: "The number cannot be read."}
}
