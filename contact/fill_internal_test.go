package contact

import (
	"strings"
	"testing"
)

func TestFileName(t *testing.T) {
	for name, want := range map[string]string{
		"liste.csv": "liste.csv", `C:\mairie\é.xlsx`: "é.xlsx", "a/b.csv": "b.csv", "": "", "/": "", "\xff.csv": "",
		"a\x1b[2J.csv": "", "a\nb.csv": "", "a\u0085.csv": "", strings.Repeat("é", MaxName+1): "",
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
