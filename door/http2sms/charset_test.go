package http2sms_test

import (
	"strings"
	"testing"
)

// What is not UTF-8 is Windows-1252, which Windows programs call Latin-1; what is neither is
// refused, with the name of the parameter.
func TestCharsets(t *testing.T) {
	for _, tc := range []struct{ name, parameter, raw, want string }{
		{"UTF-8", "message", "l’école", "l’école"},
		{"Windows-1252", "message", "l\x92\xe9cole co\xfbte 5 \x80", "l’école coûte 5 €"},
		{"œ and dots", "message", "c\x9cur\x85", "cœur…"},
		{"a byte without a character", "message", "a\x81", ""},
		{"UTF-8 that was cut", "message", "d\xc3\xa9j\xc3", ""},
		{"two charsets", "message", "\xc3\xa9t\xe9", ""},
		{"the tag", "tag", "\x9d", ""},
		{"the sender", "from", "\x8d", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := open(t)
			_, _, body := w.get(t, w.form(tc.parameter, tc.raw))
			sent := w.messages(t)
			switch {
			case tc.want != "" && (len(sent) != 1 || sent[0].Text != tc.want):
				t.Errorf("%q, sent %v", body, sent)
			case tc.want == "" && (len(sent) != 0 || !strings.Contains(
				body, "Invalid "+tc.parameter+": it is neither UTF-8 nor Windows-1252",
			)):
				t.Errorf("%q, %d sent", body, len(sent))
			}
		})
	}
}
