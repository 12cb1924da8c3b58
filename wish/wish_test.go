package wish_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/wish"
)

type sentence struct {
	want                  wish.Intent
	country, sender, text string
}

func sentences(t testing.TB) (all []sentence) {
	t.Helper()
	file, err := os.Open("testdata/sentences.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.SplitN(line+" ", " |", 4)
		if len(fields) != 4 {
			t.Fatalf("%q has no four fields", line)
		}
		text := strings.NewReplacer(`\n`, "\n", `\u0302`,
			"\u0302").Replace(strings.TrimSuffix(strings.TrimPrefix(fields[3], " "), " "))
		all = append(all, sentence{
			wish.Intent(strings.TrimSpace(fields[0])), strings.TrimSpace(fields[1]),
			strings.TrimSpace(fields[2]), text,
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSentences(t *testing.T) {
	all := sentences(t)
	count := map[wish.Intent]int{}
	for _, s := range all {
		count[s.want]++
		got, word := wish.Reader{}.Of(s.text, s.country, s.sender)
		if got != s.want || (word == "") != (got == wish.Reply) {
			t.Errorf("Of(%q, %q, %q) = %s (%q), want %s", s.text, s.country, s.sender, got, word, s.want)
		}
	}
	t.Log(len(all), count)
	for _, intent := range []wish.Intent{wish.Stop, wish.Reply, wish.Unsure} {
		if count[intent] < 40 {
			t.Errorf("%d sentences of %s are too few to tell", count[intent], intent)
		}
	}
}

// What a person's telephone makes of a STOP does not change it.
func TestDressOfAStop(t *testing.T) {
	for _, dress := range []struct{ name, before, behind string }{
		{"space", " ", "  "},
		{"no-break spaces", "\u00a0", "\u202f!"},
		{"quotes", "« ", " »"},
		{"English quotes", "“", "”"},
		{"byte order mark", "\ufeff", ""},
		{"soft hyphen", "\u00ad", "\u00ad"},
		{"emoji", "🙏 ", " 😡😡"},
		{"brackets", "(", ")"},
		{"asterisks", "*", "*"},
		{"Windows lines", "\r\n", "\r\n\r\nEnvoyé de mon iPhone"},
		{"Samsung", "", "\n\nEnvoyé depuis mon téléphone Galaxy."},
		{"signature in capitals", "", "\nENVOYÉ DE MON IPHONE"},
		{"dashes", "", "\n-- \nJean"},
	} {
		for _, text := range []string{"STOP", "stop", "Arrêt", "ARRÊT", "désabonnement", "Stoppez"} {
			if got, _ := (wish.Reader{}).Of(dress.before+text+dress.behind, "FR", ""); got != wish.Stop {
				t.Errorf("%s: %q is %s", dress.name, dress.before+text+dress.behind, got)
			}
		}
	}
}

func TestOwnWords(t *testing.T) {
	r := wish.Reader{Own: []string{"Papillon", "plus jamais"}}
	for _, tc := range []struct {
		name, text string
		want       wish.Intent
	}{
		{"alone", "papillon", wish.Stop},
		{"with politeness", "Bonjour, PAPILLON svp", wish.Stop},
		{"two words", "Plus jamais !", wish.Stop},
		{"in a sentence", "Papillon vole au-dessus de la prairie", wish.Unsure},
		{"further on", "Un papillon", wish.Reply},
		{"of another", "Coccinelle", wish.Reply},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got, _ := r.Of(tc.text, "FR", ""); got != tc.want {
				t.Errorf("Of(%q) = %s, want %s", tc.text, got, tc.want)
			}
		})
	}
}

func TestWords(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"accents", "Arrêté à l'œuvre", []string{"ARRETE", "A", "L", "OEUVRE"}},
		{"decomposed", "arre\u0302t", []string{"ARRET"}},
		{"Polish", "Łódź rezygnuję", []string{"LODZ", "REZYGNUJE"}},
		{"German", "Straße", []string{"STRASSE"}},
		{"nothing", " \n!", nil},
		{"no UTF-8", "\xff\xfe", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, wish.Words(tc.text)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func FuzzOf(f *testing.F) {
	for _, s := range sentences(f) {
		f.Add(s.text, s.country, s.sender)
	}
	f.Add("\xff\xfe", "FR", "\xff")
	f.Fuzz(func(t *testing.T, text, country, sender string) {
		intent, word := wish.Reader{}.Of(text, country, sender)
		if (intent == wish.Reply) != (word == "") {
			t.Errorf("Of(%q) = %q, %q", text, intent, word)
		}
		if again, _ := (wish.Reader{}).Of(" "+text+" !", country, sender); again != intent {
			t.Errorf("Of(%q) changes with punctuation: %q, %q", text, intent, again)
		}
		if own, _ := (wish.Reader{Own: []string{text}}).Of(text, country, sender); intent == wish.Stop &&
			own != wish.Stop {
			t.Errorf("Of(%q) is %q where the account has it as its own word", text, own)
		}
	})
}
