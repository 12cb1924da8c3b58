package config

import (
	"testing"

	"relais/reason"
)

func TestSuggest(t *testing.T) {
	valid := []string{"listen", "data", "sandbox_listen"}
	for _, tc := range []struct{ name, word, want string }{
		{"near", "lisen", `did you mean "listen"?`},
		{"far", "colour", "valid here: listen, data, sandbox_listen"},
		{"long words may differ more", "sandbox_lsiten", `did you mean "sandbox_listen"?`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := suggest(tc.word, valid).In(reason.English); got != tc.want {
				t.Errorf("suggest(%q) = %s, want %s", tc.word, got, tc.want)
			}
		})
	}
	if got := suggest("x", nil).In(reason.English); got != "nothing may stand here" {
		t.Errorf("suggest without words = %s", got)
	}
}
