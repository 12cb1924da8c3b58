package terminal

import (
	"testing"

	"relais/reason"
)

func TestLanguageOf(t *testing.T) {
	for _, tc := range []struct {
		name string
		env  map[string]string
		want reason.Language
	}{
		{"nothing set", nil, reason.English},
		{"French", map[string]string{"LANG": "fr_FR.UTF-8"}, "fr"},
		{"French of Réunion", map[string]string{"LC_MESSAGES": "fr_RE"}, "fr"},
		{"only the language", map[string]string{"LC_ALL": "fr"}, "fr"},
		{"English", map[string]string{"LANG": "en_GB.UTF-8"}, reason.English},
		{"another language", map[string]string{"LANG": "de_DE"}, reason.English},
		{"messages win over LANG", map[string]string{"LANG": "fr_FR", "LC_MESSAGES": "C"}, reason.English},
		{"all wins", map[string]string{"LANG": "C", "LC_MESSAGES": "C", "LC_ALL": "fr_FR"}, "fr"},
		{"set to nothing is unset", map[string]string{"LC_ALL": "", "LANG": "fr_FR"}, "fr"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			env := func(name string) (string, bool) { value, ok := tc.env[name]; return value, ok }
			if got := LanguageOf(env); got != tc.want {
				t.Errorf("languageOf = %q, want %q", got, tc.want)
			}
		})
	}
}
