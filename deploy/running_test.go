package deploy

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	rises   = regexp.MustCompile(`(?:increase|rate)\((relais_[a-z_]+_total)(?:\{([^}]*)\})?\[`)
	equal   = regexp.MustCompile(`[a-z]+="[^"]*"`)
	answers = regexp.MustCompile(`msg="relais answers" url=(\S+)`)
)

// TestCountersOfAlertsAreThereFromTheStart asks a gateway that has done nothing:
// a counter that appears with its first event has not risen, as Prometheus sees
// it, and the alert on its rise would miss that event.
func TestCountersOfAlertsAreThereFromTheStart(t *testing.T) {
	exposed := strings.Split(metricsOfARunningGateway(t), "\n")
	found := rises.FindAllStringSubmatch(read(t, "prometheus/alerts.yml"), -1)
	if len(found) < 5 {
		t.Fatalf("only %d alerts on a rise: the test looks in the wrong place", len(found))
	}
	for _, counter := range found {
		name, labels := counter[1], equal.FindAllString(counter[2], -1)
		if !there(exposed, name, labels) {
			t.Errorf("a gateway that has just started exposes no %s{%s}", name, strings.Join(labels, ","))
		}
	}
}

func there(exposed []string, name string, labels []string) bool {
line:
	for _, line := range exposed {
		if !strings.HasPrefix(line, name+"{") && !strings.HasPrefix(line, name+" ") {
			continue
		}
		for _, label := range labels {
			if !strings.Contains(line, label) {
				continue line
			}
		}
		return true
	}
	return false
}

func metricsOfARunningGateway(t *testing.T) string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "relais.toml") // each quota has a counter of its own
	if err := os.WriteFile(
		config, []byte("[quota.abroad]\nper = \"key\"\nevery = \"hour\"\nmessages = 100\n"), 0o600,
	); err != nil {
		t.Fatal(err)
	}
	url := serve(t, exec.Command(build(t), "serve", "--config", config, "--sandbox",
		"--listen", "127.0.0.1:0",
		"--sandbox-listen", "127.0.0.1:0", "--data", t.TempDir()))
	return get(t, url+"/metrics")
}

// serve starts a gateway and returns its address. It ends with the test, as a
// service does: by SIGTERM and with success.
func serve(t *testing.T, gateway *exec.Cmd) string {
	t.Helper()
	gateway.WaitDelay = 20 * time.Second
	log, err := gateway.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := gateway.Start(); err != nil {
		t.Fatal(err)
	}
	said := ""
	t.Cleanup(func() {
		err := gateway.Process.Signal(syscall.SIGTERM)
		if err = errors.Join(err, gateway.Wait()); err != nil {
			t.Errorf("the gateway ends with %v; it began with:\n%s", err, said)
		}
	})
	for lines := bufio.NewScanner(log); lines.Scan(); {
		said += lines.Text() + "\n"
		if url := answers.FindStringSubmatch(said); url != nil {
			go io.Copy(io.Discard, log) // so that it never waits for a reader
			return url[1]
		}
	}
	t.Fatalf("the gateway does not start:\n%s", said)
	return ""
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", url, got.StatusCode, err)
	}
	return string(body)
}

// build makes the program as `make build` does.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "relais")
	command := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w",
		"-o", program, "./cmd/relais")
	command.Dir = ".."
	command.Env = append(command.Environ(), "CGO_ENABLED=0")
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, said)
	}
	return program
}
