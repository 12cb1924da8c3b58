package main

import (
	"context"
	"fmt"
	"strings"

	"relais/app"
	"relais/cmd/relais/local"
	"relais/cmd/relais/terminal"
)

// welcome says what to do next: where the gateway answers, with which key, and what
// it still needs. It goes to standard output; the log has the other one.
func (c *serveCommand) welcome(t *terminal.Terminal, a *app.App) error {
	var b strings.Builder
	missing, err := a.Missing(context.WithoutCancel(t.Ctx)) // a stop comes after
	if err != nil {
		return err
	}
	at := "http://" + local.Callable(strings.TrimPrefix(a.URL(), "http://"))
	b.WriteString(t.Text("welcome_answers", "address", at) + "\n")
	if a.SandboxURL() != "" {
		b.WriteString(t.Text("welcome_sandbox", "address", a.SandboxURL()) + "\n")
	}
	switch {
	case a.Key() != "":
		c.welcomeOpen(t, &b, a)
	default:
		c.welcomeMissing(t, &b, missing)
	}
	_, err = fmt.Fprintln(t.Stdout, b.String())
	return err
}

// welcomeOpen has a line to copy, and the doors with what opens them.
func (c *serveCommand) welcomeOpen(t *terminal.Terminal, b *strings.Builder, a *app.App) {
	key := a.Key()
	fmt.Fprintf(b, "\n%s\n\n  %s\n", t.Text("welcome_console"), a.ConsoleURL())
	fmt.Fprintf(b, "\n%s\n\n", t.Text("welcome_key", "key", key))
	fmt.Fprintf(b, "  curl %s/v1/messages -H 'Authorization: Bearer %s' -d '{\"to\": \"0639980001\", \"text\": \"Bonjour\"}'\n", a.URL(), key)
	fmt.Fprintf(b, "  RELAIS_URL=%s RELAIS_KEY=%s relais send --to 0639980001 --text Bonjour --wait\n",
		a.URL(), key)
	fmt.Fprintf(b, "  curl %s/handsets/+33639980001\n\n", a.SandboxURL())
	b.WriteString(t.Text("welcome_doors") + "\n")
	for _, door := range a.Doors() {
		fmt.Fprintf(b, "  %-12s %s\n", door.For, door.At(a.URL()))
		if len(door.Credentials) > 0 {
			fmt.Fprintf(b, "  %-12s %s\n", "", strings.Join(door.Credentials, " "))
		}
	}
}

// welcomeMissing has the commands that make what is missing, with the flags that lead
// to this gateway's database.
func (c *serveCommand) welcomeMissing(t *terminal.Terminal, b *strings.Builder, missing app.Missing) {
	if missing.Connector {
		b.WriteString("\n" + t.Text("welcome_no_connector") + "\n")
		b.WriteString("  relais config example > relais.toml\n  relais doctor --config relais.toml\n  relais serve --config relais.toml\n")
		b.WriteString(t.Text("welcome_try") + "\n  relais serve --sandbox\n")
	}
	flags := c.flags()
	if missing.Account {
		fmt.Fprintf(b, "\n%s\n  relais accounts create %s%s\n", t.Text("welcome_no_account"),
			t.Text("welcome_account"), flags)
	}
	if missing.Key {
		fmt.Fprintf(b, "\n%s\n  (umask 077; relais keys create --account %s --name %s%s > relais.key)\n",
			t.Text("welcome_no_key"), t.Text("welcome_account"), t.Text("welcome_program"), flags)
	}
	if missing.Connector || missing.Account || missing.Key {
		fmt.Fprintf(b, "\n%s\n  relais send --key-file relais.key --to %s --text Bonjour --wait\n",
			t.Text("welcome_then"), t.Text("welcome_number"))
	}
	if missing.Administrator {
		fmt.Fprintf(b, "\n%s\n  relais users create %s --admin%s\n",
			t.Text("welcome_no_administrator"), t.Text("welcome_person"), flags)
	}
}

// flags lead other commands to this gateway's database. Its URL may hold a password,
// and is left to RELAIS_DATABASE.
func (c *serveCommand) flags() string {
	var b strings.Builder
	if c.Config != "" {
		b.WriteString(" --config " + quoted(c.Config))
	}
	if c.Data != nil {
		b.WriteString(" --data " + quoted(*c.Data))
	}
	return b.String()
}

// quoted is a word for a shell.
func quoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("/._-+:@", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
