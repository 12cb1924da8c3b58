package plaintext_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"relais/plaintext"
)

func TestDecode(t *testing.T) {
	for _, test := range []struct{ name, data, want, wrong string }{
		{"plain", "é\n", "é\n", ""},
		{"empty", "", "", ""},
		{"mark", "\xef\xbb\xbfé", "é", ""},
		{"UTF-16 of Windows", "\xff\xfea\x00\xe9\x00\r\x00\n\x00", "aé\r\n", ""},
		{"UTF-16 of others", "\xfe\xff\x00a\x00\xe9", "aé", ""},
		{"beyond the first plane", "\xff\xfe\x3c\xd8\x34\xdf", "🌴", ""},
		{"UTF-16 without a mark", "a\x00b\x00", "", "save it as UTF-8"},
		{"UTF-32 of Windows", "\xff\xfe\x00\x00a\x00\x00\x00", "", "in UTF-32; save it as UTF-8"},
		{"UTF-32 of others", "\x00\x00\xfe\xff\x00\x00\x00a", "", "in UTF-32"},
		{"UTF-32 without a mark", "a\x00\x00\x00b\x00\x00\x00", "", "in UTF-32"},
		{"UTF-32 of others without a mark", "\x00\x00\x00a\x00\x00\x00b", "", "in UTF-32"},
		{"half a character", "\xff\xfea", "", "half a character"},
		{"half of a pair", "\xff\xfea\x00\x3c\xd8", "", "half of a surrogate pair"},
		{"half of a pair inside", "\xff\xfe\x3c\xd8a\x00", "", "half of a surrogate pair"},
		{"Windows-1252", "a\nb\n\xe9t\xe9\n", "", "line 3 is not UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := plaintext.Decode([]byte(test.data))
			if string(got) != test.want || (err != nil) != (test.wrong != "") || err != nil &&
				!strings.Contains(err.Error(), test.wrong) {
				t.Errorf("got %q, %v; want %q, %q", got, err, test.want, test.wrong)
			}
		})
	}
}

func TestSecret(t *testing.T) {
	for _, test := range []struct{ name, text, want, wrong string }{
		{"plain", "s3cret", "s3cret", ""},
		{"a space inside", "Bearer x", "Bearer x", ""},
		{"quotes inside", `a"b"`, `a"b"`, ""},
		{"line end of Windows", "s3cret\r\n", "s3cret", ""},
		{"white space around", " \ts3cret\u00a0 \n\n", "s3cret", ""},
		{"marks around", "\ufeff\u200bs3cret\u200e", "s3cret", ""},
		{"two lines", "s3cret\nother\n", "", "several lines"},
		{"double quotes", "\"s3cret\"\n", "", "in quotes"},
		{"single quotes", "'s3cret'", "", "in quotes"},
		{"a mark inside", "s3\u200bcret", "", "character 3 cannot be seen"},
		{"a tab inside", "s3\tcret", "", "character 3 cannot be seen"},
		{"nothing", " \n", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := plaintext.Secret(test.text)
			if got != test.want || (err != nil) != (test.wrong != "") || err != nil &&
				!strings.Contains(err.Error(), test.wrong) {
				t.Errorf("got %q, %v; want %q, %q", got, err, test.want, test.wrong)
			}
			if err != nil && strings.Contains(err.Error(), "s3") {
				t.Errorf("the error shows it: %v", err)
			}
		})
	}
}

// TestHead: of a file that never ends, the beginning.
func TestHead(t *testing.T) {
	got, err := plaintext.Head("/dev/zero", 10)
	if err != nil || len(got) != 11 {
		t.Errorf("%d bytes, %v; want 11", len(got), err)
	}
	if _, err := plaintext.Head(filepath.Join(t.TempDir(), "none"), 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
