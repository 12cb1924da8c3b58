package reason

import (
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"testing"
	"text/template/parse"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
)

// whole are the languages that have every sentence. Others may have some.
var whole = []string{"en", "fr"}

var argument = regexp.MustCompile(`\.(\w+)`)

// sentences are those of a file by code, each with its forms.
func sentences(t *testing.T, file string) map[string][]string {
	t.Helper()
	data, err := fs.ReadFile(catalogs, file)
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := toml.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for code, words := range raw {
		switch words := words.(type) {
		case string:
			all[code] = []string{words}
		case map[string]any:
			for _, form := range slices.Sorted(maps.Keys(words)) {
				all[code] = append(all[code], words[form].(string))
			}
			if words["other"] == nil {
				t.Errorf("%s: %s has no form other", file, code)
			}
		}
	}
	return all
}

// arguments are those that any form of a sentence names.
func arguments(t *testing.T, code string, forms []string) []string {
	t.Helper()
	names := map[string]bool{}
	for _, form := range forms {
		read, err := parser{}.Parse(form, "", "")
		if err != nil {
			t.Errorf("%s: %v", code, err)
			continue
		}
		for _, node := range read.(parsed).Root.Nodes {
			for _, m := range argument.FindAllStringSubmatch(node.String(), -1) {
				if node.Type() != parse.NodeText {
					names[m[1]] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func TestCataloguesSayTheSame(t *testing.T) {
	files, err := fs.Glob(catalogs, "catalog/*.toml")
	if err != nil {
		t.Fatal(err)
	}
	english := sentences(t, "catalog/en.toml")
	if len(english) < 20 {
		t.Fatalf("%d sentences in English", len(english))
	}
	for _, file := range files {
		language := path.Base(file[:len(file)-len(".toml")])
		own := sentences(t, file)
		for code, forms := range own {
			if code == "words/time" || code == "words/whole_hour" { // a language takes the hour with two digits, or without
				continue
			}
			if _, known := english[code]; !known {
				t.Errorf("%s has %s, which English lacks", file, code)
			}
			if diff := cmp.Diff(arguments(t, code, english[code]), arguments(t, code, forms)); diff != "" {
				t.Errorf("%s: arguments of %s (- English):\n%s", file, code, diff)
			}
		}
		for code := range english {
			if slices.Contains(whole, language) && own[code] == nil {
				t.Errorf("%s lacks %s", file, code)
			}
		}
	}
}
