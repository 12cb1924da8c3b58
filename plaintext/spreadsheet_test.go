package plaintext_test

import (
	"testing"

	"relais/plaintext"
)

func TestForSpreadsheet(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "Anne": "Anne", "=1+1": "'=1+1", "+33": "'+33", "-1": "'-1", "@sum": "'@sum", "\tx": "'\tx", "\rx": "'\rx", "a=1": "a=1",
	} {
		if got := plaintext.ForSpreadsheet(cell); got != want {
			t.Errorf("%q is written as %q, want %q", cell, got, want)
		}
	}
}
