package api

import (
	"errors"
	"strings"

	"relais/number"
	"relais/reason"
	"relais/sms"
)

// handset reads a number of the URL as it is written in a region.
func handset(name, written, region string) (sms.Number, error) {
	// A + that nobody escaped arrives as a space.
	if rest, ok := strings.CutPrefix(written, " "); ok {
		written = "+" + rest
	}
	parsed, err := number.Every.Parse(written, region)
	if err != nil {
		return "", badParameter(name, numberReason(err).As(codeParameter))
	}
	return parsed.Number, nil
}

// numberReason says why a number is refused.
func numberReason(err error) reason.Reason {
	if e, ok := errors.AsType[*number.Error](err); ok {
		return e.Reason
	}
	return reason.Verbatim(err.Error()).As(codeUnreadable)
}
