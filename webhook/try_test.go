package webhook

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestExcerpt(t *testing.T) {
	for _, tc := range []struct{ name, answer, want string }{
		{"short", "ok", "ok"},
		{"hostile", "<script>alert(1)</script>\u202e", "<script>alert(1)</script>\u202e"},
		{"number", `{"to": "+33639980001", "at": 1764403200}`, `{"to": "+•••", "at": •••}`},
		{"number in groups", "06 39 98 00 01, (06) 39.98.00.01", "•••, (•••"},
		{"small numbers stay", "error 12345, line 42", "error 12345, line 42"},
		{"no text", "a\xff\x00b", "a\uFFFD\uFFFDb"},
		{"long", strings.Repeat("é", 400), strings.Repeat("é", 250) + "…"},
		{"number at the cut", strings.Repeat("x", 494) + "+33639980001", strings.Repeat("x", 494) + "…"},
		{"begin of a number at the cut", strings.Repeat("x", 633) + "+33639980001", strings.Repeat("x", 500) + "…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := excerpt([]byte(tc.answer)); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestTriesAreBoundedAndReadAgain(t *testing.T) {
	at := time.UnixMicro(1_764_403_200_000_001).UTC()
	d := Delivery{}
	for i := range 2 * maxEarlier {
		d.Earlier = d.tries()
		d.Last = Try{At: at.Add(time.Duration(i) * time.Hour), Took: 3 * time.Millisecond, Status: i, Error: "e", Answer: "<a>"}
	}
	if len(d.Earlier) != maxEarlier || d.Tries()[0].Status != 2*maxEarlier-1 {
		t.Fatalf("%d earlier attempts", len(d.Earlier))
	}
	text, err := JoinTries(d.Earlier)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseTries(text)
	if diff := cmp.Diff(d.Earlier, again); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
