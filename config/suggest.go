package config

import (
	"github.com/agnivade/levenshtein"

	"relais/config/section"
	"relais/reason"
)

// suggest says what would be right instead of name: the nearest of the valid words
// when one is near, else all of them.
func suggest(name string, valid []string) reason.Reason {
	if len(valid) == 0 {
		return reason.Of(whyNothingValid, nil)
	}
	best, least := "", max(2, len(name)/3)+1
	for _, word := range valid {
		if d := levenshtein.ComputeDistance(name, word); d < least && d < len(word) {
			best, least = word, d
		}
	}
	if best != "" {
		return reason.Of(whyDidYouMean, reason.Args{"word": section.Quoted(best)})
	}
	return reason.Of(whyValidHere, reason.Args{"words": reason.Names(valid)})
}
