package gateway

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relais/number"
	"relais/policy"
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
		return invalid("recipients_empty", "/to", say("Name at least one recipient.", "Nommez au moins un destinataire."))
	case len(s.To) > g.limits.Recipients:
		return invalid("recipients_too_many", "/to", say("%d recipients; one request takes at most %d. Send several requests.",
			"%d destinataires ; une demande en prend %d au plus. Envoyez plusieurs demandes.", len(s.To), g.limits.Recipients))
	case s.Class != "" && !s.Class.Valid():
		return invalid("class_unknown", "/class", say("The class must be one of otp, transactional, marketing.", "La classe est otp, transactional ou marketing."))
	case utf8.RuneCountInString(s.Reference) > maxReference:
		return invalid("reference_too_long", "/reference", say("The reference is longer than %d characters.", "La référence dépasse %d caractères.", maxReference))
	}
	if err := checkText(s.Text); err != nil {
		return err
	}
	if strings.ContainsFunc(s.Reference, unicode.IsControl) {
		return invalid("reference_forbidden_character", "/reference", say("The reference must not hold control characters.", "La référence ne doit pas contenir de caractères de contrôle."))
	}
	if err := checkMetadata(s.Metadata); err != nil {
		return err
	}
	return checkTimes(s, now)
}

func checkText(text string) error {
	if strings.TrimSpace(text) == "" {
		return invalid("text_empty", "/text", say("The text is empty.", "Le texte est vide."))
	}
	if !utf8.ValidString(text) {
		return invalid("text_not_utf8", "/text", say("The text is not valid UTF-8.", "Le texte n'est pas de l'UTF-8 valide."))
	}
	for i, r := range text {
		if unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\f", r) {
			return invalid("text_forbidden_character", "/text", say(
				"Character %d is the control character U+%04X, which no handset shows. Remove it.",
				"Le caractère %d est le caractère de contrôle U+%04X, qu'aucun téléphone n'affiche. Ôtez-le.",
				utf8.RuneCountInString(text[:i])+1, r))
		}
	}
	return nil
}

func checkSender(s sms.Sender) *Error {
	digits := len(strings.TrimPrefix(string(s), "+"))
	switch s.Kind() {
	case sms.ShortCode:
		if digits < 3 {
			return invalid("sender_too_short", "/sender", say("A sender of digits has 3 to 15 of them; this one has %d.",
				"Un expéditeur fait de chiffres en a de 3 à 15 ; celui-ci en a %d.", digits))
		}
	case sms.LongNumber:
		if digits < 7 || digits > 15 {
			return invalid("sender_not_a_number", "/sender", say("A number as sender has 7 to 15 digits; this one has %d.",
				"Un numéro expéditeur a de 7 à 15 chiffres ; celui-ci en a %d.", digits))
		}
	case sms.Alphanumeric:
		return checkSenderName(string(s))
	case sms.NoSender:
	}
	return nil
}

func checkSenderName(name string) *Error {
	if n := utf8.RuneCountInString(name); n > sms.MaxSenderName {
		return invalid("sender_too_long", "/sender", say("The sender has %d characters; a name has at most %d.",
			"L'expéditeur a %d caractères ; un nom en a %d au plus.", n, sms.MaxSenderName))
	}
	for i, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		if !letter && !strings.ContainsRune(" -.,&+_'", r) {
			return invalid("sender_invalid_character", "/sender", say(
				"Character %d of the sender is not allowed: use unaccented letters, digits, space and - . , & + _ '.",
				"Le caractère %d de l'expéditeur n'est pas permis : écrivez des lettres sans accent, des chiffres, l'espace et - . , & + _ '.",
				utf8.RuneCountInString(name[:i])+1))
		}
	}
	if strings.TrimSpace(name) != name || name == "+" {
		return invalid("sender_invalid_character", "/sender", say("The sender must not begin or end with a space, nor be a lone plus sign.",
			"L'expéditeur ne commence ni ne finit par une espace, et n'est pas un signe plus seul."))
	}
	return nil
}

// checkSenderKind refuses a sender that the operator never takes.
func checkSenderKind(s sms.Sender, l *lane) error {
	if s == "" || len(l.facts.Senders) == 0 || slices.Contains(l.facts.Senders, s.Kind()) {
		return nil
	}
	english, french := policy.OtherKind(s.Kind(), l.facts.Senders)
	return invalid("sender_kind_unsupported", "/sender", said{
		"Connector " + l.name + " does not take the sender: " + english + ".",
		"Le connecteur " + l.name + " n'accepte pas cet expéditeur : " + french + ".",
	})
}

func checkMetadata(metadata map[string]string) error {
	size := 0
	for key, value := range metadata {
		size += len(key) + len(value)
		if strings.ContainsRune(key+value, 0) {
			return invalid("metadata_forbidden_character", "/metadata", say("Metadata must not hold NUL characters.",
				"Les métadonnées ne doivent pas contenir de caractère NUL."))
		}
	}
	if size > maxMetadataBytes {
		return invalid("metadata_too_large", "/metadata", say("Keys and values have %d bytes together; at most %d are kept.",
			"Les clés et les valeurs font ensemble %d octets ; %d au plus sont gardés.", size, maxMetadataBytes))
	}
	return nil
}

func checkTimes(s *Submission, now time.Time) error {
	if !s.SendAt.IsZero() {
		switch {
		case s.SendAt.Before(now.Add(-clockTolerance)):
			return invalid("send_at_past", "/send_at", say("The date is in the past: it is %s now. Leave send_at out to send at once.",
				"La date est passée : il est %s. Ôtez send_at pour envoyer tout de suite.", now.UTC().Format(time.RFC3339)))
		case s.SendAt.After(now.Add(maxAhead)):
			return invalid("send_at_too_far", "/send_at", say("The date is more than a year ahead.", "La date est à plus d'un an."))
		}
	}
	if s.ValidFor < 0 || s.ValidFor > maxValidity || s.ValidFor > 0 && s.ValidFor < time.Second {
		return invalid("valid_for_out_of_range", "/valid_for", say(`The validity must be between "1s" and "168h".`, "La validité est comprise entre « 1s » et « 168h »."))
	}
	return nil
}

func decideClass(s *Submission, account Account) Decision {
	if s.Class != "" {
		return decision("class", said{"Class " + string(s.Class) + ", as asked.", "Classe " + string(s.Class) + ", comme demandé."})
	}
	s.Class = account.Class
	if s.Class == "" {
		s.Class = sms.Transactional
	}
	return decision("class", said{"Class " + string(s.Class) + ", the account's default.", "Classe " + string(s.Class) + ", celle du compte."})
}

// decideNumbers tells the account's rule about numbers, where it has one.
func decideNumbers(account Account) []Decision {
	families := account.Numbers.Families
	if len(families) == 0 || slices.Contains(families, number.All) {
		return nil
	}
	list := strings.Join(families, ", ")
	return []Decision{decision("number_policy", said{"The account sends to numbers of " + list + " only.", "Le compte n'envoie qu'aux numéros de " + list + "."})}
}

func decideTime(s *Submission) Decision {
	if s.ValidFor == 0 {
		s.ValidFor = s.Class.Validity()
	}
	if s.SendAt.IsZero() {
		return decision("time", said{"At once; given up after " + plain(s.ValidFor) + ".", "Tout de suite ; abandonné au bout de " + plain(s.ValidFor) + "."})
	}
	at := s.SendAt.UTC().Format(time.RFC3339)
	return decision("time", said{
		"Not before " + at + "; given up " + plain(s.ValidFor) + " after that.",
		"Pas avant " + at + " ; abandonné " + plain(s.ValidFor) + " plus tard.",
	})
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
			French: "Le numéro est réservé aux exemples et personne ne l'a ; seuls les opérateurs simulés le prennent.",
		}
	}
	if first, known := r.seen[parsed.Number]; known {
		return recipient{}, nil, &Refusal{
			Index: index, To: raw, Code: "duplicate_recipient",
			Detail: "The same number as recipient " + strconv.Itoa(first+1) + " of this request; it gets one message.",
			French: "Le même numéro que le destinataire " + strconv.Itoa(first+1) + " de cette demande ; il reçoit un seul message.",
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
	for _, w := range parsed.Warnings {
		read.warnings = append(read.warnings, Warning{Code: w.Code, Detail: w.Detail, French: w.French, To: raw})
		read.decisions = append(read.decisions, Decision{Code: w.Code, Detail: w.Detail, French: w.French})
	}
	return read, planned, nil
}

func refusalOf(err error, index int, raw string) *Refusal {
	if e, ok := errors.AsType[*number.Error](err); ok {
		return &Refusal{Index: index, To: raw, Code: e.Code, Detail: e.Detail, French: e.French}
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return &Refusal{Index: index, To: raw, Code: e.Code, Detail: e.Detail, French: e.French}
	}
	return &Refusal{Index: index, To: raw, Code: "number_unreadable", Detail: "The number cannot be read.", French: "Le numéro est illisible."}
}
