package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"relais/client"
	"relais/cmd/relais/terminal"
	"relais/internal/pgtest"
)

func TestMain(m *testing.M) {
	testscript.Main(withDatabase{m}, map[string]func(){"relais": mainUnderTrial})
}

// withDatabase stops the PostgreSQL of the tests when they are through.
type withDatabase struct{ m *testing.M }

// Run implements testscript.TestingM.
func (w withDatabase) Run() int {
	code, err := pgtest.Main(w.m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// TestScripts drives the real program, with a real gateway and real simulated
// operators where a script starts them.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: settle,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"ready":      ready,
			"capture":    capture,
			"revoked":    revoked,
			"put":        put,
			"forget":     forget,
			"says":       says,
			"eventually": eventually,
		},
		RequireUniqueNames: true,
	})
}

// settle gives each script its own ports and data directory, by the variables
// that the program reads, and a language.
func settle(env *testscript.Env) error {
	api, err := freeAddress()
	if err != nil {
		return err
	}
	simulators, err := freeAddress()
	if err != nil {
		return err
	}
	env.Setenv("RELAIS_LISTEN", api)
	env.Setenv("RELAIS_URL", "http://"+api)
	env.Setenv("RELAIS_SANDBOX_LISTEN", simulators)
	env.Setenv("SANDBOX", "http://"+simulators)
	env.Setenv("RELAIS_DATA", env.WorkDir+"/data")
	env.Setenv("RELAIS_KEY", "sandbox")
	env.Setenv("LANG", "C")
	env.Setenv("TZ", "UTC")
	return nil
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// exits runs a command and compares its exit code: exits CODE PROGRAM ARGS.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// patience is what a slow machine gets before a script fails.
const patience = 90 * time.Second

// every asks until done, or for as long as limit.
func every(limit time.Duration, done func(context.Context) bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !done(ctx) {
		select {
		case <-ctx.Done():
			return false
		case <-ticker.C:
		}
	}
	return true
}

// ready waits for the gateway, or for any address that answers: ready [URL].
func ready(ts *testscript.TestScript, _ bool, args []string) {
	url := ts.Getenv("RELAIS_URL") + "/readyz"
	if len(args) > 0 {
		url = args[0]
	}
	answers := func(ctx context.Context) bool {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		ts.Check(err)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return false
		}
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	}
	if !every(patience, answers) {
		ts.Fatalf("%s is not ready after %v", url, patience)
	}
}

// capture keeps what a group matches in the last output: capture NAME REGEXP.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	match := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if match == nil {
		ts.Fatalf("%q does not match the output", args[1])
	}
	ts.Setenv(args[0], match[1])
}

// revoked waits until the gateway refuses RELAIS_KEY. It promises that to whoever
// asks a second after; how long the answer takes is the machine's affair.
func revoked(ts *testscript.TestScript, _ bool, _ []string) {
	gateway := client.New(ts.Getenv("RELAIS_URL"), ts.Getenv("RELAIS_KEY"))
	const promise = time.Second
	since := time.Now()
	refused := func(ctx context.Context) bool {
		late := time.Since(since) > promise
		_, err := gateway.Messages(ctx, client.Query{})
		if err == nil && late {
			ts.Fatalf("the key still works after %v", promise)
		}
		p, ok := errors.AsType[*client.Problem](err)
		return ok && p.Code == "key_revoked"
	}
	if !every(patience, refused) {
		ts.Fatalf("the key is not refused after %v", patience)
	}
}

// put sends JSON: put URL BODY.
func put(ts *testscript.TestScript, _ bool, args []string) {
	order(ts, http.MethodPut, args[0], strings.NewReader(args[1]))
}

// forget takes back what was put: forget URL.
func forget(ts *testscript.TestScript, _ bool, args []string) {
	order(ts, http.MethodDelete, args[0], http.NoBody)
}

func order(ts *testscript.TestScript, method, url string, body io.Reader) {
	r, err := http.NewRequestWithContext(context.Background(), method, url, body)
	ts.Check(err)
	resp, err := http.DefaultClient.Do(r)
	ts.Check(err)
	ts.Check(resp.Body.Close())
	if resp.StatusCode >= http.StatusBadRequest {
		ts.Fatalf("%s %s: status %d", method, url, resp.StatusCode)
	}
}

// eventually repeats a command until its output matches: eventually REGEXP PROGRAM ARGS.
func eventually(ts *testscript.TestScript, _ bool, args []string) {
	wanted := regexp.MustCompile("(?m)" + args[0])
	matches := func(context.Context) bool {
		ts.Check(ts.Exec(args[1], args[2:]...))
		return wanted.MatchString(ts.ReadFile("stdout"))
	}
	if !every(patience, matches) {
		ts.Fatalf("no match for %q in the output of %v after %v", args[0], args[1:], patience)
	}
}

// says asks an address until its answer matches: says URL PATTERN.
func says(ts *testscript.TestScript, _ bool, args []string) {
	wanted := regexp.MustCompile(args[1])
	matches := func(ctx context.Context) bool {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, args[0], http.NoBody)
		ts.Check(err)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		return err == nil && wanted.Match(body)
	}
	if !every(patience, matches) {
		ts.Fatalf("%s never says %q", args[0], args[1])
	}
}

// TestHelpOfEveryCommand asks each command for its help.
func TestHelpOfEveryCommand(t *testing.T) {
	for _, command := range []string{
		"", "serve", "sandbox", "demo", "bench", "send", "preview", "status", "messages", "cancel",
		"resolve", "accounts create",
		"accounts list", "keys create", "keys list", "keys revoke", "keys validate", "seal-key replace", "hash",
		"connectors list", "connectors reassign", "config check", "config example", "migrate",
		"doctor", "ovh login", "ovh callbacks", "inbound", "opt-outs list", "opt-outs show",
		"opt-outs add", "opt-outs remove",
		"opt-outs import", "opt-outs export", "people export", "people erase", "audit", "webhooks create",
		"webhooks list", "webhooks delete", "webhooks enable",
		"webhooks deliveries", "webhooks replay", "webhooks secret", "events", "receipts", "usage", "shadow",
		"callbacks", "backup", "import passerelle", "version",
	} {
		t.Run(command, func(t *testing.T) {
			var out, errs strings.Builder
			code := run(append(strings.Fields(command), "--help"),
				terminal.Terminal{Stdin: os.Stdin, Stdout: &out, Stderr: &errs})
			if code != exitDone || errs.Len() > 0 || !strings.HasPrefix(out.String(), "Usage: relais") {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, out.String(), errs.String())
			}
		})
	}
}
