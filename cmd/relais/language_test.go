package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"relais/bench"
	"relais/cmd/relais/terminal"
	"relais/connector"
)

// catalogue has the arguments of each phrase of the command line, by its key.
func catalogue(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile("../../reason/catalog/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := toml.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	argument := regexp.MustCompile(`\{\{(?:upper )?\.(\w+)\}\}`)
	phrases := map[string][]string{}
	for code, words := range all {
		key, ours := strings.CutPrefix(code, "cli/")
		if !ours {
			continue
		}
		phrases[key] = []string{}
		for _, match := range argument.FindAllStringSubmatch(fmt.Sprint(words), -1) {
			phrases[key] = append(phrases[key], match[1])
		}
		slices.Sort(phrases[key])
		phrases[key] = slices.Compact(phrases[key])
	}
	if len(phrases) < 300 {
		t.Fatalf("%d phrases", len(phrases))
	}
	return phrases
}

// phrase is what a call of the sources says.
type phrase struct {
	key   string
	names []string
}

// TestPhrasesAreThoseThatAreSaid reads the sources: a phrase that no catalogue has, or
// that lacks an argument, would only show when somebody meets it, and one that nobody
// says is clutter. That both languages have each is a test of package reason.
func TestPhrasesAreThoseThatAreSaid(t *testing.T) {
	phrases, said := catalogue(t), saidPhrases(t)
	for _, p := range said {
		want, known := phrases[p.key]
		slices.Sort(p.names)
		switch {
		case !known:
			t.Errorf("there is no phrase %q", p.key)
		case p.names != nil && !slices.Equal(slices.Compact(p.names), want):
			t.Errorf("%s is said with %v, and the catalogue has %v", p.key, p.names, want)
		}
	}
	for _, level := range []connector.Level{connector.OK, connector.Warning, connector.Failure} {
		said = append(said, phrase{key: "level_" + string(level)}) // put together in printCheckups
	}
	for _, p := range parserWords {
		said = append(said, phrase{key: p.key})
	}
	for _, decision := range []string{"stop", "reply"} {
		said = append(said, phrase{key: "inbound_decided_" + decision}) // put together in inbound decide
	}
	for _, key := range []string{"opt_out_no", "opt_out_yes", "opt_out_provisional"} {
		said = append(said, phrase{key: key}) // chosen in stateOf
	}
	for _, key := range []string{
		"config_needs_reload", "config_needs_restart", "config_outside", // a table in config check
		"webhook_replayed", "webhook_replay_counted", // chosen in webhooks replay
		"head_skipped", "head_repaired", // tables in campaign check
		"campaign_watch", "campaign_warning", "campaign_question", "campaign_note", "campaign_longer", "campaign_characters",
	} {
		said = append(said, phrase{key: key})
	}
	for key := range phrases {
		if !strings.HasPrefix(key, "help/") &&
			!slices.ContainsFunc(said, func(p phrase) bool { return p.key == key }) {
			t.Errorf("nobody says %q", key)
		}
	}
}

// saidPhrases are those of the sources, with the names of their arguments where they
// are written there.
func saidPhrases(t *testing.T) (said []phrase) {
	t.Helper()
	noTests := func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }
	for _, dir := range []string{".", "local", "remote", "terminal"} {
		packages, err := parser.ParseDir(token.NewFileSet(), dir, noTests, 0) //nolint:staticcheck // build tags do not matter here
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packages {
			said = append(said, phrasesIn(t, p)...)
		}
	}
	return said
}

func phrasesIn(t *testing.T, in ast.Node) (said []phrase) {
	t.Helper()
	ast.Inspect(in, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains(
			[]string{"Text", "Say", "Misuse", "Failed", "Progress", "title"}, method.Sel.Name,
		) {
			return true
		}
		given, names := call.Args, []string{}
		if method.Sel.Name == "Failed" { // the cause comes first
			given, names = given[1:], []string{"error"}
		}
		if len(given) == 0 {
			return true
		}
		key, ok := literal(given[0])
		if !ok {
			return true
		}
		one := phrase{key: key}
		if method.Sel.Name != "Progress" {
			one.names = names
			for i := 1; i < len(given); i += 2 {
				name, ok := literal(given[i])
				if !ok {
					t.Errorf("%s has an argument whose name is no word", key)
				}
				one.names = append(one.names, name)
			}
		}
		said = append(said, one)
		return true
	})
	return said
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func TestLanguageIsAskedFor(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	for _, tc := range []struct {
		args string
		want string
	}{
		{"sned --lang fr", "relais: argument inattendu\u00a0: sned\u00a0; vouliez-vous dire \"send\"\u00a0?"},
		{"--lang=fr_FR sned", "relais: argument inattendu\u00a0: sned\u00a0; vouliez-vous dire \"send\"\u00a0?"},
		{"sned --lang en", "relais: unexpected argument sned, did you mean \"send\"?"},
		{"sned -- --lang fr", "relais: unexpected argument sned, did you mean \"send\"?"},
		{"sned --lang xx", "relais: --lang: there is no language xx; there are en, fr"},
		{"sned --lang", "relais: unexpected argument sned, did you mean \"send\"?"},
	} {
		code, out, errs := ask(t, strings.Fields(tc.args)...)
		if first, _, _ := strings.Cut(errs, "\n"); code != exitUsage || out != "" || first != tc.want {
			t.Errorf("relais %s: exit code %d, stderr %q, want %q", tc.args, code, errs, tc.want)
		}
	}
}

// wrongFiles are files with one thing wrong in each.
var wrongFiles = map[string]string{
	"rules.toml":    "[policy.town]\nfrom = \"town.toml\"\n",
	"no-rules.toml": "[policy.town]\nfrom = \"nowhere.toml\"\n",
	"town.toml": "name = \"town\"\nversion = 1\nsince = 2026-01-01\nsource = \"the council\"\n[windows.marketing]\n" +
		"monday = \"8-20\"\ntuesday = \"closed\"\nwednesday = \"closed\"\nthursday = \"closed\"\nfriday = \"closed\"\n" +
		"saturday = \"closed\"\nsunday = \"closed\"\nholiday = \"closed\"\n",
	"prices.toml": "[connector.ovh]\ntariff = \"tariff.toml\"\nprovider = \"ovh\"\napplication_key = \"0123456789abcdef\"\n" +
		"application_secret = \"0123456789abcdef0123456789abcdef\"\nconsumer_key = \"0123456789abcdef0123456789abcdef\"\n" +
		"service = \"sms-ab12345-1\"\n",
	"tariff.toml": "name = \"town\"\nversion = 1\nsince = 2026-01-01\nsource = \"annex\"\ncurrency = \"EUR\"\n" +
		"[segment]\nfr = \"0.047\"\n",
	"quoted.key": "\"secret\"\n",
}

func TestRefusalsInBothLanguages(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range wrongFiles {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct{ args, english, french string }{
		{
			"keys create --account a+b --name x",
			"the account must be 1 to 63 characters of a-z, 0-9, '.', '_' and '-', and begin with a letter or digit",
			"le compte doit avoir 1 à 63 caractères parmi a-z, 0-9, '.', '_' et '-', une lettre ou un chiffre en tête",
		},
		{
			"keys create --account a --name x --ovh --http2sms y",
			"--ovh and --http2sms make different things: run the command twice",
			"--ovh et --http2sms créent des choses différentes\u00a0: lancez la commande deux fois",
		},
		{
			"serve --sandbox --sandbox-at http://127.0.0.1:1",
			"--sandbox runs simulated operators here, --sandbox-at uses those elsewhere: give one of them",
			"--sandbox lance ici des opérateurs simulés, --sandbox-at en utilise d'autres ailleurs\u00a0: donnez l'une des deux options",
		},
		{
			"config check --config nowhere.toml",
			"read the configuration nowhere.toml: no such file or directory",
			"lecture impossible de la configuration nowhere.toml\u00a0: ce fichier n'existe pas",
		},
		{
			"config check --config rules.toml",
			`policy.town: town.toml: windows.marketing.monday: want hours such as "08:00-20:00" or ` +
				`"08:00-12:00, 14:00-20:00", "all day" or "closed"`,
			"policy.town\u00a0: town.toml\u00a0: windows.marketing.monday\u00a0: il faut des heures comme \"08:00-20:00\" ou " +
				"\"08:00-12:00, 14:00-20:00\", \"all day\" ou \"closed\"",
		},
		{
			"config check --config no-rules.toml",
			"policy.town: nowhere.toml cannot be read: no such file or directory",
			"policy.town\u00a0: lecture impossible de nowhere.toml\u00a0: ce fichier n'existe pas",
		},
		{
			"config check --config prices.toml",
			"the configuration cannot be used:\nprices.toml:2:1: connector.ovh.tariff: tariff.toml: segment.fr: want fr-metro for " +
				"metropolitan France; overseas places have their own, such as re, or fr-overseas for all of them",
			"la configuration est inutilisable\u00a0:\nprices.toml:2:1: connector.ovh.tariff: tariff.toml\u00a0: segment.fr\u00a0: il " +
				"faut fr-metro pour la France métropolitaine\u00a0; les lieux d'outre-mer ont le leur, comme re, ou fr-overseas pour tous",
		},
		{
			"config check --listen 192.0.2.77:8080",
			"cannot listen on 192.0.2.77:8080: no interface of this machine has that address; write one that it has, or " +
				"\":8080\" for every interface",
			"impossible d'écouter à l'adresse 192.0.2.77:8080\u00a0: aucune interface de cette machine n'a cette adresse\u00a0; " +
				"écrivez-en une qu'elle a, ou \":8080\" pour toutes les interfaces",
		},
		{
			"status 1 --key-file quoted.key",
			"quoted.key: it stands in quotes, which would count as part of it; take them away",
			"quoted.key\u00a0: il est entre guillemets, qui compteraient comme une partie de lui\u00a0; ôtez-les",
		},
		{
			"import passerelle nowhere.json",
			"nowhere.json: no such file or directory",
			"nowhere.json\u00a0: ce fichier n'existe pas",
		},
		{
			"import passerelle quoted.key",
			"this is no export of Passerelle: the value of  is of another type",
			"ce n'est pas un export de Passerelle\u00a0: la valeur de  est d'un autre type",
		},
		{
			"bench --seconds 0",
			"--seconds must be above 0 and at most 600",
			"--seconds doit être supérieur à 0 et au plus 600",
		},
		{
			"bench --only speed",
			`there is no such bar: "speed"; the bars are ` + strings.Join(bench.Names(), ", "),
			"cette mesure n'existe pas\u00a0: \"speed\"\u00a0; les mesures sont " + strings.Join(bench.Names(), ", "),
		},
	} {
		for locale, want := range map[string]string{"C": tc.english, "fr_FR.UTF-8": tc.french} {
			t.Setenv("LC_ALL", locale)
			if _, out, errs := ask(t, strings.Fields(tc.args)...); out != "" || errs != "relais: "+want+"\n" {
				t.Errorf("%s relais %s: stderr %q, want %q", locale, tc.args, errs, want)
			}
		}
	}
}

// TestEndIsAskedFor: what a signal breaks off is not told as an error of the program.
func TestEndIsAskedFor(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var said strings.Builder
	stopped := &terminal.Terminal{Ctx: ctx, Stderr: &said, Language: "fr"}
	if code := codeOf(stopped, fmt.Errorf("ask: %w", ctx.Err())); code != exitFailed ||
		said.String() != "relais: arrêté avant la fin\n" {
		t.Errorf("exit code %d, said %q", code, said.String())
	}
}
