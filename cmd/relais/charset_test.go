package main

import (
	"strings"
	"testing"

	"relais/cmd/relais/terminal"
)

// Nothing is put in the place of what cannot be read, whichever command got it.
func TestArgumentsThatAreNotUTF8(t *testing.T) {
	const bad = "R\xe9union"
	for _, tc := range []struct {
		name string
		args []string
		want string
	}{
		{"text", []string{"send", "--to", "+33639980001", "--text", bad}, "--text"},
		{"text behind =", []string{"send", "--to", "+33639980001", "--text=" + bad}, "--text"},
		{"sender", []string{"preview", "--to", "+33639980001", "--text", "a", "--sender", bad}, "--sender"},
		{"reference", []string{"send", "--to", "+33639980001", "--text", "a", "--reference", bad}, "--reference"},
		{"reason", []string{"opt-outs", "add", "+33639980001", "--reason", bad}, "--reason"},
		{"a place", []string{"accounts", "create", bad}, "3"},
		{"a flag", []string{"send", "--\xe9=a"}, "2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out, errs strings.Builder
			code := run(tc.args, terminal.Terminal{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs})
			said := strings.Contains(errs.String(), " "+tc.want+" is not UTF-8") ||
				strings.Contains(errs.String(), " "+tc.want+" n'est pas de l'UTF-8")
			if code != exitUsage || !said || strings.Contains(errs.String(), "\xe9") || out.Len() > 0 {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, out.String(), errs.String())
			}
		})
	}
}
