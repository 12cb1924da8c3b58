package sender

import (
	"strings"
	"unicode/utf8"

	"relais/reason"
	"relais/sms"
)

// Codes of what is no sender.
const (
	CodeTooShort         reason.Code = "sender_too_short"
	CodeTooLong          reason.Code = "sender_too_long"
	CodeNotANumber       reason.Code = "sender_not_a_number"
	CodeInvalidCharacter reason.Code = "sender_invalid_character"

	codeEnds reason.Code = "sender_invalid_character/ends"
)

// Impossible refuses what no operator would take as a sender; zero: it may be one.
func Impossible(s Sender) reason.Reason {
	digits := len(strings.TrimPrefix(string(s.Name), "+"))
	switch s.Kind {
	case sms.ShortCode:
		if digits < 3 {
			return reason.Of(CodeTooShort, reason.Args{"digits": reason.Count(digits)})
		}
	case sms.LongNumber:
		if digits < 7 || digits > 15 {
			return reason.Of(CodeNotANumber, reason.Args{"digits": reason.Count(digits)})
		}
	case sms.Alphanumeric:
		return impossibleName(string(s.Name))
	case sms.NoSender:
	}
	return reason.Reason{}
}

func impossibleName(name string) reason.Reason {
	if n := utf8.RuneCountInString(name); n > sms.MaxSenderName {
		most := reason.Count(sms.MaxSenderName)
		return reason.Of(CodeTooLong, reason.Args{"characters": reason.Count(n), "most": most})
	}
	for i, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		if !letter && !strings.ContainsRune(" -.,&+_'", r) {
			return reason.Of(CodeInvalidCharacter, positionIn(name, i))
		}
	}
	if strings.TrimSpace(name) != name || name == "+" {
		return reason.Of(codeEnds, nil)
	}
	return reason.Reason{}
}

// positionIn counts the characters before an octet, from 1.
func positionIn(name string, at int) reason.Args {
	return reason.Args{"position": reason.Count(utf8.RuneCountInString(name[:at]) + 1)}
}
