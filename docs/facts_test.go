package docs_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"relais/connector/ovh"
	"relais/sandbox"
	"relais/sandbox/dmc"
	simovh "relais/sandbox/ovh"
	"relais/sandbox/smsc"
	"relais/sandbox/world"
)

func source(t *testing.T, names ...string) string {
	t.Helper()
	var b strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	return b.String()
}

// all lists the first group of every match, each once, in order.
func all(form *regexp.Regexp, text string) []string {
	var found []string
	for _, match := range form.FindAllStringSubmatch(text, -1) {
		found = append(found, match[1])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func TestConfigurationExampleIsCurrent(t *testing.T) {
	p := pageAt(t, "docs/configuration.md")
	got := p.between(t, "example")
	want := "```toml\n" + relais(t, "C", "config", "example") + "```\n"
	if *update {
		text := strings.Replace(p.text, "<!-- example:begin -->\n"+got, "<!-- example:begin -->\n"+want, 1)
		if err := os.WriteFile("configuration.md", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("docs/configuration.md is not up to date; run make golden (-page +program):\n%s", diff)
	}
}

var secretFile = regexp.MustCompile(`(?m)^\w+_file = "([^"]+)"`)

// TestConfigurationsLoad gives every configuration in the pages and in examples
// to the program, with made-up secrets.
func TestConfigurationsLoad(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "examples", "*.toml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no example found: %v", err)
	}
	configurations := map[string]string{}
	for _, file := range files {
		name := "examples/" + filepath.Base(file)
		configurations[name] = source(t, name)
	}
	for _, p := range pages(t) {
		for _, f := range p.fences() {
			if f.language == "toml" && !declares(f.text) {
				configurations[p.name+" "+strings.SplitN(f.text, "\n", 2)[0]] = f.text
			}
		}
	}
	for name, text := range configurations {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, secret := range all(secretFile, text) {
				if err := os.WriteFile(filepath.Join(dir, secret), []byte("made-up\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			putTariff(t, dir)
			file := filepath.Join(dir, "relais.toml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			relais(t, "C", "config", "check", "--config", file)
		})
	}
}

// declares reports whether a text is a part of the declaration that the page of connectors by
// declaration makes, or of its exchanges.
func declares(text string) bool {
	return regexp.MustCompile(`(?m)^(version = 1|declaration = |\[\[send\.rule\]\]|\[receipts\]|\[replies\]|\[token\])`).MatchString(text) &&
		!strings.Contains(text, "[connector.")
}

// TestTheGuideOfDeclarationsRuns joins what the guide has a reader write, and runs it.
func TestTheGuideOfDeclarationsRuns(t *testing.T) {
	for _, guide := range []struct{ page, heading, tokens, lists string }{
		{"docs/connectors/http.md", "## An operator that nobody knew", "### Tokens", "### Lists that are fetched"},
		{"docs/fr/operateurs.md", "## Un opérateur que personne ne connaissait", "## Un jeton qu'il faut demander", "## Ce qu'il faut relever"},
	} {
		t.Run(guide.page, func(t *testing.T) {
			p := pageAt(t, guide.page)
			guideRuns(t, declarations(page{p.name, p.section(t, guide.heading)}), declarations(page{p.name, p.section(t, guide.tokens)}),
				declarations(page{p.name, p.section(t, guide.lists)}))
		})
	}
}

func guideRuns(t *testing.T, parts, tokens, lists []string) {
	t.Helper()
	if len(parts) != 4 || len(tokens) != 1 || len(lists) != 1 {
		t.Fatalf("the guide has %d parts, want four, %d of a token and %d of a list", len(parts), len(tokens), len(lists))
	}
	before, rest, _ := strings.Cut(parts[0], "[auth]")
	_, send, _ := strings.Cut(rest, "[send]")
	for name, whole := range map[string][]string{
		"as it is": parts[:3], "with a list": append(slices.Clone(parts[:3]), lists[0]),
		"with a token": append([]string{before + tokens[0] + "[send]" + send}, parts[1:3]...),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			exchanges := filepath.Join(dir, "exchanges.toml")
			for file, text := range map[string]string{
				filepath.Join(dir, "pigeon.toml"): strings.Join(whole, "\n"), exchanges: parts[3],
			} {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			said := relais(t, "C", "connector", "test", exchanges)
			if strings.Count(said, "ok  ") != 2 {
				t.Errorf("the exchanges are:\n%s", said)
			}
		})
	}
}

// declarations are the parts of a declaration, or of its exchanges, in a page.
func declarations(p page) []string {
	var parts []string
	for _, f := range p.fences() {
		if f.language == "toml" && declares(f.text) {
			parts = append(parts, f.text)
		}
	}
	return parts
}

var exampleKey = regexp.MustCompile(`(?m)^#([a-z_]+) = `)

// TestConnectorPagesHaveEveryKey compares the table of a page, and the one of
// the common keys, with the example that the program prints.
func TestConnectorPagesHaveEveryKey(t *testing.T) {
	common := firstColumn(pageAt(t, "docs/connectors/README.md").text)
	example := relais(t, "C", "config", "example")
	for _, tc := range []struct{ name, provider string }{
		{"OVH", "ovh"},
		{"SFR DMC", "sfrdmc"},
		{"SMPP", "smpp"},
		{"HTTP", "http"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, section, found := strings.Cut(example, "#[connector."+tc.provider+"]\n")
			if !found {
				t.Fatal("the example has no such section")
			}
			section, _, _ = strings.Cut(section, "\n#[")
			want := all(exampleKey, section)
			page := pageAt(t, "docs/connectors/"+tc.provider+".md")
			documented := firstColumn(page.section(t, "## Configure"))
			for _, key := range want {
				if !slices.Contains(documented, key) && !slices.Contains(common, key) {
					t.Errorf("%s has no line for the key %s", page.name, key)
				}
			}
			for _, key := range documented {
				if !slices.Contains(want, key) {
					t.Errorf("%s has a line for %s, which is no key", page.name, key)
				}
			}
		})
	}
}

var (
	ovhJob  = regexp.MustCompile(`(?s)\ntype job struct \{(.*?)\n\}`)
	dmcUnit = regexp.MustCompile(`(?s)\ntype unitMessage struct \{(.*?)\n\}`)
	jsonTag = regexp.MustCompile("`json:\"([A-Za-z]+)")
)

func TestConnectorPagesHaveEveryField(t *testing.T) {
	for _, tc := range []struct {
		name, page, code string
		form             *regexp.Regexp
	}{
		{"OVH", "docs/connectors/ovh.md", "connector/ovh/submit.go", ovhJob},
		{"SFR DMC", "docs/connectors/sfrdmc.md", "connector/sfrdmc/submit.go", dmcUnit},
	} {
		t.Run(tc.name, func(t *testing.T) {
			body := tc.form.FindStringSubmatch(source(t, tc.code))
			if body == nil {
				t.Fatalf("%s has no such type any more", tc.code)
			}
			want := all(jsonTag, body[1])
			got := firstColumn(pageAt(t, tc.page).section(t, "## What is sent"))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("fields that are sent (-code +page):\n%s", diff)
			}
		})
	}
}

var grantedRule = regexp.MustCompile(`(?m)^     ((?:GET|POST|PUT|DELETE) /\S+)$`)

func TestOVHPageHasTheRights(t *testing.T) {
	var want []string
	for _, r := range ovh.Rights {
		want = append(want, r.String())
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, all(grantedRule, pageAt(t, "docs/connectors/ovh.md").text)); diff != "" {
		t.Errorf("rights (-code +page):\n%s", diff)
	}
}

var (
	metricName = regexp.MustCompile(`(?:Name: |counter\(|gauge\()"([a-z_]+)"`)
	metricWord = regexp.MustCompile(`(relais_[a-z_]+)`)
)

func TestOperationsHaveEveryMetric(t *testing.T) {
	want := all(metricName, source(t,
		"api/metrics.go", "app/effect.go", "campaign/engine/metrics.go", "console/metrics.go",
		"credit/metrics.go", "door/mail/metrics.go", "door/shadow/metrics.go", "door/smpp/metrics.go", "duty/metrics.go",
		"gateway/metrics.go", "inbox/metrics.go", "lane/metrics.go", "quota/metrics.go",
		"webhook/metrics.go"))
	for i, name := range want {
		want[i] = "relais_" + name
	}
	section := pageAt(t, "docs/operations.md").section(t, "## Metrics")
	if diff := cmp.Diff(want, all(metricWord, section)); diff != "" {
		t.Errorf("metrics (-code +page):\n%s", diff)
	}
	if len(want) == 0 {
		t.Error("no metric found in the code")
	}
}

var (
	choreName = regexp.MustCompile(`Name:\s*"([a-z]+)",\s+(?:Every|On):`)
	choreRow  = regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|")
)

func TestOperationsHaveEveryChore(t *testing.T) {
	want := all(choreName, source(t,
		"app/generation.go", "campaign/engine/feeder.go", "credit/watch.go", "gateway/chores.go", "lane/chores.go", "lane/questions.go"))
	section := pageAt(t, "docs/operations.md").section(t, "## What goes on by itself")
	if diff := cmp.Diff(want, all(choreRow, section)); diff != "" {
		t.Errorf("chores (-code +page):\n%s", diff)
	}
	if len(want) == 0 {
		t.Error("no chore found in the code")
	}
}

func TestSandboxPageHasEveryFaultAndCredential(t *testing.T) {
	p := pageAt(t, "docs/sandbox.md")
	want := slices.Compact(slices.Sorted(slices.Values(slices.Concat(world.FaultKinds, world.SMSCFaultKinds))))
	if diff := cmp.Diff(want, firstColumn(p.section(t, "## Order a fault"))); diff != "" {
		t.Errorf("kinds of fault (-code +page):\n%s", diff)
	}
	for _, value := range []string{
		simovh.ApplicationKey, simovh.ApplicationSecret, simovh.ConsumerKey, simovh.ReadOnlyConsumerKey,
		simovh.Service, simovh.SecondService, simovh.Sender, simovh.SecondSender, simovh.PendingSender,
		dmc.ServiceID, dmc.Password, dmc.SpaceID, dmc.Sender, dmc.SecondSender,
		smsc.SystemID, smsc.Password, sandbox.DefaultSMPPListen,
	} {
		if !strings.Contains(p.text, "`"+value+"`") {
			t.Errorf("docs/sandbox.md does not name %s", value)
		}
	}
}

var problemCode = regexp.MustCompile("`([a-z]+(?:_[a-z]+)+)`")

func TestCodesOfTheGuideExist(t *testing.T) {
	p := pageAt(t, "docs/api.md")
	known := source(t, "reason/catalog/en.toml")
	for _, code := range all(problemCode, p.section(t, "## Problems")) {
		if !strings.Contains(known, `"title/problem/`+code+`"`) {
			t.Errorf("docs/api.md names the problem %s, which does not exist", code)
		}
	}
	events := source(t, "lane/words.go", "gateway/control.go", "lane/chance.go", "inbox/receipt.go", "sms/status.go",
		"sms/receipt.go")
	_, table, _ := strings.Cut(p.section(t, "## The timeline"), "| code of an event |")
	codes := firstColumn(table)
	if len(codes) < 10 {
		t.Errorf("only %d codes of events found", len(codes))
	}
	for _, code := range codes {
		if !strings.Contains(events, `"`+code+`"`) {
			t.Errorf("docs/api.md names the event %s, which does not exist", code)
		}
	}
}

var (
	commandName = regexp.MustCompile(`(?m)^  ([a-z][a-z-]*(?: [a-z]+)?)(?:  |$)`)
	longFlag    = regexp.MustCompile(`(--[a-z][a-z-]*)`)
	callWords   = regexp.MustCompile(`(?:^|[\s(|$/])relais ([a-z][a-z-]*)(?: ([a-z]+))?`)
	callEnd     = regexp.MustCompile(`[|;>#\n]`)
)

// TestCommandsExist looks up every command and flag of the pages in the help.
func TestCommandsExist(t *testing.T) {
	known := all(commandName, relais(t, "C", "--help"))
	if len(known) < 10 {
		t.Fatalf("only these commands found in the help: %v", known)
	}
	help := map[string]string{}
	for i := 0; i < len(known); i++ {
		help[known[i]] = relais(t, "C", append(strings.Fields(known[i]), "--help")...)
		if _, below, group := strings.Cut(help[known[i]], "\nCommands:\n"); group {
			known = append(known, all(commandName, below)...)
		}
	}
	for _, p := range pages(t) {
		for _, call := range calls(p) {
			words := callWords.FindStringSubmatch(call)
			name := words[1] + " " + words[2]
			if help[name] == "" {
				name = words[1]
			}
			group := slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, name+" ") })
			if help[name] == "" && !group {
				t.Errorf("%s: there is no command %q", p.name, strings.TrimSpace(call))
			}
			for _, flag := range all(longFlag, call) {
				if help[name] != "" && !strings.Contains(help[name], flag) {
					t.Errorf("%s: %s has no flag %s", p.name, name, flag)
				}
			}
		}
	}
}

// calls lists the command lines of a page: in its shell blocks and in its prose.
func calls(p page) []string {
	var texts []string
	for _, f := range p.fences() {
		if f.language == "sh" || f.language == "console" {
			texts = append(texts, strings.ReplaceAll(f.text, "\\\n", " "))
		}
	}
	for _, span := range codeSpan.FindAllStringSubmatch(p.text, -1) {
		texts = append(texts, span[1])
	}
	var found []string
	for _, text := range texts {
		for _, at := range callWords.FindAllStringIndex(text, -1) {
			call, rest := text[at[0]:at[1]], text[at[1]:]
			if end := callEnd.FindStringIndex(rest); end != nil {
				rest = rest[:end[0]]
			}
			found = append(found, call+rest)
		}
	}
	return found
}

// TestLibrariesHaveAReason compares what the program imports with the table of
// the decision about libraries.
func TestLibrariesHaveAReason(t *testing.T) {
	libraries := firstColumn(pageAt(t, "docs/adr/0004-own-gsm-libraries-for-the-rest.md").text)
	used := map[string]bool{}
	for _, imported := range importsOfPrograms(t) {
		at := slices.IndexFunc(libraries, func(l string) bool {
			return strings.HasPrefix(imported+"/", l+"/")
		})
		if at < 0 {
			t.Errorf("%s is imported and has no line in ADR 0004", imported)
			continue
		}
		used[libraries[at]] = true
	}
	for _, library := range libraries {
		if !used[library] {
			t.Errorf("ADR 0004 has a line for %s, which nothing imports", library)
		}
	}
}

// importsOfPrograms lists the packages of other modules that the program needs:
// those of tests and of the suites for tests are left out.
func importsOfPrograms(t *testing.T) []string {
	t.Helper()
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		dir := entry.Name()
		if entry.IsDir() && name != root &&
			(strings.HasPrefix(dir, ".") || dir == "tools" || strings.HasSuffix(dir, "test")) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			if strings.Contains(strings.SplitN(imported, "/", 2)[0], ".") {
				found[imported] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(found))
}

var variable = regexp.MustCompile(`\b(RELAIS_[A-Z_]*[A-Z])\b`)

func TestVariablesExist(t *testing.T) {
	known := relais(t, "C", "config", "example")
	for _, name := range []string{"send", "serve", "ovh login"} {
		known += relais(t, "C", append(strings.Fields(name), "--help")...)
	}
	for _, p := range pages(t) {
		for _, name := range all(variable, p.text) {
			// An instance has the name that its owner gives it.
			if !strings.Contains(known, strings.Replace(name, "_OVH_TOWN_", "_OVH_", 1)) {
				t.Errorf("%s: there is no variable %s", p.name, name)
			}
		}
	}
}

var acceptance = regexp.MustCompile("`(Test(?:Acceptance|Point)[0-9]{2}[A-Za-z]*)`")

// TestAcceptanceTestsExist looks up the tests that the page about Passerelle
// claims.
func TestAcceptanceTestsExist(t *testing.T) {
	claimed := all(acceptance, pageAt(t, "docs/migrate/passerelle.md").text)
	if len(claimed) < 14+15 {
		t.Errorf("only %d tests are claimed: %v", len(claimed), claimed)
	}
	sources := source(t, "door/passerelle/acceptance_test.go", "app/passerelle_test.go",
		"cmd/relais/passerelle_test.go")
	for _, name := range claimed {
		if !strings.Contains(sources, "func "+name+"(t *testing.T)") {
			t.Errorf("docs/migrate/passerelle.md claims %s, which does not exist", name)
		}
	}
}
