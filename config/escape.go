package config

import (
	"fmt"
	"strings"

	"relais/plaintext"
)

// escapes are the characters that TOML makes of a letter behind a backslash in
// double quotes.
var escapes = map[rune]string{'\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`, '\x1b': `\e`}

// severalLines are the keys whose value may have line ends.
var severalLines = map[string]bool{"text": true}

// changedByTOML is what is wrong with a text that holds a character which nobody
// types: a pattern, or DOMAIN\user, in double quotes.
func changedByTOML(f field, raw any) string {
	if items, list := raw.([]any); list {
		for _, item := range items {
			if wrong := changedByTOML(f, item); wrong != "" {
				return wrong
			}
		}
	}
	text, ok := raw.(string)
	if !ok || f.secret() {
		return ""
	}
	for _, r := range text {
		escape, known := escapes[r]
		switch {
		case strings.ContainsRune("\r\n\t", r) && severalLines[f.key]:
		case known:
			return fmt.Sprintf("TOML has made a control character of %s in double quotes; write the value in single quotes, which leave a backslash alone", escape)
		case r < ' ' || r == '\x7f':
			return fmt.Sprintf("it holds the control character U+%04X, which nobody can see; take it out", r)
		}
	}
	return ""
}

// fromVariable is the text of an environment variable without what files of
// variables leave around it: line ends of Windows, and quotes that were not taken
// off.
func fromVariable(f field, text string) (string, error) {
	if f.secret() {
		return plaintext.Secret(text)
	}
	return plaintext.Trim(text), nil
}
