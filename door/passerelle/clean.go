package passerelle

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"relais/charset"
	"relais/reason"
	"relais/sms"
)

// cut shortens a text to the longest that an instance sends. Passerelle did so
// without a word; refusing would lose messages that went until now, because
// w.c.s. does not try again.
func cut(text string, longest int) (string, *reason.Reason) {
	runes := []rune(text)
	if longest <= 0 || len(runes) <= longest {
		return text, nil
	}
	return string(runes[:longest]), noted(codeCut, reason.Args{
		"had": reason.Count(len(runes)), "most": reason.Count(longest),
	})
}

// withoutControls drops the characters that no handset shows and that the
// gateway refuses: a template may have copied them from anywhere. U+0080 to U+009F are
// what Windows-1252 writes there, read as ISO 8859-1.
func withoutControls(text string) (string, *reason.Reason) {
	cleaned := strings.Map(func(r rune) rune {
		switch meant, ok := windows1252(r); {
		case ok:
			return meant
		case unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\f", r),
			unicode.Is(unicode.Noncharacter_Code_Point, r):
			return -1
		default:
			return r
		}
	}, text)
	if cleaned == text {
		return text, nil
	}
	return cleaned, noted(codeCleaned, nil)
}

// windows1252 is the character that a control character of ISO 8859-1 stands for.
func windows1252(r rune) (meant rune, ok bool) {
	const first, last = 0x80, 0x9F
	if r < first || r > last {
		return 0, false
	}
	text, ok := charset.Windows1252([]byte{byte(r)})
	meant, _ = utf8.DecodeRuneInString(text)
	return meant, ok
}

// cleanSender makes a sender that operators take. w.c.s. cuts to 11 characters
// and checks nothing else (documented): accents go, other characters that no
// sender may have are dropped. What cannot be one leaves it to the account.
func cleanSender(from string) (sms.Sender, *reason.Reason) {
	cleaned := numberOr(strings.TrimSpace(plain(from)))
	if s := sms.Sender(cleaned); s.Kind() == sms.Alphanumeric && len(cleaned) > sms.MaxSenderName {
		cleaned = strings.TrimSpace(cleaned[:sms.MaxSenderName])
	}
	if !possible(sms.Sender(cleaned)) {
		cleaned = ""
	}
	switch cleaned {
	case from:
		return sms.Sender(cleaned), nil
	case "":
		return "", noted(codeSenderImpossible, nil)
	default:
		return sms.Sender(cleaned), noted(codeSenderCleaned, nil)
	}
}

// plain replaces letters with accents by those without, and drops everything
// that is not in the alphabet of senders.
func plain(text string) string {
	spelled := strings.NewReplacer("œ", "oe", "Œ", "OE", "æ", "ae", "Æ", "AE", "ß", "ss", "ø", "o", "Ø", "O",
		"’", "'").Replace(text)
	return strings.Map(func(r rune) rune {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		if letter || strings.ContainsRune(" -.,&+_'", r) {
			return r
		}
		return -1
	}, norm.NFD.String(spelled))
}

// numberOr joins the groups of digits of a sender that is a number.
func numberOr(text string) string {
	joined := strings.NewReplacer(" ", "", ".", "", "-", "").Replace(text)
	if digits := strings.TrimPrefix(joined, "+"); digits != "" && strings.Trim(digits, "0123456789") == "" {
		return joined
	}
	return text
}

// possible reports whether the gateway takes a sender.
func possible(s sms.Sender) bool {
	digits := len(strings.TrimPrefix(string(s), "+"))
	const shortest, longest = 3, 15
	switch s.Kind() {
	case sms.ShortCode:
		return digits >= shortest
	case sms.LongNumber:
		return digits >= 7 && digits <= longest
	case sms.NoSender, sms.Alphanumeric:
	}
	return s != "+"
}

func noted(code reason.Code, args reason.Args) *reason.Reason {
	note := reason.Of(code, args)
	return &note
}
