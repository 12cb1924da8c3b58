package gateway

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relais/charset"
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
	if !utf8.ValidString(s.Reference) {
		return invalid("reference_forbidden_character", "/reference", say("The reference is not valid UTF-8.", "La référence n'est pas de l'UTF-8 valide."))
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
		if why, forbidden := forbiddenCharacter(r); forbidden {
			return invalid("text_forbidden_character", "/text", say("Character %d is ", "Le caractère %d est ", utf8.RuneCountInString(text[:i])+1).then(why))
		}
	}
	return nil
}

// forbiddenCharacter reports whether no text may hold a character, and says what it is.
func forbiddenCharacter(r rune) (why said, forbidden bool) {
	const c1, c1End = 0x80, 0x9F
	switch {
	case r >= c1 && r <= c1End:
		if meant, ok := charset.Windows1252([]byte{byte(r)}); ok {
			return say("U+%04X, a control character that no handset shows: %s of Windows-1252 that was read as ISO 8859-1. Read the text as Windows-1252.",
				"U+%04X, un caractère de contrôle qu'aucun téléphone n'affiche : %s de Windows-1252 lu comme de l'ISO 8859-1. Lisez le texte comme du Windows-1252.",
				r, meant), true
		}
		fallthrough
	case unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\f", r):
		return say("the control character U+%04X, which no handset shows. Remove it.",
			"le caractère de contrôle U+%04X, qu'aucun téléphone n'affiche. Ôtez-le.", r), true
	case unicode.Is(unicode.Noncharacter_Code_Point, r):
		return say("U+%04X, which stands for no character in Unicode. Remove it.",
			"U+%04X, qui ne représente aucun caractère dans Unicode. Ôtez-le.", r), true
	}
	return said{}, false
}

func checkMetadata(metadata map[string]string) error {
	size := 0
	for key, value := range metadata {
		size += len(key) + len(value)
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return invalid("metadata_forbidden_character", "/metadata", say("Metadata must be valid UTF-8.", "Les métadonnées doivent être de l'UTF-8 valide."))
		}
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
