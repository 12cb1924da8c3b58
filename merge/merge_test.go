package merge

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextIsFilled(t *testing.T) {
	for _, c := range []struct {
		text   string
		values map[string]string
		want   string
	}{
		{"Bonjour ((prénom)).", map[string]string{"Prenom": "Zoé"}, "Bonjour Zoé."},
		{"((Date du RDV)) à ((heure))", map[string]string{"date_du_rdv": "3/12", "HEURE": "9 h"}, "3/12 à 9 h"},
		{"((prénom|Madame, Monsieur)),", nil, "Madame, Monsieur,"},
		{"((prénom|Madame, Monsieur)),", map[string]string{"prénom": " "}, "Madame, Monsieur,"},
		{"12((étage|)) rue", nil, "12 rue"},
		{"A((urgent?? Appelez le 01.))", map[string]string{"urgent": "OUI"}, "A Appelez le 01."},
		{"A((urgent?? Appelez.))", map[string]string{"urgent": "non"}, "A"},
		{"A((urgent?? Appelez.))", map[string]string{"urgent": "VRAI"}, "A Appelez."},
		{`deux \((parenthèses)) ((n))`, map[string]string{"n": "1"}, "deux ((parenthèses)) 1"},
		{"(((n)))", map[string]string{"n": "1"}, "(1)"},
		{"((n|tel (mairie)))", nil, "tel (mairie)"},
		{"((Montant (€)))", map[string]string{"montant (€)": "3,50"}, "3,50"},
		{"((x??a|b)) ((y|c??d))", map[string]string{"x": "1"}, "a|b c??d"},
		{"((n))", map[string]string{"n": "((autre)) {{x}}"}, "((autre)) {{x}}"},
		{"a :-)) b (c)", nil, "a :-)) b (c)"},
		{`C:\temp \ (`, nil, `C:\temp \ (`},
	} {
		text, err := Parse(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		values, unknown := text.Arrange(c.values)
		if got := text.Fill(values); got.Text != c.want || unknown != nil || got.Missing != nil {
			t.Errorf("%q: %+v, unknown %q; want %q", c.text, got, unknown, c.want)
		}
	}
}

func TestFaultsAreToldWithTheirPlace(t *testing.T) {
	for _, c := range []struct {
		text     string
		position int
		english  string
		french   string
	}{
		{"é ((nom", 3, `The field "nom" that begins at character 3 is not closed.`, "n'est pas fermé"},
		{"a ((nom) b", 3, "is not closed", "n'est pas fermé"},
		{"a ((nom\nb))", 3, "is not closed", "n'est pas fermé"},
		{"a (())", 3, "has no name", "n'a pas de nom"},
		{"((|x))", 1, "has no name", "n'a pas de nom"},
		{"((a??((b))))", 6, "begins inside another", "dans un autre"},
		{"((((a))))", 3, "begins inside another", "dans un autre"},
		{"((" + strings.Repeat("a", MaxName+1) + "))", 1, "100 characters", "100 caractères"},
	} {
		_, err := Parse(c.text)
		fault, ok := errors.AsType[*Error](err)
		if !ok || fault.Position != c.position || !strings.Contains(fault.Error(), c.english) ||
			!strings.Contains(fault.Reason.In("fr"), c.french) || fault.Reason.Code.Wire() != string(CodeSyntax) {
			t.Errorf("%q: %v (%+v)", c.text, err, fault)
		}
	}
	var many strings.Builder
	for i := range MaxFields + 1 {
		many.WriteString("((" + strings.Repeat("a", i+1) + "))")
	}
	if _, err := Parse(many.String()); err == nil {
		t.Error("too many fields are taken")
	}
}

func TestMissingAndDoubtfulValues(t *testing.T) {
	text, err := Parse("((nom)) ((nom)) ((âge)) ((x??y))")
	if err != nil {
		t.Fatal(err)
	}
	if got := text.Fill(nil); got.Text != "" || !slices.Equal(got.Missing, []string{"nom", "âge"}) {
		t.Errorf("%+v", got)
	}
	if got := text.Fill([]string{"a", "b", "peut-être"}); got.Text != "a a b " ||
		!slices.Equal(got.Doubtful, []string{"x"}) {
		t.Errorf("%+v", got)
	}
	want := []Field{{"nom", true, false}, {"âge", true, false}, {"x", false, true}}
	if !slices.Equal(text.Fields(), want) || text.Bare() != "   " {
		t.Errorf("%+v %q", text.Fields(), text.Bare())
	}
	if _, unknown := text.Arrange(map[string]string{"prenom": "", "Nom ": ""}); !slices.Equal(unknown, []string{"prenom"}) {
		t.Errorf("%q", unknown)
	}
}

func TestNearestName(t *testing.T) {
	names := []string{"Prénom", "Date du rendez-vous", "n"}
	for name, want := range map[string]string{
		"prenon": "Prénom", "date rendez-vous": "Date du rendez-vous", "montant": "", "x": "",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestFieldsOfOtherProgramsAreRewritten(t *testing.T) {
	got := Rewrite("{{Prénom}} {nom} #Date RDV# {autre} #1 et #2 ((nom))", []string{"prenom", "NOM", "date_rdv"})
	if want := "((Prénom)) ((nom)) ((Date RDV)) {autre} #1 et #2 ((nom))"; got != want {
		t.Errorf("%q", got)
	}
}

// FuzzParse holds that no text panics, that a fault has a place in the text, and that what
// is filled has every value as it is and nothing of the language.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"Bonjour ((prénom))", "((a|b))((a??c))", `\((x)) (((n)))`, "((a", "((((", "((é (x)))", "))((", "((a\x00))",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		text, err := Parse(written)
		if err != nil {
			fault, ok := errors.AsType[*Error](err)
			if !ok || fault.Position < 1 || fault.Position > utf8.RuneCountInString(written)+1 {
				t.Fatalf("%v", err)
			}
			return
		}
		const mark = "\x01"
		values := make([]string, len(text.Fields()))
		for i := range values {
			values[i] = mark
		}
		filled := text.Fill(values)
		if filled.Missing != nil {
			t.Fatalf("missing %q", filled.Missing)
		}
		if !strings.Contains(written, "((") && filled.Text != written {
			t.Fatalf("%q became %q", written, filled.Text)
		}
		if len(filled.Text) > len(written)*2 {
			t.Fatalf("%q became %q", written, filled.Text)
		}
		for _, field := range text.Fields() {
			if Fold(field.Name) == "" {
				t.Fatalf("a field without a name in %q", written)
			}
		}
	})
}
