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
	for _, file := range []string{"prometheus/alerts.yml", "prometheus/alerts_test.yml", "grafana/relais.json"} {
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

// TestDashboard has promtool read each query, and finds panels of one id.
func TestDashboard(t *testing.T) {
	var dashboard struct {
		Panels []struct {
			ID      int
			Type    string
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "grafana/relais.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	rules := &strings.Builder{}
	rules.WriteString("groups:\n  - name: dashboard\n    rules:\n")
	seen, queries := map[int]bool{}, 0
	for _, panel := range dashboard.Panels {
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
// its "OK", and what is left is the network that a gateway needs.
const mostExposed = "20"

func TestUnit(t *testing.T) {
	unit, err := filepath.Abs("systemd/relais.service")
	if err != nil {
		t.Fatal(err)
	}
	run(t, ".", "systemd-analyze", "security", "--offline=true", "--threshold="+mostExposed, unit)
	// verify wants the program to be there.
	there := filepath.Join(t.TempDir(), "relais.service")
	text := strings.Replace(read(t, unit), "ExecStart=/usr/bin/relais ", "ExecStart="+tool(t, "true")+" ", 1)
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
