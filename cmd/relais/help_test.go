package main

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"relais/cmd/relais/terminal"
	"relais/cmd/relais/terminal/terminaltest"
	"relais/reason"
)

func ask(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e strings.Builder
	code = run(args, terminal.Terminal{Stdin: strings.NewReader(""), Stdout: &o, Stderr: &e})
	return code, o.String(), e.String()
}

func TestHelpIsAskedForInManyWays(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	_, whole, _ := ask(t, "--help")
	_, send, _ := ask(t, "send", "--help")
	for _, tc := range []struct {
		name string
		args []string
		code int
		out  string
		errs string
	}{
		{"help", []string{"help"}, exitDone, whole, ""},
		{"-h", []string{"-h"}, exitDone, whole, ""},
		{"help of a command", []string{"help", "send"}, exitDone, send, ""},
		{"-h behind a command", []string{"send", "-h"}, exitDone, send, ""},
		{"help of no command", []string{"help", "sned"}, exitUsage, "", "relais: unexpected argument sned, did you mean \"send\"?\nrelais --help lists the commands.\n"},
		{"nothing", nil, exitUsage, "", whole},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, out, errs := ask(t, tc.args...)
			if code != tc.code || out != tc.out || errs != tc.errs {
				t.Errorf("exit code %d, stdout %q, stderr %q; want %d, %q, %q",
					code, out, errs, tc.code, tc.out, tc.errs)
			}
		})
	}
	for _, want := range []string{
		"default 1m; ", "default http://127.0.0.1:8080; $RELAIS_URL", "-q, --quiet",
	} {
		if !strings.Contains(strings.Join(strings.Fields(send), " "), strings.TrimSuffix(want, "; ")) {
			t.Errorf("the help of send lacks %q:\n%s", want, send)
		}
	}
}

func TestVersionIsAskedForInManyWays(t *testing.T) {
	_, want, _ := ask(t, "version")
	for _, args := range [][]string{{"--version"}, {"send", "--version"}} {
		if code, out, errs := ask(t, args...); code != exitDone || out != want || errs != "" {
			t.Errorf("relais %s: exit code %d, stdout %q, stderr %q",
				strings.Join(args, " "), code, out, errs)
		}
	}
}

// TestHelpFitsTheTerminal has narrow, usual and wide terminals. Only a word that is
// longer than its place may be.
func TestHelpFitsTheTerminal(t *testing.T) {
	for _, columns := range []uint16{60, 80, 200} {
		for _, command := range []string{"", "serve", "send", "keys create", "opt-outs import"} {
			got := terminaltest.On(t, columns, func(tty *os.File) {
				run(append(strings.Fields(command), "--help"),
					terminal.Terminal{Stdin: os.Stdin, Stdout: tty, Stderr: tty})
			})
			for line := range strings.Lines(got) {
				if n := terminal.Cells(strings.TrimRight(line, "\n")); n > int(columns) {
					t.Errorf("%s --help on %d columns has a line of %d: %q", command, columns, n, line)
				}
			}
		}
	}
}

// TestHelpIsInTheCatalogue: the English sentences are those beside the commands. That
// French has each is a test of package reason.
func TestHelpIsInTheCatalogue(t *testing.T) {
	english, keys := &terminal.Terminal{Language: reason.English}, map[string]string{}
	visit := func(text string) {
		if text == "" {
			return
		}
		if said := english.Help(text); said != text {
			t.Errorf("%q is %q in the catalogue", text, said)
		}
		if other := keys[terminal.HelpKey(text)]; other != "" && other != text {
			t.Errorf("%q and %q have one code", other, text)
		}
		keys[terminal.HelpKey(text)] = text
	}
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		visit(n.Help)
		for _, f := range n.Flags {
			visit(f.Help)
		}
		for _, p := range n.Positional {
			visit(p.Help)
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(modelOf(t, reason.English).Node)
	for key := range catalogue(t) {
		if strings.HasPrefix(key, "help/") && keys[key] == "" {
			t.Errorf("nobody says %q", key)
		}
	}
}

func TestUsageErrorsInBothLanguages(t *testing.T) {
	for _, tc := range []struct {
		args            string
		english, french string
	}{
		{"sned", `unexpected argument sned, did you mean "send"?`, "argument inattendu\u00a0: sned\u00a0; vouliez-vous dire \"send\"\u00a0?"},
		{"accounts creat", `unexpected argument creat, did you mean "create"?`, "argument inattendu\u00a0: creat\u00a0; vouliez-vous dire \"create\"\u00a0?"},
		{"xyzzy", "unexpected argument xyzzy", "argument inattendu\u00a0: xyzzy"},
		{"send --tex x", `unknown flag --tex, did you mean one of "--to", "--text"?`, "option inconnue\u00a0: --tex\u00a0; vouliez-vous dire l'une de \"--to\", \"--text\"\u00a0?"},
		{"send --nothing", "unknown flag --nothing", "option inconnue\u00a0: --nothing"},
		{"send --to 1", "missing: --text=STRING or --template=NAME or --data=HEX", "il manque\u00a0: --text=STRING ou --template=NAME ou --data=HEX"},
		{"send --to 1 --text x --template y", "--text and --template cannot be used together", "--text et --template ne vont pas ensemble"},
		{"status", `missing: "<id>"`, "il manque\u00a0: \"<id>\""},
		{"messages --limit many", `--limit: want a whole number, got "many"`, "--limit\u00a0: il faut un nombre entier, et non \"many\""},
		{"send --to 1 --text x --valid-for soon", `--valid-for: want a duration such as 15m or 48h, got "soon"`, "--valid-for\u00a0: il faut une durée comme 15m ou 48h, et non \"soon\""},
		{"send --to 1 --text x --wait=maybe", `--wait: want true or false, got "maybe"`, "--wait\u00a0: il faut true ou false, et non \"maybe\""},
		{"send --to 1 --text", "--text: want a value", "--text\u00a0: il faut une valeur"},
		{"resolve ID maybe", `<outcome> must be one of "taken","not_taken","given_up" but got "maybe"`, `<outcome> doit être l'un de "taken","not_taken","given_up", et non "maybe"`},
		{"webhooks replay ID --event 1 --state failed", "--event and --state cannot be used together", "--event et --state ne vont pas ensemble"},
	} {
		for locale, want := range map[string]string{"C": tc.english, "fr_FR.UTF-8": tc.french} {
			t.Setenv("LC_ALL", locale)
			code, out, errs := ask(t, strings.Fields(tc.args)...)
			first, rest, _ := strings.Cut(errs, "\n")
			if code != exitUsage || out != "" || first != "relais: "+want ||
				!strings.Contains(rest, " --help ") {
				t.Errorf("%s relais %s: exit code %d, stderr %q, want %q", locale, tc.args, code, errs, want)
			}
		}
	}
}
