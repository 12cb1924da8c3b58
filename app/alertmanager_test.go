package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"relais/client"
	"relais/sandbox"
)

// onCall is the section that examples/alertmanager.yml sends to.
const onCall = `
[alertmanager.on-call]
secret = "changeme"
account = "sandbox"
to = ["+33639980001", "06 39 98 00 02"]
sender = "RELAIS"
connector = "ovh"
template = '''{{ .Status | toUpper }} {{ .CommonLabels.alertname }}{{ range .Alerts }} {{ .Labels.instance }}{{ end }}'''
`

// TestAlertmanagerSends has a real Alertmanager tell the gateway of an alert that fires,
// goes on firing, and ends. The people on call get two texts, each once.
func TestAlertmanagerSends(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, onCall)
	manager := startAlertmanager(t, w.app.URL())
	begun := time.Now().UTC()
	alerts := func(ends time.Time) []map[string]any {
		var all []map[string]any
		for _, instance := range []string{"b", "a"} {
			alert := map[string]any{
				"labels": map[string]string{
					"alertname": "DiskFull", "instance": instance, "severity": "page",
				}, "startsAt": begun.Format(time.RFC3339Nano),
			}
			if !ends.IsZero() {
				alert["endsAt"] = ends.Format(time.RFC3339Nano)
			}
			all = append(all, alert)
		}
		return all
	}
	manager.post(t, alerts(time.Time{}))
	for _, number := range []string{"+33639980001", "+33639980002"} {
		await(t, "the alert on "+number, patience, func() bool {
			return len(w.sandbox.Handset(number)) == 1
		})
	}
	// It repeats itself every second meanwhile; and it is told as often of what the
	// gateway has told already.
	await(t, "a repetition", patience, func() bool { return manager.notifications(t) >= 3 })
	// Both end at one moment that is yet to come: it takes in one alert after the other, and
	// would tell of the first alone in between.
	manager.post(t, alerts(time.Now().Add(2*time.Second).UTC()))
	for _, number := range []string{"+33639980001", "+33639980002"} {
		await(t, "the end on "+number, patience, func() bool {
			return len(w.sandbox.Handset(number)) == 2
		})
		var texts []string
		for _, text := range w.sandbox.Handset(number) {
			texts = append(texts, text.Text)
		}
		if diff := cmp.Diff([]string{"FIRING DiskFull a b", "RESOLVED DiskFull a b"}, texts); diff != "" {
			t.Errorf("texts on %s (-want +got):\n%s", number, diff)
		}
	}
	if stored := w.all(t, client.Query{Metadata: "alertmanager:on-call"}); len(stored) != 4 {
		t.Errorf("%d messages stored, want 4", len(stored))
	}
	if strings.Contains(w.logs.String(), "changeme") || strings.Contains(w.logs.String(), "639980001") {
		t.Error("the log holds a secret or a number")
	}
}

// TestAlertmanagerTriesAgain has the gateway's answer be one after which a real
// Alertmanager tries again.
func TestAlertmanagerTriesAgain(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{},
		onCall+"\n[quota.second]\nper = \"account\"\nevery = \"minute\"\nmessages = 2\n")
	if _, err := w.Submit(t.Context(), client.SubmitRequest{
		To: []string{"+33639980009"}, Text: "Bonjour",
	}); err != nil {
		t.Fatal(err)
	}
	manager := startAlertmanager(t, w.app.URL())
	manager.post(t, []map[string]any{{"labels": map[string]string{"alertname": "DiskFull", "instance": "a"}}})
	await(t, "the alert after the quota's minute", patience, func() bool {
		return len(w.sandbox.Handset("+33639980001")) == 1
	})
}

// alertmanager is a real one, of the machine's package.
type alertmanager struct{ url string }

func startAlertmanager(t *testing.T, gateway string) *alertmanager {
	t.Helper()
	example, err := os.ReadFile("../examples/alertmanager.yml")
	if err != nil {
		t.Fatal(err)
	}
	quick := strings.NewReplacer(
		"http://127.0.0.1:8080", gateway, "group_wait: 30s", "group_wait: 5s", "group_interval: 5m",
		"group_interval: 1s", "repeat_interval: 4h", "repeat_interval: 1s",
	).Replace(string(example))
	dir := t.TempDir()
	file := filepath.Join(dir, "alertmanager.yml")
	if err := os.WriteFile(file, []byte(quick), 0o600); err != nil {
		t.Fatal(err)
	}
	const tries = 3
	for range tries {
		m := &alertmanager{fmt.Sprintf("http://127.0.0.1:%d", freePorts(t, 1)[0])}
		var said bytes.Buffer
		c := exec.CommandContext(t.Context(), "prometheus-alertmanager", "--config.file", file,
			"--storage.path", filepath.Join(dir, "data"),
			"--cluster.listen-address=", "--web.listen-address", strings.TrimPrefix(m.url, "http://"))
		c.Stdout, c.Stderr = &said, &said
		if err := c.Start(); err != nil {
			t.Fatalf("%v; scripts/deps alertmanager installs it", err)
		}
		ended := make(chan struct{})
		go func() {
			c.Wait()
			close(ended)
		}()
		t.Cleanup(func() {
			c.Process.Kill()
			<-ended
			if t.Failed() {
				t.Logf("alertmanager: %s", said.String())
			}
		})
		if comesUp(t, ended, m.url+"/-/ready", "") {
			return m
		}
	}
	t.Fatal("Alertmanager does not come up")
	return nil
}

func (m *alertmanager) post(t *testing.T, alerts []map[string]any) {
	t.Helper()
	body, err := json.Marshal(alerts)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(m.url+"/api/v2/alerts", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("Alertmanager answers %d", answer.StatusCode)
	}
}

// notifications is how often it called the gateway.
func (m *alertmanager) notifications(t *testing.T) (n float64) {
	t.Helper()
	for line := range strings.Lines(page(t, m.url+"/metrics")) {
		if rest, found := strings.CutPrefix(
			line, `alertmanager_notifications_total{integration="webhook"} `,
		); found {
			fmt.Sscan(rest, &n)
		}
	}
	return n
}

func TestAlertmanagerDoorOfTheSandbox(t *testing.T) {
	t.Parallel()
	w := live(t, sandbox.Options{}, "")
	const alert = `{"version":"4","groupKey":"g","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"Down"},"annotations":{"summary":"a is down"},"startsAt":"2026-11-29T06:00:00Z","fingerprint":"f"}],"commonLabels":{"alertname":"Down"}}`
	for range 2 { // the second is the first again
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			w.app.URL()+"/alertmanager/sandbox", strings.NewReader(alert))
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("sandbox", "sandbox")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("status %d", answer.StatusCode)
		}
	}
	await(t, "the alert", patience, func() bool { return len(w.sandbox.Handset("+33639980001")) == 1 })
	if got, want := w.sandbox.Handset("+33639980001")[0].Text, "ALERT 1: Down\na is down"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}
