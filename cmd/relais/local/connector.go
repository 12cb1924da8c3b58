package local

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"relais/cmd/relais/terminal"
	"relais/connector"
	"relais/connector/httpapi"
	"relais/plaintext"
)

type connectorCommand struct {
	Test    connectorTestCommand    `cmd:"" help:"Run a file of recorded exchanges against the declaration of an operator, rule by rule."`
	Draft   connectorDraftCommand   `cmd:"" help:"Write a first declaration from a request and an answer that the operator's page shows."`
	Preset  connectorPresetCommand  `cmd:"" help:"Print the declaration of an operator that comes with the program; without a name, their names."`
	Section connectorSectionCommand `cmd:"" help:"Write the section of an operator that comes with the program, for the configuration; secrets stay out of it."`
}

type connectorTestCommand struct {
	File string `arg:"" help:"The exchanges (TOML); see docs/connectors/http.md."`
	All  bool   `help:"Show the rules of exchanges that went well, too."`
	JSON bool   `help:"Print JSON."`
}

// mostExchanges bounds a file: those of the presets have some kilobytes.
const mostExchanges = 4 << 20

// Run implements the command. It calls nobody.
func (c *connectorTestCommand) Run(t *terminal.Terminal) error {
	text, err := plaintext.Head(c.File, mostExchanges)
	if err != nil {
		return err
	}
	if len(text) > mostExchanges {
		return fmt.Errorf("%s: %s", c.File, t.Text("connector_long"))
	}
	trials, err := httpapi.Rehearse(text, func(name string) string {
		if filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(filepath.Dir(c.File), name)
	})
	if err != nil {
		return c.refused(t, err)
	}
	failed := 0
	for i := range trials {
		if !trials[i].Passed {
			failed++
		}
	}
	if c.JSON {
		err = terminal.PrintJSON(t.Stdout, map[string]any{"passed": failed == 0, "exchanges": trials})
	} else {
		c.print(t, trials, failed)
	}
	if err != nil {
		return err
	}
	return terminal.FailedIf(failed > 0 || len(trials) == 0)
}

// refused says each mistake of the files on a line of its own.
func (c *connectorTestCommand) refused(t *terminal.Terminal, err error) error {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	var said []string
	for _, one := range all {
		text := one.Error()
		if wrong, ok := errors.AsType[*httpapi.MistakeError](one); ok {
			where := fmt.Sprintf("%s:%d: ", c.File, wrong.Line)
			if wrong.Key != "" {
				where += wrong.Key + ": "
			}
			text = where + wrong.Reason.In(t.Language)
		} else if wrong, ok := errors.AsType[*connector.ConfigError](one); ok {
			text = wrong.Reason.In(t.Language)
		}
		said = append(said, text)
	}
	return errors.New(strings.Join(said, "\n"))
}

func (c *connectorTestCommand) print(t *terminal.Terminal, trials []httpapi.Trial, failed int) {
	for i := range trials {
		one := &trials[i]
		level := "level_ok"
		if !one.Passed {
			level = "level_failure"
		}
		fmt.Fprintf(t.Stdout, "%s  %s  %s  -> %s\n", t.Text(level), one.Kind, one.Name, oneLine(one.Got))
		if !one.Passed {
			fmt.Fprintf(t.Stdout, "    %s\n", t.Text("connector_wanted", "wanted", oneLine(one.Want)))
			fmt.Fprintf(t.Stdout, "    %s:%d\n", c.File, one.Line)
		}
		if !one.Passed && one.Why != "" {
			fmt.Fprintf(t.Stdout, "    %s\n", one.Why)
		}
		if !one.Passed || c.All {
			for _, rule := range one.Rules {
				fmt.Fprintf(t.Stdout, "    %s\n", rule)
			}
		}
	}
	t.Say("connector_tested", "exchanges", len(trials), "failed", failed)
}

func oneLine(text string) string { return strings.ReplaceAll(text, "\n", " | ") }

type connectorPresetCommand struct {
	Name string `arg:"" optional:"" help:"The operator, such as brevo."`
	Page bool   `help:"Print its page instead: the same in tables, in Markdown and in English."`
	JSON bool   `help:"Print JSON."`
}

// presetShown is a preset in JSON.
type presetShown struct {
	Name     string `json:"name"`
	TOML     string `json:"toml,omitempty"`
	Markdown string `json:"markdown,omitempty"`
}

// Run implements the command.
func (c *connectorPresetCommand) Run(t *terminal.Terminal) error {
	if c.Name == "" {
		return c.list(t)
	}
	text, found := httpapi.Preset(c.Name)
	if !found {
		return fmt.Errorf("%s", t.Text("connector_no_preset", "presets", strings.Join(httpapi.Presets(), ", ")))
	}
	if c.Page {
		text, _ = httpapi.Page(c.Name)
	}
	if c.JSON {
		shown := presetShown{Name: c.Name, TOML: string(text)}
		if c.Page {
			shown = presetShown{Name: c.Name, Markdown: string(text)}
		}
		return terminal.PrintJSON(t.Stdout, shown)
	}
	_, err := t.Stdout.Write(text)
	return err
}

func (c *connectorPresetCommand) list(t *terminal.Terminal) error {
	if c.JSON {
		return terminal.PrintItems(t.Stdout, httpapi.DescribedAll())
	}
	_, err := fmt.Fprintln(t.Stdout, strings.Join(httpapi.Presets(), "\n"))
	return err
}
