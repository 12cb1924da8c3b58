package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"relais/cmd/relais/terminal"
)

type versionCommand struct {
	JSON bool `help:"Print JSON."`
}

type versionInfo struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
}

// Run implements the command.
func (c *versionCommand) Run(t *terminal.Terminal) error {
	v := version()
	if c.JSON {
		return terminal.PrintJSON(t.Stdout, v)
	}
	_, err := fmt.Fprintf(t.Stdout, "relais %s (commit %s, %s)\n", v.Version, v.Commit, v.Go)
	return err
}

// versionFlag is the command as a flag, for whoever tries that.
type versionFlag bool

// BeforeReset prints the version, whatever else the command line says.
func (versionFlag) BeforeReset(app *kong.Kong, t *terminal.Terminal) error {
	if err := (&versionCommand{}).Run(t); err != nil {
		return err
	}
	app.Exit(exitDone)
	return nil
}

// What a build may be told by -ldflags '-X main.release=2.0.0 -X main.commit=…', as
// VERSION=2.0.0 make does. The Go tool knows the commit by itself, but not in every
// working tree.
var (
	release string
	commit  = "unknown"
)

// version reads what the build and the Go tool wrote into the binary.
func version() versionInfo {
	v := versionInfo{Version: "development", Commit: commit, Go: runtime.Version()}
	if release != "" {
		v.Version = release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if release == "" && info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.Commit = s.Value
		}
	}
	return v
}
