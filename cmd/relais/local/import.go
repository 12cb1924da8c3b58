package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"relais/cmd/relais/terminal"
	"relais/door/passerelle"
	"relais/plaintext"
	"relais/reason"
)

type importCommand struct {
	Passerelle importPasserelleCommand `cmd:"" help:"Instances, settings and rights of an export of Passerelle, as sections for the configuration file."`
}

type importPasserelleCommand struct {
	File   string `arg:"" help:"The export (JSON)."`
	Output string `help:"Write a new file, which only its owner can read, with the secrets. Without it the sections go to standard output, and the secrets stay out." placeholder:"FILE"`
}

// Run implements the command.
func (c *importPasserelleCommand) Run(t *terminal.Terminal) error {
	data, err := plaintext.ReadFile(c.File)
	if err != nil {
		return reason.At(c.File, err)
	}
	instances, notes, err := passerelle.ParseExport(data)
	if err != nil {
		return err
	}
	for _, note := range notes {
		fmt.Fprintln(t.Stderr, note.In(t.Language))
	}
	if len(instances) == 0 {
		return errors.New(t.Text("import_nothing"))
	}
	if c.Output == "" {
		if secrets(instances) {
			t.Say("import_secrets")
		}
		return writeSections(t.Stdout, instances, false)
	}
	file, err := os.OpenFile(c.Output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(writeSections(file, instances, true), file.Sync(), file.Close()); err != nil {
		return err
	}
	t.Say("import_done", "instances", len(instances), "file", c.Output)
	return nil
}

func secrets(instances []passerelle.Exported) bool {
	return slices.ContainsFunc(instances, func(i passerelle.Exported) bool {
		return slices.ContainsFunc(i.Callers, func(c passerelle.Caller) bool { return c.Secret != "" })
	})
}

// bare are the names that TOML takes without quotes. Others are quoted, so that a
// slug is nothing but a name: relais config check says what is wrong with it.
var bare = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// writeSections writes TOML. Two instances of one slug, which Passerelle allows
// for two operators, get names apart.
func writeSections(w io.Writer, instances []passerelle.Exported, withSecrets bool) error {
	var b strings.Builder
	taken := map[string]bool{}
	for i := range instances {
		one := &instances[i]
		name := one.Slug
		if taken[name] {
			name = one.Kind + "-" + one.Slug
		}
		taken[name] = true
		section := "passerelle." + strconv.Quote(name)
		if bare.MatchString(name) {
			section = "passerelle." + name
		}
		fmt.Fprintf(&b, "[%s]\nkind = %q\n", section, one.Kind)
		if name != one.Slug {
			fmt.Fprintf(&b, "slug = %q\n", one.Slug)
		}
		fmt.Fprintf(&b, "families = [%s]\n", quotedList(one.Families))
		fmt.Fprintf(&b, "allow_premium = %t\nmax_length = %d\n", one.Special, one.MaxLength)
		if one.Region != "" {
			fmt.Fprintf(&b, "default_region = %q\n", one.Region)
		}
		b.WriteString("\n")
		for _, caller := range one.Callers {
			writeCaller(&b, section, caller, withSecrets)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeCaller(b *strings.Builder, section string, c passerelle.Caller, withSecret bool) {
	fmt.Fprintf(b, "[%s.caller.%s]\nkind = %q\n", section, strconv.Quote(c.ID), c.Kind)
	for _, key := range []struct{ name, value string }{{"orig", c.Orig}, {"username", c.Username}} {
		if key.value != "" {
			fmt.Fprintf(b, "%s = %q\n", key.name, key.value)
		}
	}
	switch {
	case c.Secret == "":
	case withSecret:
		fmt.Fprintf(b, "secret = %q\n", c.Secret)
	default:
		b.WriteString("#secret = \"\" # stands in the export; --output FILE writes it\n")
	}
	if len(c.Addresses) > 0 {
		var networks []string
		for _, network := range c.Addresses {
			networks = append(networks, network.String())
		}
		fmt.Fprintf(b, "addresses = [%s]\n", quotedList(networks))
	}
	b.WriteString("\n")
}

func quotedList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = strconv.Quote(text)
	}
	return strings.Join(quoted, ", ")
}
