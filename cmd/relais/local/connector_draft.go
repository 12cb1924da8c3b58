package local

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"relais/cmd/relais/terminal"
	"relais/connector/httpapi"
	"relais/plaintext"
)

type connectorDraftCommand struct {
	Request string `arg:"" help:"A file with the request: a command line of curl, or the request as it travels."`
	Answer  string `arg:"" help:"A file with the answer that takes the message: as it travels, or its body alone."`
	Name    string `help:"Name of the operator: NAME.toml and NAME-exchanges.toml are written." default:"operator"`
	Number  string `help:"The number as it stands in the request, where it is not found."`
	Text    string `help:"The text as it stands in the request, where it is not found."`
	JSON    bool   `help:"Print both files as JSON, and write none."`
}

// mostPasted bounds what is read: a page shows some kilobytes.
const mostPasted = 1 << 20

// Run implements the command. It calls nobody, and overwrites nothing.
func (c *connectorDraftCommand) Run(t *terminal.Terminal) error {
	if c.Name == "" || strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return &terminal.UsageError{Text: "--name: " + t.Text("connector_draft_name")}
	}
	request, err := plaintext.Head(c.Request, mostPasted)
	if err != nil {
		return err
	}
	answer, err := plaintext.Head(c.Answer, mostPasted)
	if err != nil {
		return err
	}
	drafted, err := httpapi.Draft(string(request), string(answer), httpapi.Hints{Name: c.Name, Number: c.Number, Text: c.Text})
	if err != nil {
		return err
	}
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, map[string]any{
			"declaration": string(drafted.Declaration), "exchanges": string(drafted.Exchanges), "decisions": drafted.Decisions,
		})
	}
	declaration, exchanges := c.Name+".toml", c.Name+"-exchanges.toml"
	for _, name := range []string{declaration, exchanges} {
		if _, err := os.Lstat(name); err == nil {
			return fmt.Errorf("%s: %s", name, t.Text("connector_draft_there"))
		}
	}
	if err := errors.Join(os.WriteFile(declaration, drafted.Declaration, 0o644), os.WriteFile(exchanges, drafted.Exchanges, 0o644)); err != nil {
		return err
	}
	t.Say("connector_drafted", "declaration", declaration, "exchanges", exchanges, "decisions", drafted.Decisions)
	return nil
}
