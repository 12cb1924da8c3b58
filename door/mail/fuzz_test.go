package mail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRead: no mail makes the parser fail, and what it reads is a text without spaces at its ends, or a refusal in ASCII.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/shapes/*.eml")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for i, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, uint8(i))
	}
	f.Fuzz(func(t *testing.T, raw []byte, settings uint8) {
		w := wanted{Text: []string{textBody, textSubject, textBoth}[settings%3], Automatic: settings&4 != 0, CutAt: []string{"Sent from"}}
		l, err := read(raw, w)
		if err != nil {
			if said := plain(err); said == errInternal || said.Message != ascii(said.Message) || said.Code < 500 {
				t.Errorf("refused by %v", err)
			}
			return
		}
		if l.text == "" || !utf8.ValidString(l.text) || strings.TrimSpace(l.text) != l.text || strings.Contains(l.text, "\r") {
			t.Errorf("text %q", l.text)
		}
	})
}
