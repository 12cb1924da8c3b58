package merge

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold makes one of names that people take for the same: capitals, accents, spaces, marks
// between words and invisible characters make no difference.
func Fold(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r), unicode.IsSpace(r), unicode.IsControl(r),
			strings.ContainsRune("_-–—'’.", r):
		case r == 'œ', r == 'Œ':
			b.WriteString("oe")
		case r == 'æ', r == 'Æ':
			b.WriteString("ae")
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// Nearest is the name among some that is most like another; empty where none is near.
func Nearest(name string, among []string) string {
	const (
		farthest = 3
		longest  = 100 // letters that are compared
	)
	wanted := clip(Fold(name), longest)
	best, least := "", farthest+1
	for _, one := range among {
		have := clip(Fold(one), longest)
		if d := distance(wanted, have); d < least && d <= len(wanted)/2 {
			best, least = one, d
		}
	}
	return best
}

func clip(text string, most int) []rune {
	letters := []rune(text)
	return letters[:min(len(letters), most)]
}

// distance counts the letters to change, to add and to take away (Levenshtein).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		before := slices.Clone(row)
		row[0] = i + 1
		for j, y := range b {
			change := before[j]
			if x != y {
				change++
			}
			row[j+1] = min(change, before[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
