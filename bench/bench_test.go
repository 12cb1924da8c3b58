package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/connector/httpapi"
	"relais/internal/pgtest"
	"relais/sandbox/declared"
)

// program is the real one: children are started from it.
var program string

func TestMain(m *testing.M) {
	if os.Getenv(bareVariable) != "" {
		os.Exit(serveBare())
	}
	os.Exit(withProgram(m))
}

// bareVariable turns the test program into a child that serves Bare, whatever
// its orders say.
const bareVariable = "BENCH_TEST_BARE"

func serveBare() int {
	var child Child
	if err := json.Unmarshal([]byte(os.Args[3]), &child); err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := ServeBare(ctx, child.Listen); err != nil {
		panic(err)
	}
	return 0
}

func withProgram(m *testing.M) int {
	dir, err := os.MkdirTemp("", "relais-bench-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "relais")
	build := exec.Command("go", "build", "-o", program, "relais/cmd/relais")
	if said, err := build.CombinedOutput(); err != nil {
		panic("build the program: " + string(said))
	}
	return m.Run()
}

// declaredSources is the operator by which submit_declared is measured.
func declaredSources() []declared.Source {
	declaration, _ := httpapi.Preset(declaredOperator)
	exchanges, _ := httpapi.Exchanges(declaredOperator)
	return []declared.Source{{Name: declaredOperator, Declaration: declaration, Exchanges: exchanges}}
}

// A run this short says nothing of speed; all the rest of it is real.
func TestReportOfAShortRun(t *testing.T) {
	profiles := t.TempDir()
	var progress bytes.Buffer
	server, err := pgtest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	var report *Report
	only := slices.DeleteFunc(Names(), func(name string) bool { return name == runKannel }) // see TestBesideKannel
	for length := 300 * time.Millisecond; ; length *= 4 {
		progress.Reset()
		report, err = Execute(t.Context(), Options{
			Program: program, Length: length, Rounds: 1, Only: only, ProfileDir: profiles, Progress: &progress,
			Database: server.URL("postgres"), Backlog: 20_000, Declared: declaredSources(),
		})
		if err != nil {
			t.Fatal(err)
		}
		// On a busy machine so short a time may pass without one message.
		if !slices.ContainsFunc(report.Bars, func(b Bar) bool { return b.Value == 0 }) ||
			length > 2*time.Second {
			break
		}
	}
	got := map[string][]string{}
	for _, b := range report.Bars {
		got["bars"] = append(got["bars"], b.Name)
		if b.Value <= 0 || len(b.Rounds) == 0 ||
			b.OK != (b.Verdict == "reached" || b.Verdict == "measured") ||
			(b.AtLeast > 0) == (b.AtMost > 0) && b.Verdict != "measured" {
			t.Errorf("bar %s makes no sense: %+v", b.Name, b)
		}
	}
	for _, r := range report.Runs {
		if r.Name != "start" {
			got["runs"] = append(got["runs"], r.Name)
		}
		if loaded := r.Rate > 0; loaded && r.Name != "bare" &&
			(r.Checked == 0 && r.Name != "backlog" || r.P99 < r.P50 || r.ServerUS <= 0) {
			t.Errorf("run %s makes no sense: %+v", r.Name, r)
		}
	}
	want := map[string][]string{
		"bars": only,
		"runs": {
			"bare", "accept_single", "bare", "accept_single_pg", "bare", "accept_single_rules", "bare",
			"accept_single_rules_pg", "bare", "accept_1", "bare", "accept_16", "bare", "accept_256", "bare",
			"accept_100", "bare", "accept_100_pg", "bare", "accept_100_rules", "bare", "accept_100_rules_pg",
			"bare", "submit", "bare", "submit_pg",
			"bare", "submit_declared", "bare", "whole_life", "bare", "whole_life_pg", "bare", "smpp_codec_1", "bare", "smpp_1", "bare",
			"smpp_codec_10", "bare", "smpp_10", "bare", "smpp_codec_100", "bare", "smpp_100", "bare", "smpp_life",
			"bare", "accept_two_nodes_pg", "bare",
			"accept_latency", "backlog",
			"campaign/look", "campaign/check_csv", "campaign/check_csv_memory", "campaign/ledger",
			"campaign/check_xlsx", "campaign/check_xlsx_memory", "campaign/whole", "campaign/codes_alone",
			"campaign/codes", "campaign/first",
			"campaign/memory", "campaign/pause", "campaign/look_pg", "campaign/check_csv_pg",
			"campaign/check_csv_memory_pg", "campaign/ledger_pg", "campaign/check_xlsx_pg",
			"campaign/check_xlsx_memory_pg", "campaign/whole_pg", "campaign/codes_alone_pg",
			"campaign/codes_pg", "campaign/first_pg", "campaign/memory_pg",
			"campaign/pause_pg", "console/first", "console/next", "console/home", "console/messages",
			"console/queued", "console/search", "console/message", "console/held", "console/inbox",
			"console/connectors", "console/usage", "console/preview", "console/first_pg", "console/next_pg",
			"console/home_pg", "console/messages_pg", "console/queued_pg", "console/search_pg",
			"console/message_pg", "console/held_pg", "console/inbox_pg", "console/connectors_pg",
			"console/usage_pg", "console/preview_pg", "binary_size",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if lines := strings.Count(progress.String(), "\n"); lines != len(report.Runs) {
		t.Errorf("%d lines of progress for %d runs", lines, len(report.Runs))
	}
	for _, name := range []string{"bare", "accept_single", "submit", "whole_life", "smpp_codec_10", "smpp_life"} {
		if info, err := os.Stat(filepath.Join(profiles, name+"-1.pprof")); err != nil || info.Size() == 0 {
			t.Errorf("no profile of %s: %v", name, err)
		}
	}
	sameSize(t, report)
	written(t, report, only)
}

// sameSize holds the bare handler to its promise: answers of the gateway's size.
func sameSize(t *testing.T, report *Report) {
	t.Helper()
	sizes := map[string]int{}
	for _, r := range report.Runs {
		sizes[r.Name] = r.Answer
	}
	bare, gateway := sizes["bare"], sizes["accept_single"]
	if difference := max(bare, gateway) - min(bare, gateway); difference*20 > gateway {
		t.Errorf("the bare handler answers %d bytes, the gateway %d", bare, gateway)
	}
}

// written has each bar in the table and in the JSON.
func written(t *testing.T, report *Report, bars []string) {
	t.Helper()
	var table bytes.Buffer
	if err := report.Write(&table); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range bars {
		if !strings.Contains(table.String(), name) || !bytes.Contains(encoded, []byte(`"name":"`+name+`"`)) {
			t.Errorf("%s is missing in the table or in the JSON", name)
		}
	}
	m := report.Machine
	if m.CPU == "" || m.Cores == 0 || m.Kernel == "" || m.Go == "" || m.SyncP50 <= 0 ||
		m.Filesystem == "tmpfs" {
		t.Errorf("the machine is not described: %+v", m)
	}
}

func TestOnlyWhatIsAsked(t *testing.T) {
	report, err := Execute(t.Context(), Options{
		Program: program, Length: 20 * time.Millisecond, Rounds: 1, Only: []string{"binary", "start"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range report.Bars {
		got = append(got, b.Name)
	}
	if diff := cmp.Diff([]string{"binary", "start"}, got); diff != "" {
		t.Errorf("bars (-want +got):\n%s", diff)
	}
}

func TestUnknownBar(t *testing.T) {
	_, err := Execute(t.Context(), Options{Program: program, Only: []string{"speed"}})
	if !errors.Is(err, ErrUnknownBar) || !strings.Contains(err.Error(), "accept_single") {
		t.Errorf("Execute = %v, want an error that lists the bars", err)
	}
}

func TestProgramThatCannotRun(t *testing.T) {
	for _, tc := range []struct{ name, program string }{
		{"missing", filepath.Join(t.TempDir(), "missing")},
		{"not relais", "/bin/false"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Execute(t.Context(), Options{
				Program: tc.program, Length: time.Millisecond, Rounds: 1, Only: []string{"start"},
			})
			if err == nil {
				t.Error("a program that does not serve was measured")
			}
		})
	}
}

// Beside a Kannel, both send all that they acknowledged. Where none is installed, nothing is measured, and
// the report says so.
func TestBesideKannel(t *testing.T) {
	report, err := Execute(t.Context(), Options{Program: program, Length: 300 * time.Millisecond, Rounds: 1, Only: []string{runKannel}})
	if err != nil {
		t.Fatal(err)
	}
	bar, want := report.Bars[0], "measured"
	if _, err := programOf("bearerbox"); err != nil {
		want = "not measured"
	}
	if bar.Verdict != want || (bar.Value > 0) != (want == "measured") {
		t.Errorf("it is %+v, want it %s", bar, want)
	}
	for _, r := range report.Runs {
		if strings.HasPrefix(r.Name, "submit_") && r.Checked == 0 {
			t.Errorf("run %s makes no sense: %+v", r.Name, r)
		}
	}
}
