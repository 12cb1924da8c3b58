package passerelle_test

import (
	"net/http"
	"strings"
	"testing"

	"relais/door/passerelle"
)

// numberTable is the whole table of what is known of numbers (3.4 of it): what a
// caller writes, what it becomes in metropolitan France, and how it is refused.
var numberTable = []struct {
	name, region string
	in           []string
	out          string // empty: refused
	warn         string // key under which it is refused
	told         string // code of a warning about one that is taken
}{
	{"metropolitan mobile", "FR", []string{"0612345678", "06 12 34 56 78", "+33 (0)6 12 34 56 78", "0033612345678"}, "+33612345678", "", ""},
	{"the same with the signs that people put", "FR", []string{"06.12.34.56.78", "06-12-34-56-78", "06/12/34/56/78", "06 12 34 56 78", "(06) 12345678", "tel:+33612345678", "\t0612345678 "}, "+33612345678", "", ""},
	{"metropolitan mobile in 07", "FR", []string{"0755123456"}, "+33755123456", "", ""},
	{"0695 is metropolitan", "FR", []string{"0695123456"}, "+33695123456", "", ""},
	{"Réunion", "FR", []string{"0692123456"}, "+262692123456", "", ""},
	{"Réunion, 0693", "FR", []string{"0693201234"}, "+262693201234", "", ""},
	{"Mayotte", "FR", []string{"0639012345"}, "+262639012345", "", ""},
	{"Guadeloupe", "FR", []string{"0690001234"}, "+590690001234", "", ""},
	{"Guadeloupe, 0691", "FR", []string{"0691221234"}, "+590691221234", "", ""},
	{"Guiana", "FR", []string{"0694201234"}, "+594694201234", "", ""},
	{"Guiana, fixed", "FR", []string{"0594101234"}, "+594594101234", "", "number_fixed_line"},
	{"Martinique", "FR", []string{"0696201234"}, "+596696201234", "", ""},
	{"Martinique, 0697", "FR", []string{"0697271234"}, "+596697271234", "", ""},
	{"repaired", "FR", []string{"+33692123456"}, "+262692123456", "", "number_repaired"},
	{"Saint-Pierre-et-Miquelon", "FR", []string{"+508551234"}, "+508551234", "", ""},
	{"New Caledonia", "FR", []string{"+687751234"}, "+687751234", "", ""},
	{"Polynesia", "FR", []string{"+68987123456"}, "+68987123456", "", ""},
	{"Wallis and Futuna", "FR", []string{"+681821234"}, "+681821234", "", ""},
	{"Belgium", "FR", []string{"+32470123456"}, "+32470123456", "", ""},
	{"Comoros, not Mayotte", "FR", []string{"+2693212345"}, "+2693212345", "", ""},
	{"fiction", "FR", []string{"0639980123"}, "+33639980123", "", ""},
	{"premium", "FR", []string{"0891123456"}, "", "deny premium rate phone numbers", ""},
	{"fixed", "FR", []string{"0123456789"}, "", "unsupported phone numbers", ""},
	{"rubbish", "FR", []string{"000", "1234", "", "33612345678", "612345678"}, "", "unsupported phone numbers", ""},
	{"Réunion, from there", "RE", []string{"0692123456"}, "+262692123456", "", ""},
	{"metropolitan, from Réunion", "RE", []string{"0612345678"}, "+33612345678", "", ""},
}

// TestNumbersOfTheTable goes through the door: the table holds for a caller, not
// for a function.
func TestNumbersOfTheTable(t *testing.T) { numbersOfTheTable(t) }

func numbersOfTheTable(t *testing.T) {
	t.Helper()
	const companion = "+44 7700 900123" // shows that a refusal stops nobody else
	for _, tc := range numberTable {
		t.Run(tc.name, func(t *testing.T) {
			there := square()
			there.Region = tc.region
			s := open(t, there)
			for _, in := range tc.in {
				got := s.post("/passerelle/square/send", order("Bonjour", "MAIRIE", in, companion))
				if got.StatusCode != http.StatusOK {
					t.Fatalf("%q: %d %s", in, got.StatusCode, got.raw)
				}
				numbers := got.numbers()
				switch {
				case tc.out == "" && (len(numbers) != 1 || got.Warn[tc.warn] != in || len(got.Warn) != 1):
					t.Errorf("%q: messages to %q, warn %q; want it refused under %q",
						in, numbers, got.Warn, tc.warn)
				case tc.out != "" && (len(numbers) != 2 || numbers[0] != tc.out || len(got.Warn) != 0):
					t.Errorf("%q: messages to %q, warn %q; want %s", in, numbers, got.Warn, tc.out)
				}
				if told := strings.Contains(got.raw, `"code":"`+tc.told+`"`); tc.told != "" && !told {
					t.Errorf("%q: no warning %s in %s", in, tc.told, got.raw)
				}
			}
		})
	}
}

func TestFamilies(t *testing.T) {
	const (
		metro, reunion, guadeloupe, miquelon, caledonia = "0612345678", "0692123456", "+590690001234", "+508551234", "+687751234"
		belgium, belgianFixed, comoros, premium, fixed  = "+32470123456", "+3222123456", "+2693212345",
			"0891123456", "+594594101234"
	)
	everything := []string{
		metro, reunion, guadeloupe, miquelon, caledonia, belgium, belgianFixed, comoros, premium, fixed, "12",
	}
	const foreign, premiums, unsupported = "deny foreign phone numbers", "deny premium rate phone numbers",
		"unsupported phone numbers"
	for _, tc := range []struct {
		name     string
		families []string
		special  bool
		want     int
		denied   []string // foreign
	}{
		{"metropolitan", []string{"fr-metro"}, false, 1, []string{reunion, guadeloupe, miquelon, caledonia, belgium, belgianFixed, comoros, fixed}},
		{"overseas", []string{"fr-domtom"}, false, 4, []string{metro, belgium, belgianFixed, comoros, fixed}},
		{"Belgium", []string{"be"}, false, 1, []string{metro, reunion, guadeloupe, miquelon, caledonia, belgianFixed, comoros, fixed}},
		{"two", []string{"fr-metro", "be"}, false, 2, []string{reunion, guadeloupe, miquelon, caledonia, belgianFixed, comoros, fixed}},
		{"all", []string{"all"}, false, 9, nil},
		{"all and premium", []string{"all"}, true, 10, nil},
		{"metropolitan and premium", []string{"fr-metro"}, true, 1, []string{reunion, guadeloupe, miquelon, caledonia, belgium, belgianFixed, comoros, premium, fixed}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i := square()
			i.Families, i.Special = tc.families, tc.special
			s := open(t, i)
			got := s.post("/passerelle/square/send", order("Bonjour", "MAIRIE", everything...))
			if len(got.numbers()) != tc.want || got.Warn[foreign] != strings.Join(tc.denied, ", ") ||
				got.Warn[unsupported] != "12" {
				t.Errorf("%d messages, warn %q; want %d, foreign %q",
					len(got.numbers()), got.Warn, tc.want, tc.denied)
			}
			if denied := got.Warn[premiums] == premium; denied == tc.special {
				t.Errorf("premium: warn %q", got.Warn)
			}
		})
	}
}

// TestFamiliesAreOfTheInstance: the right of one is not that of another.
func TestFamiliesAreOfTheInstance(t *testing.T) {
	here := square()
	here.Families = []string{"fr-metro"}
	s := open(t, here, passerelle.Instance{
		Name: "town", Account: "default", Families: []string{"all"}, Callers: here.Callers,
	})
	for path, want := range map[string]int{
		"/passerelle/square/send": http.StatusBadRequest, "/passerelle/town/send": http.StatusOK,
	} {
		if got := s.post(path, order("Bonjour", "MAIRIE", "0692123456")); got.StatusCode != want {
			t.Errorf("%s: %d %s, want %d", path, got.StatusCode, got.raw, want)
		}
	}
}
