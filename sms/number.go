package sms

import (
	"log/slog"
	"strings"
)

// Number is the MSISDN of a handset, always in E.164 with its plus sign
// ("+33639980123"). Package number makes them; nothing else should.
type Number string

// LogValue masks the number: a log may tell that there was one, and how long
// it was, never which.
func (n Number) LogValue() slog.Value {
	return slog.StringValue(n.Masked())
}

// Masked shows the first two digits and hides the others.
func (n Number) Masked() string {
	const shown = len("+33")
	if len(n) <= shown {
		return strings.Repeat("*", len(n))
	}
	return string(n[:shown]) + strings.Repeat("*", len(n)-shown)
}

// NoNumber stands where a number was erased: nothing tells whose it was. It also begins
// each pseudonym of a hidden number, as no number and no sender does.
const NoNumber Number = "~"

// Known reports whether it is still the number of a person: neither hidden by a retention
// nor erased.
func (n Number) Known() bool { return n != "" && n[0] != NoNumber[0] }
