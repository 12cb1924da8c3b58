package api

import (
	"strings"

	"relais/number"
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
		return "", badParameter(name, detailOf(err))
	}
	return parsed.Number, nil
}
