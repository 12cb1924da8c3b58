package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relais/config"
)

func TestConsoleLook(t *testing.T) {
	const svg = `<svg xmlns="http://www.w3.org/2000/svg"/>`
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("logo.svg", svg)
	write("notes.svg", "not a picture")
	load := func(text string) (config.Config, error) {
		write("relais.toml", text)
		return config.Load(filepath.Join(dir, "relais.toml"), noEnvironment, providers())
	}
	c, err := load("[console]\nname = \"Ville d'Exemple\"\naccent = \"#0b5fa5\"\nlogo = \"logo.svg\"\n")
	if err != nil || c.Console.Picture == nil || string(c.Console.Picture.Data) != svg {
		t.Fatalf("console %+v, %v", c.Console, err)
	}
	for _, test := range []struct{ name, text, want string }{
		{"no colour", `accent = "bleu"`, `:2:1: console.accent: want a colour as # and six hexadecimal digits`},
		{"pale", `accent = "#ffcc00"`, `:2:1: console.accent: texts in this colour have a contrast of 1.`},
		{"cure", `accent = "#ffcc00"`, `is the nearest shade of it that has`},
		{"long", `name = "` + strings.Repeat("x", 61) + `"`, `console.name: want at most 60 characters`},
		{"no file", `logo = "lego.svg"`, `console.logo: cannot be read: no such file`},
		{"no picture", `logo = "notes.svg"`, `console.logo: the file is no picture that browsers show`},
		{"no audit", "[accessibility]\nconformity = \"full\"", `accessibility.auditor: partial and full are what an audit found`},
		{"a word", "[accessibility]\nconformity = \"almost\"", `accessibility.conformity: `},
		{"a day", "[accessibility]\naudited_on = \"31/01/2027\"", `accessibility.audited_on: want a day such as`},
		{"a rate", "[accessibility]\nrate = 101", `accessibility.rate: want a percentage`},
		{"a contact", "[accessibility]\ncontact = \"the town hall\"", `accessibility.contact: want a mail address`},
		{"plain HTTP", "[accessibility]\ncontact = \"http://town.example\"", `accessibility.contact: want a mail address`},
		{"a directory", `logo = "."`, `console.logo: is a directory`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := load("[console]\n" + test.text + "\n"); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
