package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"strconv"
	"time"

	"relais/app"
	"relais/bench"
	"relais/cmd/relais/local"
	"relais/cmd/relais/terminal"
)

type benchCommand struct {
	JSON       bool     `help:"Print JSON; the table goes to stderr."`
	Seconds    float64  `help:"Length of one measurement." default:"5"`
	Only       []string `help:"Bars to measure, separated by commas." placeholder:"NAME"`
	Database   string   `help:"Measure PostgreSQL too; URL of a database whose user may make others." placeholder:"URL"`
	CPUProfile string   `name:"cpuprofile" help:"Leave a CPU profile of every server in DIR." placeholder:"DIR"`
	Child      string   `hidden:"" help:"For the processes that bench starts."`
}

// Run implements the command.
func (c *benchCommand) Run(t *terminal.Terminal) error {
	if c.Child != "" {
		return benchChild(t, c.Child)
	}
	const longest = 600
	if !(c.Seconds > 0 && c.Seconds <= longest) {
		return t.Misuse("bench_seconds", "most", longest)
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program: %w", err)
	}
	report, err := bench.Execute(t.Ctx, bench.Options{
		Program: program, Length: time.Duration(c.Seconds * float64(time.Second)),
		Only: c.Only, ProfileDir: c.CPUProfile, Database: c.Database, Progress: t.Stderr,
		Declared: app.Declared(),
	})
	if errors.Is(err, bench.ErrUnknownBar) {
		return &terminal.UsageError{Text: t.Of(err)}
	}
	if err != nil {
		return err
	}
	if !c.JSON {
		return report.Write(t.Stdout)
	}
	return errors.Join(report.Write(t.Stderr), terminal.PrintJSON(t.Stdout, report))
}

// benchChild is the server under load. It ends with its parent, whose end
// closes stdin.
func benchChild(t *terminal.Terminal, order string) error {
	var child bench.Child
	if err := json.Unmarshal([]byte(order), &child); err != nil {
		return t.Misuse("bench_child", "error", err)
	}
	ctx, cancel := context.WithCancel(t.Ctx)
	defer cancel()
	go func() {
		io.Copy(io.Discard, t.Stdin) //nolint:errcheck // any end is the end
		cancel()
	}()
	stop, err := profile(child.Profile)
	if err != nil {
		return err
	}
	inner := *t
	inner.Ctx = ctx
	return errors.Join(runChild(&inner, child), stop())
}

func runChild(t *terminal.Terminal, child bench.Child) error {
	switch child.Role {
	case bench.RoleBare:
		return bench.ServeBare(t.Ctx, child.Listen)
	case bench.RoleCodec:
		return bench.ServeCodec(t.Ctx, child.Listen, child.SMPP)
	case bench.RoleGateway:
		gateway := serveCommand{local.Flags{
			Config: child.Config, Listen: &child.Listen, Data: &child.Data,
			Database: &child.Database, SandboxAt: &child.Operator,
		}}
		if child.SMPP != "" {
			gateway.SMPPListen = &child.SMPP
		}
		return gateway.Run(t)
	default:
		return t.Misuse("bench_role", "role", strconv.Quote(string(child.Role)))
	}
}

// profile starts a CPU profile, if a file is named, and returns how to end it.
func profile(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("make a profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("make a profile: %w", err), f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}
