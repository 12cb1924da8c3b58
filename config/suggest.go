package config

import (
	"fmt"
	"strings"
)

// suggest tells what would be right instead of name: the nearest of the valid
// words when one is near, else all of them.
func suggest(name string, valid []string) string {
	if len(valid) == 0 {
		return "nothing may stand here"
	}
	best, least := "", max(2, len(name)/3)+1
	for _, word := range valid {
		if d := distance(name, word); d < least && d < len(word) {
			best, least = word, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "valid here: " + strings.Join(valid, ", ")
}

// distance is Levenshtein's: the fewest insertions, deletions and replacements
// of one byte that turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
