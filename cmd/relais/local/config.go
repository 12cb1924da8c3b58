package local

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"relais/app"
	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/config/effect"
)

type configCommand struct {
	Check   configCheckCommand   `cmd:"" help:"Check the configuration and print the effective values with their origin."`
	Example configExampleCommand `cmd:"" help:"Print a commented example with every option."`
}

type configExampleCommand struct {
	JSON bool `help:"Print JSON."`
}

// configExample is the example in JSON.
type configExample struct {
	TOML string `json:"toml"`
}

// Run implements the command.
func (c *configExampleCommand) Run(t *terminal.Terminal) error {
	example := config.Example(app.Parts())
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, configExample{example})
	}
	_, err := io.WriteString(t.Stdout, example)
	return err
}

type configCheckCommand struct {
	Flags
	JSON bool `help:"Print JSON."`
}

// configChecked is the result in JSON.
type configChecked struct {
	Valid     bool           `json:"valid"`
	Problems  []problemShown `json:"problems"`
	Warnings  []string       `json:"warnings"`
	Effective string         `json:"effective,omitempty"` // TOML, secrets hidden
	Running   *configRunning `json:"running,omitempty"`   // the gateway that runs on these data
}

// configRunning is what the gateway has in effect, and what of the file it has not.
type configRunning struct {
	Version string    `json:"version"`
	Since   time.Time `json:"since"`
	TriedAt time.Time `json:"tried_at"`
	Refused string    `json:"refused,omitempty"` // why the last reading changed nothing
	effect.Pending
	Nodes  []configNode `json:"nodes,omitempty"` // absent: the gateway has one
	Differ bool         `json:"nodes_differ"`
}

// configNode is a node of the gateway and the version that it has in effect.
type configNode struct {
	Name    string    `json:"name"`
	Version string    `json:"version"`
	Since   time.Time `json:"since"`
	Silent  bool      `json:"silent,omitempty"` // it has told nothing for too long
}

type problemShown struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Env    string `json:"env,omitempty"`
	Flag   string `json:"flag,omitempty"`
	Key    string `json:"key,omitempty"`
	Detail string `json:"detail"`
}

// Run implements the command.
func (c *configCheckCommand) Run(t *terminal.Terminal) error {
	settings, err := c.Load(t)
	if err == nil {
		err = errors.Join(opens(settings), app.Listens(t.Ctx, settings))
	}
	if c.JSON {
		return c.printJSON(t, settings, err)
	}
	for _, warning := range settings.Warnings {
		fmt.Fprintln(t.Stderr, warning.In(t.Language))
	}
	if err != nil {
		return err
	}
	t.Say("config_good")
	if _, err := io.WriteString(t.Stdout, settings.Redacted()); err != nil {
		return err
	}
	for _, finding := range examinePasskeys(t, settings) {
		fmt.Fprintln(t.Stderr, finding.Detail)
	}
	running, err := runningOf(t, settings)
	if err != nil {
		t.Say("config_running_unknown", "error", t.Of(err))
		return nil
	}
	running.tell(t)
	return nil
}

// runningOf is what the gateway has in effect that runs on these data; nil: none does.
func runningOf(t *terminal.Terminal, settings config.Config) (*configRunning, error) {
	b, err := app.RunningBeside(t.Ctx, settings)
	if errors.Is(err, app.ErrNotRunning) {
		return nil, nil //nolint:nilnil // no gateway is no error
	}
	if err != nil {
		return nil, err
	}
	now := time.Now()
	r := &configRunning{
		Version: b.Digest, Since: b.Since, TriedAt: b.TriedAt, Refused: b.RefusedIn(t.Language),
		Pending: b.NotInEffect, Differ: b.Nodes.Differ(now),
	}
	if len(b.Nodes) < 2 {
		return r, nil
	}
	for i := range b.Nodes {
		n := &b.Nodes[i]
		r.Nodes = append(r.Nodes, configNode{n.Name, n.Digest, n.Since, n.Silent(now)})
	}
	return r, nil
}

func (r *configRunning) tell(t *terminal.Terminal) {
	if r == nil {
		return
	}
	t.Say("config_in_effect", "digest", r.Version, "at", shownSecond(r.Since))
	if r.Refused != "" {
		t.Say("config_refused", "at", shownSecond(r.TriedAt), "reason", r.Refused)
	}
	for _, one := range []struct {
		word string
		keys []string
	}{{"config_needs_reload", r.Reload}, {"config_needs_restart", r.Restart}, {"config_outside", r.Outside}} {
		if len(one.keys) > 0 {
			t.Say(one.word, "keys", strings.Join(one.keys, ", "))
		}
	}
	if r.None() {
		t.Say("config_all_in_effect")
	}
	if !r.Differ {
		return
	}
	t.Say("config_nodes_differ")
	for _, n := range r.Nodes {
		if !n.Silent {
			t.Say("config_node", "node", n.Name, "digest", n.Version, "at", shownSecond(n.Since))
		}
	}
}

func shownSecond(at time.Time) string { return at.Local().Format("2006-01-02 15:04:05 MST") }

// opens reports whether the files of rules can be read, and whether the connectors
// accept their sections as a whole. It calls no operator.
func opens(settings config.Config) error {
	if _, err := settings.Packs(); err != nil {
		return err
	}
	_, err := app.OpenInstances(settings.Connectors, http.DefaultClient, slog.New(slog.DiscardHandler),
		time.Now, nil)
	return err
}

func (c *configCheckCommand) printJSON(t *terminal.Terminal, settings config.Config, err error) error {
	result := configChecked{Valid: err == nil, Problems: problemsOf(t, err), Warnings: []string{}}
	for _, warning := range settings.Warnings {
		result.Warnings = append(result.Warnings, warning.In(t.Language))
	}
	if result.Valid {
		result.Effective = settings.Redacted()
		for _, finding := range examinePasskeys(t, settings) {
			result.Warnings = append(result.Warnings, finding.Detail)
		}
		running, err := runningOf(t, settings)
		if err != nil {
			result.Warnings = append(result.Warnings, t.Text("config_running_unknown", "error", t.Of(err)))
		}
		result.Running = running
	}
	return errors.Join(terminal.PrintJSON(t.Stdout, result), terminal.FailedIf(!result.Valid))
}

func problemsOf(t *terminal.Terminal, err error) []problemShown {
	problems := []problemShown{}
	whole, ok := errors.AsType[*config.Error](err)
	if !ok {
		if err != nil {
			problems = append(problems, problemShown{Detail: t.Of(err)})
		}
		return problems
	}
	for _, p := range whole.Problems {
		problems = append(problems, problemShown{
			File: p.File, Line: p.Line, Column: p.Column, Env: p.Env, Flag: p.Flag, Key: p.Key,
			Detail: p.Reason.In(t.Language),
		})
	}
	return problems
}
