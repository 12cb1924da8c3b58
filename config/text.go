package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"relais/plaintext"
	"relais/reason"
)

// fromText reads the text of an environment variable as the file would hold
// the value: a list is parted by commas.
func fromText(v reflect.Value, text string) any {
	t := v.Type()
	if t.Kind() == reflect.Pointer {
		v = reflect.New(t.Elem()).Elem()
		t = v.Type()
	}
	if t == durationType || textual(v) {
		return text
	}
	if v.Kind() == reflect.Slice {
		var items []any
		for item := range strings.SplitSeq(text, ",") {
			items = append(items, fromText(reflect.New(t.Elem()).Elem(), strings.TrimSpace(item)))
		}
		return items
	}
	if b, err := strconv.ParseBool(text); err == nil && v.Kind() == reflect.Bool {
		return b
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && (v.CanInt() || v.CanUint() || v.CanFloat()) {
		return n
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && v.CanFloat() {
		return n
	}
	return text
}

// escapes are the characters that TOML makes of a letter behind a backslash in
// double quotes.
var escapes = map[rune]string{'\b': `\b`, '\t': `\t`, '\n': `\n`, '\f': `\f`, '\r': `\r`, '\x1b': `\e`}

// severalLines are the keys whose value may have line ends.
var severalLines = map[string]bool{"text": true}

// changedByTOML is what is wrong with a text that holds a character which nobody
// types: a pattern, or DOMAIN\user, in double quotes.
func changedByTOML(f field, raw any) reason.Reason {
	if items, list := raw.([]any); list {
		for _, item := range items {
			if wrong := changedByTOML(f, item); !wrong.IsZero() {
				return wrong
			}
		}
	}
	text, ok := raw.(string)
	if !ok || f.secret() {
		return reason.Reason{}
	}
	for _, r := range text {
		escape, known := escapes[r]
		switch {
		case strings.ContainsRune("\r\n\t", r) && severalLines[f.key]:
		case known:
			return reason.Of(whyEscape, reason.Args{"escape": reason.Name(escape)})
		case r < ' ' || r == '\x7f':
			return reason.Of(whyControl, reason.Args{"character": reason.Name(fmt.Sprintf("U+%04X", r))})
		}
	}
	return reason.Reason{}
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
