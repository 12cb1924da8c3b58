package config

import (
	"relais/config/section"

	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// leastWord keeps a word from being in every name.
const leastWord = 2

func wrongWordsOfSenders(words []string) string {
	for _, w := range words {
		if len(w) < leastWord || strings.ContainsFunc(w, func(r rune) bool { return r > '~' || r <= ' ' }) {
			return fmt.Sprintf("want words of at least %d letters or digits, without accents and spaces", leastWord)
		}
	}
	return ""
}

func (a Account) checkSenders(at path) []section.Finding {
	var found []section.Finding
	for _, name := range slices.Sorted(maps.Keys(a.Senders)) {
		s, here := a.Senders[name], at.To("sender").To(name)
		if wrong := section.WrongSender(name); wrong != "" || name == "" {
			found = append(found, section.Finding{At: here, Detail: "want a name of at most 11 characters without accents, a short code or a number"})
		}
		found = append(found, section.Findings(here, []section.Judged{
			{Key: "valid_from", Wrong: wrongDate(s.ValidFrom)},
			{Key: "valid_until", Wrong: wrongDate(s.ValidUntil)},
			{Key: "valid_until", Wrong: section.Unless(s.ValidFrom == "" || s.ValidUntil == "" || s.ValidFrom <= s.ValidUntil, "it ends before valid_from")},
		})...)
	}
	return found
}

func wrongDate(text string) string {
	if text == "" {
		return ""
	}
	_, err := time.Parse(time.DateOnly, text)
	return section.Unless(err == nil, "want a day such as 2026-01-31")
}
