// Package deploy holds what runs Relais beside its binary: alert rules and a
// dashboard for Prometheus and Grafana, a unit for systemd. Its tests ask the tools
// that will read them.
package deploy

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// tool finds a program that scripts/deps installs.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: run `scripts/deps deploy`", name)
	}
	return path
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), tool(t, name), args...)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func TestAlertsFireWhenTheyShould(t *testing.T) {
	run(t, "prometheus", "promtool", "check", "rules", "alerts.yml")
	run(t, "prometheus", "promtool", "test", "rules", "alerts_test.yml")
	rules, tests := read(t, "prometheus/alerts.yml"), read(t, "prometheus/alerts_test.yml")
	for _, name := range regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(rules, -1) {
		if n := strings.Count(tests, `alertname="`+name[1]+`"`); n != 2 {
			t.Errorf("%s has %d tests, want one that fires and one that does not", name[1], n)
		}
	}
}

// TestEveryMetricIsOurs: the page of metrics is held to the code by a test in
// docs, and what is deployed to the page.
func TestEveryMetricIsOurs(t *testing.T) {
	page := read(t, "../docs/operations.md")
	for _, file := range []string{
		"prometheus/alerts.yml", "prometheus/alerts_test.yml", "grafana/relais.json",
	} {
		found := regexp.MustCompile(`relais_[a-z_]+`).FindAllString(read(t, file), -1)
		if len(found) == 0 {
			t.Errorf("%s names no metric: the test looks in the wrong place", file)
		}
		slices.Sort(found)
		for _, metric := range slices.Compact(found) {
			if !strings.Contains(page, "`"+strings.TrimSuffix(metric, "_bucket")+"`") {
				t.Errorf("%s: there is no metric %s", file, metric)
			}
		}
	}
}

var (
	metricRow = regexp.MustCompile("(?m)^\\| `(relais_[a-z_]+)` \\| ([^|]*)\\|")
	labelWord = regexp.MustCompile("`([a-z]+)`")
	selector  = regexp.MustCompile(`(relais_[a-z_]+)(?:\{([^}]*)\})?`)
	matcher   = regexp.MustCompile(`([a-z]+) *[=!]`)
	grouping  = regexp.MustCompile(`\b(?:by|on|without|ignoring) *\(([^)]*)\)`)
	ruleExpr  = regexp.MustCompile(`(?m)^        expr: (.*)$`)
)

// TestEveryLabelIsOurs: a matcher on a label that a metric does not have selects
// nothing, and its alert never fires.
func TestEveryLabelIsOurs(t *testing.T) {
	labels := map[string][]string{}
	for _, row := range metricRow.FindAllStringSubmatch(read(t, "../docs/operations.md"), -1) {
		labels[row[1]] = []string{"instance", "job", "le"}
		for _, word := range labelWord.FindAllStringSubmatch(row[2], -1) {
			labels[row[1]] = append(labels[row[1]], word[1])
		}
	}
	var queries []string
	for _, found := range ruleExpr.FindAllStringSubmatch(read(t, "prometheus/alerts.yml"), -1) {
		queries = append(queries, found[1])
	}
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			queries = append(queries, target.Expr)
		}
	}
	for _, query := range queries {
		var known []string
		for _, found := range selector.FindAllStringSubmatch(query, -1) {
			own := labels[strings.TrimSuffix(found[1], "_bucket")]
			known = append(known, own...)
			for _, label := range matcher.FindAllStringSubmatch(found[2], -1) {
				if !slices.Contains(own, label[1]) {
					t.Errorf("%s: %s has no label %s", query, found[1], label[1])
				}
			}
		}
		for _, found := range grouping.FindAllStringSubmatch(query, -1) {
			for label := range strings.SplitSeq(found[1], ",") {
				if label = strings.TrimSpace(label); !slices.Contains(known, label) {
					t.Errorf("%s: no metric in it has the label %s", query, label)
				}
			}
		}
	}
	if len(labels) < 20 || len(queries) < 30 {
		t.Errorf("%d metrics, %d queries: the test looks in the wrong place", len(labels), len(queries))
	}
}

// TestAlertsSayWhatToDo: each names a section that exists.
func TestAlertsSayWhatToDo(t *testing.T) {
	rules, page := read(t, "prometheus/alerts.yml"), read(t, "../docs/operations.md")
	var sections []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(page, -1) {
		sections = append(sections, strings.ReplaceAll(strings.ToLower(strings.ReplaceAll(heading[1],
			"`", "")), " ", "-"))
	}
	runbooks := regexp.MustCompile(
		`(?m)^          runbook: docs/operations\.md#(\S+)$`,
	).FindAllStringSubmatch(rules, -1)
	for _, found := range runbooks {
		if !slices.Contains(sections, found[1]) {
			t.Errorf("docs/operations.md has no section %s", found[1])
		}
	}
	if alerts := strings.Count(rules, "- alert: "); len(runbooks) != alerts ||
		strings.Count(rules, "  description: ") != alerts {
		t.Errorf("%d alerts, %d of them name a section", alerts, len(runbooks))
	}
}

type panel struct {
	ID      int
	Type    string
	Title   string
	Targets []struct{ Expr string }
}

func panels(t *testing.T) []panel {
	t.Helper()
	var dashboard struct{ Panels []panel }
	if err := json.Unmarshal([]byte(read(t, "grafana/relais.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	return dashboard.Panels
}

// TestDashboard has promtool read each query, and finds panels of one id.
func TestDashboard(t *testing.T) {
	rules := &strings.Builder{}
	rules.WriteString("groups:\n  - name: dashboard\n    rules:\n")
	seen, queries := map[int]bool{}, 0
	for _, panel := range panels(t) {
		if seen[panel.ID] || panel.Title == "" || (panel.Type != "row") == (len(panel.Targets) == 0) {
			t.Errorf("panel %d %q makes no sense", panel.ID, panel.Title)
		}
		seen[panel.ID] = true
		for _, target := range panel.Targets {
			queries++
			fmt.Fprintf(rules, "      - record: q%d\n        expr: %q\n", queries, target.Expr)
		}
	}
	if queries < 20 {
		t.Errorf("%d queries: the test looks in the wrong place", queries)
	}
	file := filepath.Join(t.TempDir(), "dashboard.yml")
	if err := os.WriteFile(file, []byte(rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, ".", "promtool", "check", "rules", file)
}

// mostExposed is the exposure that systemd-analyze may find, of 100: below 20 is
// its "OK", and what is left is mostly the network that a gateway needs.
const mostExposed = "15"

func TestUnit(t *testing.T) {
	unit, err := filepath.Abs("systemd/relais.service")
	if err != nil {
		t.Fatal(err)
	}
	run(t, ".", "systemd-analyze", "security", "--offline=true", "--threshold="+mostExposed, unit)
	stop := regexp.MustCompile(`(?m)^TimeoutStopSec=(.*)$`).FindStringSubmatch(read(t, unit))
	standard := regexp.MustCompile(`(?m)^#stop_timeout = "(.*)"$`).FindStringSubmatch(read(t,
		"../docs/configuration.md"))
	if stop == nil || standard == nil {
		t.Fatal("no time for a stop found in the unit, or none in the configuration")
	}
	killed, err := time.ParseDuration(stop[1])
	waits, err2 := time.ParseDuration(standard[1])
	if err != nil || err2 != nil || killed < waits+10*time.Second {
		t.Errorf("the unit is killed after %s, a stop waits %s for calls and then ends the rest",
			stop[1], standard[1])
	}
	// verify wants the program to be there.
	there := filepath.Join(t.TempDir(), "relais.service")
	text := strings.ReplaceAll(read(t, unit), "=/usr/bin/relais ", "="+tool(t, "true")+" ")
	if err := os.WriteFile(there, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, ".", "systemd-analyze", "verify", "--man=no", there)
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
