package config

import (
	"maps"
	"slices"
	"strings"
	"time"

	"relais/config/section"
	"relais/reason"
)

// leastWord keeps a word from being in every name.
const leastWord = 2

func wrongWordsOfSenders(words []string) reason.Reason {
	for _, w := range words {
		if len(w) < leastWord || strings.ContainsFunc(w, func(r rune) bool { return r > '~' || r <= ' ' }) {
			return reason.Of(whySenderWords, reason.Args{"least": reason.Count(leastWord)})
		}
	}
	return reason.Reason{}
}

func (a Account) checkSenders(at path) []section.Finding {
	var found []section.Finding
	for _, name := range slices.Sorted(maps.Keys(a.Senders)) {
		s, here := a.Senders[name], at.To("sender").To(name)
		if wrong := section.WrongSenderName(name); !wrong.IsZero() {
			found = append(found, section.Finding{At: here, Wrong: wrong})
		}
		found = append(found, section.Findings(here, []section.Judged{
			{Key: "valid_from", Wrong: wrongDate(s.ValidFrom)},
			{Key: "valid_until", Wrong: wrongDate(s.ValidUntil)},
			{Key: "valid_until", Wrong: section.Unless(s.ValidFrom == "" || s.ValidUntil == "" ||
				s.ValidFrom <= s.ValidUntil, whySenderEnds)},
		})...)
	}
	return found
}

func wrongDate(text string) reason.Reason {
	if text == "" {
		return reason.Reason{}
	}
	_, err := time.Parse(time.DateOnly, text)
	return section.Unless(err == nil, whyDay)
}
