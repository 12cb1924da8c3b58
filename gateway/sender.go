package gateway

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"relais/policy"
	"relais/sms"
)

// SenderPolicy says which senders an account may use. The zero value takes every
// name that operators document: letters, digits, space and - . , & + _ '.
type SenderPolicy struct {
	// Plain leaves letters and digits alone in a name.
	Plain bool
	// Listed are the senders that the account may use; none: every one.
	Listed []ListedSender
	// Generic are names that tell nobody who writes; a listed one may be used.
	Generic []string
	// Forbidden are words of others, in no name that is not listed.
	Forbidden []string
	// Replace has the account's default stand for a sender that is refused.
	Replace bool
}

// ListedSender is one that somebody has proved to be theirs.
type ListedSender struct {
	Name        sms.Sender
	From, Until time.Time // zero: for ever
}

// decideSender takes the sender that was asked for, or the account's.
func decideSender(s *Submission, account Account, now time.Time) (Decision, []Warning, *Error) {
	if s.Sender == "" {
		return defaultSender(s, account), nil, nil
	}
	refusal := account.Senders.refuses(s.Sender, now)
	if refusal == nil {
		refusal = account.refusesWord(s.Sender, account.Policy, now)
	}
	switch {
	case refusal == nil:
		return decision("sender", askedFor(s.Sender)), nil, nil
	case !account.Senders.Replace:
		return Decision{}, nil, refusal
	}
	s.Sender = ""
	d := defaultSender(s, account)
	why := said{refusal.Detail, refusal.French}.with(said{d.Detail, d.French})
	return decision("sender_replaced", why), []Warning{warn("sender_replaced", why)}, nil
}

// askedFor tells the type of a sender that is a number.
func askedFor(s sms.Sender) said {
	switch s.Kind() {
	case sms.ShortCode:
		return said{"The sender that was asked for, a short code.", "L'expéditeur demandé, un numéro court."}
	case sms.LongNumber:
		return said{"The sender that was asked for, a long number.", "L'expéditeur demandé, un numéro long."}
	default:
		return said{"The sender that was asked for.", "L'expéditeur demandé."}
	}
}

func defaultSender(s *Submission, account Account) Decision {
	if account.Sender != "" {
		s.Sender = account.Sender
		return decision("sender", said{"The account's default sender.", "L'expéditeur par défaut du compte."})
	}
	return decision("sender", said{"No sender was asked for: the connector's own.", "Aucun expéditeur demandé : celui du connecteur."})
}

// refuses says what is wrong with a sender.
func (p SenderPolicy) refuses(s sms.Sender, now time.Time) *Error {
	if err := checkSender(s); err != nil {
		return err
	}
	at := slices.IndexFunc(p.Listed, func(l ListedSender) bool { return strings.EqualFold(string(l.Name), string(s)) })
	switch {
	case at >= 0:
		return p.Listed[at].refuses(now)
	case len(p.Listed) > 0:
		return p.notListed(now)
	case s.Kind() == sms.Alphanumeric:
		return p.refusesName(string(s))
	default:
		return nil
	}
}

func (l *ListedSender) refuses(now time.Time) *Error {
	switch {
	case !l.From.IsZero() && now.Before(l.From):
		return invalid("sender_not_valid", "/sender", say("The account may use this sender from %s on.",
			"Le compte peut utiliser cet expéditeur à partir du %s.", l.From.UTC().Format(time.RFC3339)))
	case !l.Until.IsZero() && !now.Before(l.Until):
		return invalid("sender_not_valid", "/sender", say("The account could use this sender until %s. Renew its proof, then its dates.",
			"Le compte pouvait utiliser cet expéditeur jusqu'au %s. Renouvelez sa preuve, puis ses dates.", l.Until.UTC().Format(time.RFC3339)))
	default:
		return nil
	}
}

// notListed names the senders that may be used instead, now.
func (p SenderPolicy) notListed(now time.Time) *Error {
	var names []string
	for i := range p.Listed {
		if p.Listed[i].refuses(now) == nil {
			names = append(names, string(p.Listed[i].Name))
		}
	}
	if len(names) == 0 {
		return invalid("sender_not_listed", "/sender", say(
			"The account may not use this sender, and the dates of those on its list are over or still to come. Change their dates.",
			"Le compte ne peut pas utiliser cet expéditeur, et les dates de ceux de sa liste sont passées ou à venir. Changez leurs dates."))
	}
	return invalid("sender_not_listed", "/sender", say("The account may not use this sender. It may use %s.",
		"Le compte ne peut pas utiliser cet expéditeur. Il peut utiliser %s.", strings.Join(names, ", ")))
}

func (p SenderPolicy) refusesName(name string) *Error {
	if at := strings.IndexFunc(name, punctuation); at >= 0 && p.Plain {
		return invalid("sender_invalid_character", "/sender", say(
			"Character %d of the sender is neither a letter nor a digit: leave it out, or allow sender_punctuation.",
			"Le caractère %d de l'expéditeur n'est ni une lettre ni un chiffre : ôtez-le, ou autorisez sender_punctuation.", utf8.RuneCountInString(name[:at])+1))
	}
	return wordRefusal(name, &policy.Words{Generic: p.Generic, Forbidden: p.Forbidden})
}

func punctuation(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

// checkSender refuses what no operator would take.
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
