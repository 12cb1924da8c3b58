package config

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// suggest tells what would be right instead of name: the nearest of the valid
// words when one is near, else all of them.
func suggest(name string, valid []string) string {
	if len(valid) == 0 {
		return "nothing may stand here"
	}
	best, least := "", max(2, len(name)/3)+1
	for _, word := range valid {
		if d := levenshtein.ComputeDistance(name, word); d < least && d < len(word) {
			best, least = word, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "valid here: " + strings.Join(valid, ", ")
}
