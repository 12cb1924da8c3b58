package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"relais/app"
	"relais/cmd/relais/terminal"
	"relais/config"
	"relais/connector"
	"relais/lane"
	"relais/sms"
	"relais/store/sqlite"
)

type doctorCommand struct {
	Flags
	JSON    bool          `help:"Print JSON."`
	Timeout time.Duration `help:"Most time for one connector." default:"1m" placeholder:"DURATION"`
}

// checkup is the findings about one part.
type checkup struct {
	Connector string              `json:"connector,omitempty"` // empty: the gateway and its machine
	Findings  []connector.Finding `json:"findings"`
}

// Run implements the command. It may run beside the gateway and changes nothing.
func (c *doctorCommand) Run(t *terminal.Terminal) error {
	settings, err := c.Load(t)
	if err != nil {
		return err
	}
	instances, err := app.OpenInstances(withSimulated(settings), connector.NewHTTPClient(connections),
		slog.New(slog.DiscardHandler), time.Now, func(instance string) string {
			address, _ := app.CallbackURL(settings, instance) // without one, operators are polled
			return address
		})
	if err != nil {
		return err
	}
	checkups := []checkup{{Findings: c.examineMachine(t, settings, len(instances))}}
	for _, instance := range instances {
		findings := c.examine(t, guarded(t, instance))
		wanted := leavingBy(settings, instance.Name, instances[0].Name, time.Now())
		checkups = append(checkups, checkup{
			instance.Name,
			append(findings, c.examineSenders(t, instance, wanted)...),
		})
	}
	failed := false
	for _, part := range checkups {
		for _, finding := range part.Findings {
			failed = failed || finding.Level == connector.Failure
		}
	}
	if c.JSON {
		err = terminal.PrintJSON(t.Stdout, map[string]any{"healthy": !failed, "checkups": checkups})
	} else {
		err = printCheckups(t, checkups)
	}
	if err != nil {
		return err
	}
	return terminal.FailedIf(failed)
}

// connections to one operator: a check-up asks one thing after the other.
const connections = 2

// withSimulated are the configured connectors and those of the sandbox.
func withSimulated(settings config.Config) []config.Connector {
	connectors := slices.Clone(settings.Connectors)
	if url := simulatorsOf(settings); url != "" {
		connectors = append(connectors, app.Simulated(url)...)
	}
	return connectors
}

// simulatorsOf is where the simulated operators of the gateway answer, "" when
// it has none.
func simulatorsOf(settings config.Config) string {
	switch {
	case settings.SandboxAt != "":
		return strings.TrimSuffix(settings.SandboxAt, "/")
	case settings.Sandbox:
		return "http://" + Callable(settings.SandboxListen)
	default:
		return ""
	}
}

// guarded is what calls an instance from the command line, where its failures are shown.
func guarded(t *terminal.Terminal, instance lane.Instance) *connector.Guard {
	log := slog.New(slog.NewTextHandler(t.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	return connector.NewGuard(instance.Connector,
		connector.GuardOptions{Instance: instance.Name, Timeout: instance.Facts.Timeout, Log: log})
}

func (c *doctorCommand) examine(t *terminal.Terminal, instance *connector.Guard) []connector.Finding {
	if instance.Can().Checker == nil {
		return []connector.Finding{{
			Level: connector.Warning, Code: "no_checkup",
			Detail: t.Text("doctor_checkless"),
		}}
	}
	ctx, cancel := context.WithTimeout(t.Ctx, c.Timeout)
	defer cancel()
	return spoken(t, instance.Check(ctx))
}

// spoken are findings in the language of the person.
func spoken(t *terminal.Terminal, findings []connector.Finding) []connector.Finding {
	for i := range findings {
		findings[i] = findings[i].In(t.Language)
	}
	return findings
}

// findingNoConnector is the code of a gateway without connectors.
const findingNoConnector = "no_connector"

func (c *doctorCommand) examineMachine(
	t *terminal.Terminal, settings config.Config, instances int,
) []connector.Finding {
	findings := []connector.Finding{examineData(t, settings.Data), examineSpace(t, settings.Data)}
	findings = append(findings, examineSchema(t, placeOf(settings)), examineClock(t, time.Now(), made()))
	findings = append(findings, examineSealKey(t, settings)...)
	findings = append(findings, examineWaiting(t, settings)...)
	findings = append(findings, examinePasskeys(t, settings)...)
	if instances == 0 {
		findings = append(findings, connector.Finding{
			Level: connector.Failure, Code: findingNoConnector,
			Detail: t.Text("doctor_none"),
		})
	}
	for _, warning := range settings.Warnings {
		findings = append(findings, connector.Finding{
			Level: connector.Warning, Code: "configuration",
			Detail: warning.In(t.Language),
		})
	}
	return findings
}

// examineSealKey looks for a key without which the gateway does not start. A
// database that cannot be read has a finding of its own.
func examineSealKey(t *terminal.Terminal, settings config.Config) []connector.Finding {
	if _, _, err := placeOf(settings).schema(t.Ctx); err != nil {
		return nil
	}
	if err := checkSealKey(t, settings); err != nil {
		return []connector.Finding{{Level: connector.Failure, Code: "seal_key", Detail: t.Of(err)}}
	}
	return nil
}

// examineWaiting looks for messages whose connector is gone. A database that cannot
// be read has a finding of its own.
func examineWaiting(t *terminal.Terminal, settings config.Config) (findings []connector.Finding) {
	have, want, err := placeOf(settings).schema(t.Ctx)
	if err != nil || have != want {
		return nil
	}
	store, err := app.OpenDatabase(t.Ctx, settings)
	if err != nil {
		return nil
	}
	backlog, err := store.Backlog(t.Ctx)
	if err := closed(store, err); err != nil {
		return []connector.Finding{{Level: connector.Failure, Code: "waiting_unknown", Detail: t.Of(err)}}
	}
	waiting, doubts := map[string]int{}, map[string]int{}
	for _, b := range backlog {
		if b.Status == sms.Uncertain {
			doubts[b.Connector] += b.Messages
		} else {
			waiting[b.Connector] += b.Messages
		}
	}
	for _, conn := range withSimulated(settings) {
		delete(waiting, conn.Name)
		delete(doubts, conn.Name)
	}
	warn := func(detail string) {
		findings = append(findings, connector.Finding{
			Level: connector.Warning, Code: "connector_missing",
			Detail: detail,
		})
	}
	for _, name := range slices.Sorted(maps.Keys(waiting)) {
		warn(t.Text("doctor_missing", "messages", waiting[name], "connector", name))
	}
	for _, name := range slices.Sorted(maps.Keys(doubts)) {
		warn(t.Text("doctor_in_doubt", "messages", doubts[name], "connector", name))
	}
	return findings
}

// examineData writes a file: rights alone do not tell of a read-only or full
// disk.
func examineData(t *terminal.Terminal, dir string) connector.Finding {
	info, err := os.Stat(dir)
	if os.IsNotExist(err) {
		return connector.Finding{
			Level: connector.Warning, Code: "data_missing",
			Detail: t.Text("doctor_data_new", "directory", dir),
		}
	}
	if err == nil && !info.IsDir() {
		err = errors.New(t.Text("data_no_directory", "directory", dir))
	}
	if err == nil {
		err = tryFile(dir)
	}
	if err != nil {
		return connector.Finding{
			Level: connector.Failure, Code: "data_unwritable",
			Detail: t.Text("doctor_data_bad", "directory", dir, "error", t.Because(err)),
		}
	}
	return connector.Finding{
		Level: connector.OK, Code: "data",
		Detail: t.Text("doctor_data_good", "directory", dir),
	}
}

func tryFile(dir string) error {
	f, err := os.CreateTemp(dir, ".doctor-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // an empty file that stays does no harm
	if _, err := f.WriteString("relais"); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// leastSpace is room for some 500,000 messages, at about 2 kB each with index
// and journal (inferred from the tables).
const leastSpace = 1 << 30

func examineSpace(t *terminal.Terminal, dir string) connector.Finding {
	free, err := sqlite.Room(existing(dir))
	switch {
	case err != nil:
		return connector.Finding{
			Level: connector.Warning, Code: "space_unknown",
			Detail: t.Text("doctor_space_none", "error", err),
		}
	case free < leastSpace:
		return connector.Finding{
			Level: connector.Warning, Code: "space_low",
			Detail: t.Text("doctor_space_low", "space", inBytes(free)),
		}
	default:
		return connector.Finding{
			Level: connector.OK, Code: "space",
			Detail: t.Text("doctor_space", "space", inBytes(free)),
		}
	}
}

// existing is dir, or the nearest directory above it that exists.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return dir
		}
		dir = parent
	}
}

func inBytes(n uint64) string {
	const unit = 1024
	if n >= unit*unit*unit {
		return fmt.Sprintf("%.1f GiB", float64(n)/(unit*unit*unit))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(unit*unit))
}

func examineSchema(t *terminal.Terminal, database place) connector.Finding {
	have, want, err := database.schema(t.Ctx)
	switch {
	case err != nil:
		return connector.Finding{
			Level: connector.Failure, Code: "schema_unreadable",
			Detail: t.Text("doctor_schema_bad", "error", err),
		}
	case have > want:
		return connector.Finding{
			Level: connector.Failure, Code: "schema_newer",
			Detail: t.Text("doctor_schema_new", "schema", have, "known", want),
		}
	case have < want:
		return connector.Finding{
			Level: connector.Warning, Code: "schema_older",
			Detail: t.Text("doctor_schema_old", "schema", have, "wanted", want),
		}
	default:
		return connector.Finding{
			Level: connector.OK, Code: "schema",
			Detail: t.Text("doctor_schema", "schema", have),
		}
	}
}

// examineClock knows one bound: a program runs after it was made. What the
// operators' clocks say is the connectors' to find.
func examineClock(t *terminal.Terminal, now, made time.Time) connector.Finding {
	if now.Before(made) {
		return connector.Finding{
			Level: connector.Failure, Code: "clock_past",
			Detail: t.Text("doctor_clock_past", "time", t.Shown(now)),
		}
	}
	return connector.Finding{
		Level: connector.OK, Code: "clock",
		Detail: t.Text("doctor_clock", "time", t.Shown(now)),
	}
}

// made is the time of the commit that the program was built from, zero when
// the build does not say.
func made() time.Time {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			if at, err := time.Parse(time.RFC3339, s.Value); err == nil {
				return at
			}
		}
	}
	return time.Time{}
}

func printCheckups(t *terminal.Terminal, checkups []checkup) error {
	for i, part := range checkups {
		title := t.Text("doctor_gateway")
		if part.Connector != "" {
			title = t.Text("doctor_connector", "connector", part.Connector)
		}
		if i > 0 {
			title = "\n" + title
		}
		fmt.Fprintln(t.Stdout, title)
		rows := make([][]string, len(part.Findings))
		for j, f := range part.Findings {
			rows[j] = []string{"  " + t.Text("level_"+string(f.Level)), f.Code, f.Detail}
		}
		if err := terminal.PrintTable(t.Stdout, rows...); err != nil {
			return err
		}
	}
	return nil
}
