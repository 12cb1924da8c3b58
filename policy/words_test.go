package policy_test

import (
	"strings"
	"testing"

	"relais/policy"
)

func TestWords(t *testing.T) {
	w := &policy.Words{
		Generic: []string{"Info"}, Reserved: []string{"ameli"}, Forbidden: []string{"impots.gouv"},
	}
	for _, tc := range []struct {
		name, word string
		want       policy.Wrong
	}{
		{"MAIRIE", "", policy.NoWrong},
		{"INFO", "Info", policy.WrongGeneric},
		{"I.n-f o", "Info", policy.WrongGeneric},
		{"InfoMairie", "", policy.NoWrong},
		{"A-MELI", "ameli", policy.WrongReserved},
		{"Amelie", "", policy.NoWrong},
		{"IMPOTSGOUV", "impots.gouv", policy.WrongWord},
		{"1impotsgouv", "impots.gouv", policy.WrongWord},
		{"Impots", "", policy.NoWrong},
		{"...", "", policy.NoWrong},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, word := w.Find(tc.name); got != tc.want || word != tc.word {
				t.Errorf("got %d %q, want %d %q", got, word, tc.want, tc.word)
			}
		})
	}
}

// The words of the packs were compared with the names of all French communes and
// intercommunalities (the library @etalab/decoupage-administratif 6.0.0), bare, cut
// to eleven characters, and behind MAIRIE and VILLE DE. These names hold words that
// are reserved for that reason, or come near.
var honest = []string{
	"MAIRIE", "TownHall", "Ville", "VILLE PARIS", "AmelieLBain", "Camelin", "CAMELIAS", "Gouville",
	"GOUVIEUX", "Gouvernes", "Cantaing",
	"Mornantais", "CAFETERIA", "CA Flers", "La Salvetat", "Habitants", "PoliceMun", "POLICE MUN", "Amendeuix",
	"Amende-It", "InfoMairie",
	"Alerte Crue", "SMS Mairie", "BIBLIO", "CCAS", "CAF Paris", "Gouv-Lyon", "RELAIS",
	"36111", "+33639980001",
}

func TestWordsOfPacks(t *testing.T) {
	wrong := map[string]policy.Wrong{
		"INFO": policy.WrongGeneric, "Alerte": policy.WrongGeneric, "S-M-S": policy.WrongGeneric,
		"Notif.": policy.WrongGeneric,
		"Ameli":  policy.WrongReserved, "A.N.T.A.I": policy.WrongReserved, "CAF": policy.WrongReserved,
		"Police": policy.WrongReserved,
		"Impots": policy.WrongWord, "ImpotsGouv": policy.WrongWord, "amendes": policy.WrongWord,
		"Ameli.fr": policy.WrongWord, "MaGouv-fr": policy.WrongWord,
	}
	for _, pack := range policy.Names() {
		p, _ := policy.Builtin(pack)
		for _, name := range honest {
			if got, word := p.Words().Find(name); got != policy.NoWrong {
				t.Errorf("%s refuses %s for %s", pack, name, word)
			}
		}
		for name, want := range wrong {
			if pack == "ovh" { // its operator names no words
				want = policy.NoWrong
			}
			if got, word := p.Words().Find(name); got != want {
				t.Errorf("%s about %s: %d (%s), want %d", pack, name, got, word, want)
			}
		}
	}
	var none *policy.Pack
	if got, _ := none.Words().Find("Info"); got != policy.NoWrong {
		t.Error("no pack has words")
	}
}

func TestWordsOfAPackOfOnesOwn(t *testing.T) {
	text := strings.Replace(whole, "[sender]", "[sender]\ngeneric = [\"hello\"]\nforbidden = [\"acme\"]", 1)
	p, err := policy.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	derived, err := p.Derive("own", nil, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, pack := range []*policy.Pack{p, derived} {
		if got, _ := pack.Words().Find("Hello"); got != policy.WrongGeneric {
			t.Errorf("%s takes it", pack.Label())
		}
		if got, word := pack.Words().Find("MyAcme"); got != policy.WrongWord || word != "acme" {
			t.Errorf("%s takes it", pack.Label())
		}
	}
	if _, err := policy.Parse([]byte(strings.Replace(text, `"acme"`, `"- -"`, 1))); err == nil ||
		!strings.Contains(err.Error(), "sender: want words") {
		t.Errorf("a word without letters: %v", err)
	}
}
