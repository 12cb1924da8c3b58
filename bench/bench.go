package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"relais/reason"
	"relais/sandbox/declared"
)

// Rounds is how often each measurement is made unless told otherwise.
const Rounds = 5

// Options say what to measure.
type Options struct {
	Program    string            // path of a relais binary
	Length     time.Duration     // of one measurement, warm-up not counted
	Rounds     int               // 0: Rounds
	Only       []string          // names of bars; empty: all
	ProfileDir string            // where servers leave CPU profiles; empty: none
	Database   string            // URL of a PostgreSQL database that may make others; empty: SQLite alone
	Declared   []declared.Source // operators with a declaration, which the sandbox plays
	Backlog    int               // messages that wait in the runs of that name; 0: Backlog
	Progress   io.Writer         // one line per measurement
}

// ErrUnknownBar is returned for a name in Options.Only that no bar has.
var ErrUnknownBar = reason.NewError(whyUnknownBar, nil)

const (
	whyBars       reason.Code = "words/bench_bars"
	whyUnknownBar reason.Code = "words/bench_unknown_bar"
)

// session is one run of the program.
type session struct {
	Options
	dir      string // on a real disk; each server has a directory in it
	postgres bool   // servers keep their messages in Options.Database
	rules    bool   // gateways have every rule on
	runs     []Run
}

// onPostgres measures the same there.
func (s *session) onPostgres() *session {
	other := *s
	other.postgres = true
	return &other
}

// Execute measures, and returns a report. A missed bar is a result; an error
// means that there is none, a lost message among the reasons.
func Execute(ctx context.Context, o Options) (*Report, error) {
	wanted, err := choose(o.Only)
	if err != nil {
		return nil, err
	}
	if o.Rounds == 0 {
		o.Rounds = Rounds
	}
	if o.Backlog == 0 {
		o.Backlog = Backlog
	}
	if o.Database == "" {
		wanted = slices.DeleteFunc(slices.Clone(wanted),
			func(b bar) bool { return strings.HasSuffix(b.run, onPostgres) })
	}
	if o.ProfileDir != "" {
		if err := os.MkdirAll(o.ProfileDir, 0o755); err != nil {
			return nil, fmt.Errorf("make the directory of profiles: %w", err)
		}
		if o.ProfileDir, err = filepath.Abs(o.ProfileDir); err != nil {
			return nil, fmt.Errorf("find the directory of profiles: %w", err)
		}
	}
	dir, err := realDir()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s := &session{Options: o, dir: dir}
	machine, err := describeMachine(dir)
	if err != nil {
		return nil, err
	}
	report := &Report{Machine: machine, Seconds: o.Length.Seconds(), Rounds: o.Rounds, At: time.Now().UTC()}
	if err := s.measure(ctx, wanted); err != nil {
		return nil, err
	}
	report.Runs = s.runs
	report.Bars = judge(wanted, s.runs)
	return report, nil
}

// measure makes every run that the wanted bars need.
func (s *session) measure(ctx context.Context, wanted []bar) error {
	needs := func(name string) bool {
		return slices.ContainsFunc(wanted, func(b bar) bool { return b.run == name || b.load == name })
	}
	if err := s.compare(ctx, needs); err != nil {
		return err
	}
	if needs(runLatency) {
		half := median(rates(s.runs, runSingle)) / 2
		for round := range s.Rounds {
			if err := s.keep(s.latency(ctx, round, half)); err != nil {
				return err
			}
		}
	}
	if needs(runStart) {
		if err := s.keepAll(s.starts(ctx)); err != nil {
			return err
		}
	}
	if needs(runBacklog) {
		if err := s.keep(s.backlog(ctx)); err != nil {
			return err
		}
	}
	if needs(runCampaign) {
		if err := s.keepAll(s.campaign(ctx)); err != nil {
			return err
		}
	}
	if needs(runCampaign + onPostgres) {
		if err := s.keepAll(s.onPostgres().campaign(ctx)); err != nil {
			return err
		}
	}
	if needs(runConsole) {
		if err := s.keepAll(s.console(ctx)); err != nil {
			return err
		}
	}
	if needs(runConsole + onPostgres) {
		if err := s.keepAll(s.onPostgres().console(ctx)); err != nil {
			return err
		}
	}
	if needs(runSize) {
		return s.keep(s.size())
	}
	return nil
}

// compare interleaves bare and gateway: each gateway run has a bare one before
// and after it.
func (s *session) compare(ctx context.Context, needs func(string) bool) error {
	any := false
	for round := range s.Rounds {
		for _, g := range gatewayRuns {
			if !needs(g.name) && !needs(g.name+onPostgres) {
				continue
			}
			any = true
			if err := s.keep(s.bare(ctx, round)); err != nil {
				return err
			}
			run, err := g.measure(s, ctx, round)
			if errors.Is(err, errNotInstalled) {
				continue
			}
			if err := s.keep(run, err); err != nil {
				return err
			}
			if !needs(g.name + onPostgres) {
				continue
			}
			if err := s.keep(s.bare(ctx, round)); err != nil {
				return err
			}
			if err := s.keep(g.measure(s.onPostgres(), ctx, round)); err != nil {
				return err
			}
		}
		if needs(runTwoNodes) {
			if err := s.keep(s.bare(ctx, round)); err != nil {
				return err
			}
			if err := s.keep(s.onPostgres().acceptTwoNodes(ctx, round)); err != nil {
				return err
			}
		}
	}
	if !any {
		return nil
	}
	return s.keep(s.bare(ctx, s.Rounds-1))
}

func (s *session) keepAll(runs []Run, err error) error {
	if err != nil {
		return err
	}
	for _, r := range runs {
		if err := s.keep(r, nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) keep(r Run, err error) error {
	if err != nil {
		return err
	}
	s.runs = append(s.runs, r)
	if s.Progress != nil {
		_, err = fmt.Fprintln(s.Progress, r.line())
	}
	return err
}

// choose returns the bars of the names; no names mean all.
func choose(names []string) ([]bar, error) {
	if len(names) == 0 {
		return bars, nil
	}
	var chosen []bar
	for _, name := range names {
		at := slices.IndexFunc(bars, func(b bar) bool { return b.name == name })
		if at < 0 {
			return nil, reason.Wrap(ErrUnknownBar, whyBars, reason.Args{
				"bar": reason.Name(strconv.Quote(name)), "bars": reason.Names(Names()),
			})
		}
		chosen = append(chosen, bars[at])
	}
	return chosen, nil
}

// Names lists the bars, in the order of the report.
func Names() []string {
	var names []string
	for _, b := range bars {
		names = append(names, b.name)
	}
	return names
}
