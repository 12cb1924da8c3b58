package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestMarksOfTwiceEncodedTexts: what the quick look says is what the letters say.
func TestMarksOfTwiceEncodedTexts(t *testing.T) {
	for _, text := range []string{
		"", "a", "é", "\xc3", "É", "château", "BÃ©nÃ©vole", "Â°", "Å“uvre", "é\xc3", "îïôœ", "ÀÇÊ", "xÃ", "Ãx",
		"€’«",
	} {
		if got, want := mayBeTwice([]byte(text)), strings.ContainsAny(text, marksTwice); got != want {
			t.Errorf("mayBeTwice(%q) = %v, want %v", text, got, want)
		}
		if got, want := foreign([]byte("0123456"+text)), len(text) > 0 && text != "a"; got != want {
			t.Errorf("foreign(%q) = %v, want %v", text, got, want)
		}
	}
}

// TestEndsOfLinesWhereverTheyStand moves ends of each kind over the pieces in which they are
// sought.
func TestEndsOfLinesWhereverTheyStand(t *testing.T) {
	for _, end := range []string{"\n", "\r", "\r\n"} {
		for length := range 600 {
			text := strings.Repeat("x", length)
			file := []byte(text + end + "second" + end + "third")
			l := newLines(bytes.NewReader(file), int64(len(file)), plainUTF8)
			var got []string
			for {
				one, err := l.next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, one.text)
			}
			if want := fmt.Sprint([]string{text, "second", "third"}); fmt.Sprint(got) != want {
				t.Fatalf("%d characters before %q: %q", length, end, got)
			}
		}
	}
}
