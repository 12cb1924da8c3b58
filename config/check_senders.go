package config

import (
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

func (a Account) checkSenders(at path) []finding {
	var found []finding
	for _, name := range slices.Sorted(maps.Keys(a.Senders)) {
		s, here := a.Senders[name], at.to("sender").to(name)
		if wrong := wrongSender(name); wrong != "" || name == "" {
			found = append(found, finding{here, "want a name of at most 11 characters without accents, a short code or a number"})
		}
		found = append(found, findings(here, []judged{
			{"valid_from", wrongDate(s.ValidFrom)},
			{"valid_until", wrongDate(s.ValidUntil)},
			{"valid_until", unless(s.ValidFrom == "" || s.ValidUntil == "" || s.ValidFrom <= s.ValidUntil, "it ends before valid_from")},
		})...)
	}
	return found
}

func wrongDate(text string) string {
	if text == "" {
		return ""
	}
	_, err := time.Parse(time.DateOnly, text)
	return unless(err == nil, "want a day such as 2026-01-31")
}
