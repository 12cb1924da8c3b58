package archtest

import (
	"go/parser"
	"go/token"
	"testing"
)

func fromText(t *testing.T, name, text string) source {
	t.Helper()
	set := token.NewFileSet()
	syntax, err := parser.ParseFile(set, name, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return source{name, text, syntax, set}
}

func TestBannedFindsWhatItShould(t *testing.T) {
	for _, tc := range []struct {
		name, file, body string
		want             int
	}{
		{"sleep in a test", "a/a_test.go", "time.Sleep(1)", 1},
		{"sleep in a bubble", "a/a_test.go", "synctest.Test(t, func(t *testing.T) { time.Sleep(1) })", 0},
		{"sleep in a library", "a/a.go", "time.Sleep(1)", 0},
		{"print in a library", "a/a.go", "fmt.Println(1)", 1},
		{"print in a program", "cmd/relais/main.go", "fmt.Println(1)", 0},
		{"print in an example", "a/a_test.go", "fmt.Println(1)", 0},
		{"writing is not printing", "a/a.go", "fmt.Fprintln(w, 1)", 0},
		{"exit in a library", "a/a.go", "os.Exit(1)", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := fromText(t, tc.file, "package a\nfunc f() { "+tc.body+" }\n")
			if got := banned(file); len(got) != tc.want {
				t.Errorf("banned = %q, want %d", got, tc.want)
			}
		})
	}
}

func TestProviderFinders(t *testing.T) {
	provider := fromText(t, "connector/ovh/ovh.go", "package ovh\nfunc Provider() int { return 0 }\n")
	method := fromText(t, "connector/ovh/ovh.go", "package ovh\ntype t int\nfunc (t) Provider() {}\n")
	if !declaresProvider(provider) || declaresProvider(method) {
		t.Error("declaresProvider does not tell a function from a method")
	}
	table := fromText(t, "app/connectors.go", "package app\nvar all = []any{ovh.Provider()}\n")
	if !lists(table, "ovh") || lists(table, "sfrdmc") {
		t.Error("lists does not tell who is in the table")
	}
	for _, text := range []string{"TO" + "DO: later", "a FIX" + "ME", "HA" + "CK"} {
		if !unfinished.MatchString(text) {
			t.Errorf("%q passes for finished", text)
		}
	}
}
