package config

import "testing"

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		name, a, b string
		want       int
	}{
		{"same", "listen", "listen", 0},
		{"missing letter", "lisen", "listen", 1},
		{"swapped letters", "levle", "level", 2},
		{"nothing in common", "abc", "xyz", 3},
		{"from nothing", "", "abc", 3},
		{"to nothing", "abc", "", 3},
		{"the classic", "kitten", "sitting", 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := distance(tc.a, tc.b); got != tc.want {
				t.Errorf("distance(%q, %q) = %d, want %d", tc.a, tc.b, got, tc.want)
			}
		})
	}
}

func TestSuggest(t *testing.T) {
	valid := []string{"listen", "data", "sandbox_listen"}
	for _, tc := range []struct{ name, word, want string }{
		{"near", "lisen", `did you mean "listen"?`},
		{"far", "colour", "valid here: listen, data, sandbox_listen"},
		{"long words may differ more", "sandbox_lsiten", `did you mean "sandbox_listen"?`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := suggest(tc.word, valid); got != tc.want {
				t.Errorf("suggest(%q) = %s, want %s", tc.word, got, tc.want)
			}
		})
	}
	if got := suggest("x", nil); got != "nothing may stand here" {
		t.Errorf("suggest without words = %s", got)
	}
}
