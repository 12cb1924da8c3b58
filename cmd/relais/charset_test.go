package main

import (
	"errors"
	"strings"
	"testing"
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
			code := run(tc.args, terminal{stdin: strings.NewReader(""), stdout: &out, stderr: &errs})
			said := strings.Contains(errs.String(), " "+tc.want+" is not UTF-8") || strings.Contains(errs.String(), " "+tc.want+" n'est pas de l'UTF-8")
			if code != exitUsage || !said || strings.Contains(errs.String(), "\xe9") || out.Len() > 0 {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, out.String(), errs.String())
			}
		})
	}
}

func TestTextOfStandardInput(t *testing.T) {
	for _, tc := range []struct{ name, raw, want string }{
		{"UTF-8", "l’école\n", "l’école"},
		{"the line end of Windows", "a\r\nb\r\n", "a\r\nb"},
		{"the mark of Windows", "\xef\xbb\xbfl’école\n", "l’école"},
		{"UTF-16 of PowerShell", "\xff\xfel\x00\x19 \xe9\x00\r\x00\n\x00", "l’é"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			term := terminal{stdin: strings.NewReader(tc.raw)}
			if got, err := term.readText(); err != nil || got != tc.want {
				t.Errorf("read %q, %v; want %q", got, err, tc.want)
			}
		})
	}
	term := terminal{stdin: strings.NewReader("l\x92\xe9cole")}
	got, err := term.readText()
	if _, refused := errors.AsType[*usageError](err); !refused || got != "" {
		t.Errorf("Windows-1252 is read as %q, %v", got, err)
	}
}
