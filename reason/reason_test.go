package reason

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// shelfOf makes catalogues of their own.
func shelfOf(t *testing.T, files map[string]string) *shelf {
	t.Helper()
	all := fstest.MapFS{}
	for name, content := range files {
		all["catalog/"+name] = &fstest.MapFile{Data: []byte(content)}
	}
	s, err := read(all)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var of = map[string]string{
	"en.toml": `
"words/decimal_mark" = "."
"words/money" = "{{.amount}} {{.currency}}"
"words/separator" = ", "
"words/list" = "{{.most}} and {{.last}}"
"left" = { one = "{{.count}} message is left.", other = "{{.count}} messages are left." }
"spent" = "{{.what}} were spent."
"spent/here" = "{{upper .what}}."
"words/messages" = { one = "{{.count}} message", other = "{{.count}} messages" }
`,
	"fr.toml": `
"words/decimal_mark" = ","
"words/list" = "{{.most}} et {{.last}}"
"left" = { one = "Il reste {{.count}} message.", other = "Il reste {{.count}} messages." }
"words/messages" = { one = "{{.count}} message", other = "{{.count}} messages" }
`,
	"es.toml": `"left" = { one = "Queda {{.count}} mensaje.", other = "Quedan {{.count}} mensajes." }`,
}

func TestWords(t *testing.T) {
	list := List{
		Of("words/messages", Args{"count": Count(0)}), Of("words/messages", Args{"count": Count(1)}), Money{"0.047", "EUR"},
	}
	tests := []struct {
		name   string
		reason Reason
		in     Language
		want   string
	}{
		{"nothing", Reason{}, "en", ""},
		{"one", Of("left", Args{"count": Count(1)}), "en", "1 message is left."},
		{"none, in English several", Of("left", Args{"count": Count(0)}), "en", "0 messages are left."},
		{"none, in French one", Of("left", Args{"count": Count(0)}), "fr", "Il reste 0 message."},
		{"a million, for which French has a form of its own", Of("left", Args{"count": Count(1_000_000)}), "fr", "Il reste 1000000 messages."},
		{"a third language", Of("left", Args{"count": Count(2)}), "es", "Quedan 2 mensajes."},
		{"what it lacks is English", Of("spent", Args{"what": Name("x")}), "es", "x were spent."},
		{"a language that there is not", Of("left", Args{"count": Count(2)}), "de", "2 messages are left."},
		{"a list", Of("spent", Args{"what": list}), "en", "0 messages, 1 message and 0.047 EUR were spent."},
		{"French marks inside, where the sentence is English", Of("spent", Args{"what": list}), "fr", "0 message, 1 message et 0,047 EUR were spent."},
		{"a capital", Of("spent/here", Args{"what": Name("été")}), "en", "Été."},
		{"more behind", Of("left", Args{"count": Count(1)}).With(Reason{}, Of("spent", Args{"what": Name("y")})), "en", "1 message is left. y were spent."},
		{"behind nothing", Reason{}.With(Of("spent", Args{"what": Name("y")})), "en", "y were spent."},
		{"under another code", Of("left", Args{"count": Count(1)}).As("whole"), "en", "1 message is left."},
		{"no sentence", Of("nowhere", nil), "fr", "nowhere"},
		{"written before", Written("old", "Was so.", "C'était ainsi."), "fr", "C'était ainsi."},
		{"written in English alone", Written("old", "Was so.", ""), "fr", "Was so."},
		{"a duration", Of("spent", Args{"what": Duration(48 * time.Hour)}), "en", "48h were spent."},
	}
	shelf := shelfOf(t, of)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.reason.in(voice{shelf, test.in}); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestDatesAsLanguagesWriteThem(t *testing.T) {
	moment := Moment{At: time.Date(2026, 3, 1, 7, 5, 0, 0, time.UTC), Zone: "Europe/Paris", Place: Verbatim("Paris")}
	for _, test := range []struct {
		in   Language
		arg  Arg
		want string
	}{
		{"en", moment, "Sunday 1 March 2026, 08:05 (Paris time)"},
		{"fr", moment, "dimanche 1er mars 2026 à 8 h 05 (heure de Paris)"},
		{"fr", Day("2026-12-31"), "31 décembre 2026"},
		{"en", Day("never"), "never"},
	} {
		if got := test.arg.in(voice{shipped(), test.in}); got != test.want {
			t.Errorf("%s: %q, want %q", test.in, got, test.want)
		}
	}
}

func TestStoredReasons(t *testing.T) {
	all := Of("a/b", Args{
		"name": Name("ovh"), "count": Count(3), "price": Money{"0.05", "EUR"}, "day": Day("2026-01-02"), "for": Duration(time.Hour),
		"at":   Moment{At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Zone: "Europe/Paris", Place: Of("words/paris", nil)},
		"both": List{Name("x"), Count(0)}, "all": Series{Name("y")}, "why": Of("left", Args{"count": Count(1)}),
	}).With(Verbatim("words of others"), Written("old", "was", "était"))
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	var got Reason
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, got); diff != "" {
		t.Errorf("stored as %s\n%s", data, diff)
	}
}

func TestDecisionsOfBeforeAreReadAsTheyAre(t *testing.T) {
	var got []Reason
	old := `[{"code":"class","detail":"Class otp.","fr":"Classe otp."},{"code":"route","detail":"The first one."}]`
	if err := json.Unmarshal([]byte(old), &got); err != nil {
		t.Fatal(err)
	}
	want := []Reason{Written("class", "Class otp.", "Classe otp."), Written("route", "The first one.", "")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestMatch(t *testing.T) {
	for accept, want := range map[string]Language{
		"": "en", "fr": "fr", "fr-CA,en;q=0.5": "fr", "de,fr;q=0.3": "fr", "ja": "en", ";;;": "en", "en-GB": "en",
	} {
		if got := Match(accept); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
	for locale, want := range map[string]Language{"fr_FR.UTF-8": "fr", "C": "en", "POSIX": "en", "fr": "fr", "fr_BE@euro": "fr", "": "en"} {
		if got := FromLocale(locale); got != want {
			t.Errorf("%q: %q, want %q", locale, got, want)
		}
	}
}

func TestErrorsSpeakLanguages(t *testing.T) {
	lost := NewError("words/its_operator", nil)
	denied := &fs.PathError{Op: "open", Path: "x.toml", Err: syscall.EACCES}
	tests := []struct {
		name            string
		err             error
		english, french string
	}{
		{"a sentence", lost, "its operator", "son opérateur"},
		{"at a place", At("policy.town", At("town.toml", lost)), "policy.town: town.toml: its operator", "policy.town\u00a0: town.toml\u00a0: son opérateur"},
		{"with what is behind it", Wrap(lost, "words/start_database", nil), "database: its operator", "base de données\u00a0: son opérateur"},
		{"inside other words", fmt.Errorf("first: %w, then", lost), "first: its operator, then", "first: son opérateur, then"},
		{"of the system", denied, "open x.toml: permission denied", "open x.toml: accès refusé"},
		{"of the system, behind a sentence", Wrap(syscall.ENOENT, "words/start_database", nil), "database: no such file or directory", "base de données\u00a0: ce fichier n'existe pas"},
		{"joined", errors.Join(lost, nil, errors.New("other words")), "its operator\nother words", "son opérateur\nother words"},
		{"joined by words", fmt.Errorf("%w and %w", lost, denied), "its operator and open x.toml: permission denied", "son opérateur and open x.toml: permission denied"},
		{"unknown", errors.New("other words"), "other words", "other words"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			said := OfError(test.err)
			if got := said.In(English); got != test.english || got != test.err.Error() {
				t.Errorf("%q, want %q, and Error is %q", got, test.english, test.err)
			}
			if got := said.In("fr"); got != test.french {
				t.Errorf("in French %q, want %q", got, test.french)
			}
		})
	}
	if err := Wrap(At("x", lost), "words/start_database", nil); !errors.Is(err, lost) {
		t.Error("what is behind an error is not found")
	}
}

func TestClause(t *testing.T) {
	for sentence, want := range map[string]string{"The end.": "the end", "Été": "été", "": "", "Two. Sentences.": "two. Sentences"} {
		if got := Clause(sentence); got != want {
			t.Errorf("%q: %q, want %q", sentence, got, want)
		}
	}
}

func TestDecimal(t *testing.T) {
	for number, want := range map[float64][2]string{
		0: {"0", "0"}, 2026: {"2026", "2026"}, 12031: {"12,031", "12\u202f031"}, 1e7: {"10,000,000", "10\u202f000\u202f000"},
		12345.6: {"12,345.6", "12\u202f345,6"}, 0.047: {"0.05", "0,05"},
		-100000: {"-100,000", "-100\u202f000"}, -5: {"-5", "-5"},
	} {
		said := Of("words/either", Args{"one": Decimal(number), "other": Name("x")})
		if got := said.In(English); got != want[0]+" or x" {
			t.Errorf("%v in English: %q, want %q", number, got, want[0])
		}
		if got := said.In("fr"); got != want[1]+" ou x" {
			t.Errorf("%v in French: %q, want %q", number, got, want[1])
		}
	}
}
