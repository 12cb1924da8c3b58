package reason

import "testing"

func TestTypeset(t *testing.T) {
	for _, test := range []struct {
		name     string
		language Language
		in, want string
	}{
		{"a colon", "fr", `"a : b"`, "\"a\u00a0: b\""},
		{"at the end", "fr", `"pourquoi ?"`, "\"pourquoi\u00a0?\""},
		{"before a line end", "fr", `"a :\nb"`, "\"a\u00a0:\\nb\""},
		{"quotes", "fr", `"« ceci » ; cela"`, "\"«\u00a0ceci\u00a0»\u00a0; cela\""},
		{"an argument", "fr", `"{{.file}} : {{.why}}"`, "\"{{.file}}\u00a0: {{.why}}\""},
		{"a query", "fr", `"sous la forme ?nom=valeur"`, `"sous la forme ?nom=valeur"`},
		{"JSON", "fr", `'{"to": "06"}'`, `'{"to": "06"}'`},
		{"another language", "en", `"a : b"`, `"a : b"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := string(typeset(test.language, []byte(test.in))); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	if got := Of("sender/of_connector", nil).In("fr"); got != "Aucun expéditeur demandé\u00a0: celui du connecteur." {
		t.Errorf("%q", got)
	}
}
