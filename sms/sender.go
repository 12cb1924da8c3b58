package sms

import (
	"log/slog"
	"strings"
)

// Sender is the source address that the handset shows: a name of at most 11
// characters, a short code, or a number. Empty means the connector's own.
type Sender string

// SenderKind is the kind of a source address (its TON in SMPP).
type SenderKind string

// The kinds of sender.
const (
	NoSender     SenderKind = ""             // none given: the connector's default
	Alphanumeric SenderKind = "alphanumeric" // a name; nobody can answer it
	ShortCode    SenderKind = "short"        // 3 to 6 digits
	LongNumber   SenderKind = "long"         // 7 to 15 digits, with or without a plus
)

// MaxSenderName is the longest alphanumeric sender, in characters (GSM 03.40,
// 9.1.2.5: ten octets hold eleven septets).
const MaxSenderName = 11

// Kind tells what sort of address s is.
func (s Sender) Kind() SenderKind {
	digits := strings.TrimPrefix(string(s), "+")
	switch {
	case s == "":
		return NoSender
	case digits == "" || strings.Trim(digits, "0123456789") != "":
		return Alphanumeric
	case len(digits) >= 7 || strings.HasPrefix(string(s), "+"):
		return LongNumber
	default:
		return ShortCode
	}
}

// LogValue hides a sender that is a number; a name is not personal.
func (s Sender) LogValue() slog.Value {
	if s.Kind() == LongNumber {
		return slog.StringValue(Number(s).Masked())
	}
	return slog.StringValue(string(s))
}
