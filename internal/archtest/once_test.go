package archtest

import (
	"go/ast"
	"go/token"
	"maps"
	"strings"
	"testing"
)

// readers are the files that read a number, each with the reason. Country and family of a
// recipient stand on its message, so that nobody has to read it again.
var readers = map[string]string{
	"gateway/normalize.go":          "recipients of a submission; the kind of one, for people",
	"lane/reassign.go":              "the kind of a number that a person gives to another operator",
	"inbox/import.go":               "numbers of a list",
	"inbox/handset.go":              "numbers as operators write them",
	"inbox/renew.go":                "what stands on a list may be of before a renumbering",
	"campaign/engine/order.go":      "who gets no message of a campaign is known by the number all the same",
	"contact/directory.go":          "the number of a contact, of which there is no message",
	"campaign/export/phone.go":      "a national form is one only where it is read as the same number",
	"api/number.go":                 "numbers of a URL",
	"console/messages.go":           "numbers that a person looks for",
	"console/optouts.go":            "a number that a person writes down or looks for",
	"console/people.go":             "a number that a person looks for",
	"door/notify/send.go":           "a key bounds who is written to before there is a submission",
	"door/ovh/outgoing.go":          "numbers of a query",
	"door/passerelle/recipients.go": "an instance refuses families before there is a submission",
	"door/shadow/compare.go":        "an old gateway writes numbers in its own way",
}

func TestNumbersAreReadOnce(t *testing.T) {
	found, unused := packages(t), maps.Clone(readers)
	for _, pkg := range sorted(found) {
		if pkg == "number" {
			continue
		}
		for _, file := range found[pkg] {
			if file.test() {
				continue
			}
			places := readings(file)
			if len(places) > 0 {
				delete(unused, file.name)
			}
			for _, place := range places {
				if readers[file.name] == "" {
					t.Errorf("%s reads a number: ask number.PlaceOf of its message, or say here why", file.at(place))
				}
			}
		}
	}
	for name := range unused {
		t.Errorf("%s reads no number any more", name)
	}
}

// readings finds calls of number.Parse, of number.Stored, and of Parse of a policy.
func readings(file source) (places []token.Pos) {
	imported := map[string]bool{}
	for _, p := range file.imports() {
		imported[p[strings.LastIndex(p, "/")+1:]] = true
	}
	ast.Inspect(file.syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, plain := selector.X.(*ast.Ident)
		ofNumber := plain && x.Name == "number"
		ofPolicy := !plain || !imported[x.Name]
		if ofNumber && selector.Sel.Name == "Stored" ||
			selector.Sel.Name == "Parse" && len(call.Args) == 2 && (ofNumber || ofPolicy) {
			places = append(places, call.Pos())
		}
		return true
	})
	return places
}

func TestReadingsFindsWhatItShould(t *testing.T) {
	for _, tc := range []struct {
		body string
		want int
	}{
		{`number.Parse(raw, "FR")`, 1},
		{`number.Every.Parse(raw, "")`, 1},
		{`account.Numbers.Parse(raw, region)`, 1},
		{`policy.Parse(raw, region)`, 1},
		{`number.Stored(n)`, 1},
		{`number.PlaceOf(m)`, 0},
		{`time.Parse(time.RFC3339, raw)`, 0},
	} {
		const begin = "package lane\nimport \"time\"\nimport \"relais/number\"\nfunc f() { "
		file := fromText(t, "lane/a.go", begin+tc.body+" }\n")
		if got := readings(file); len(got) != tc.want {
			t.Errorf("%s: found %d, want %d", tc.body, len(got), tc.want)
		}
	}
}
