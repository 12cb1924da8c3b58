package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"relais/client"
	"relais/sandbox"
)

// gatewayUnderSignals is a real process beside simulated operators that answer
// slowly, so that a call is under way when a signal comes.
type gatewayUnderSignals struct {
	command *exec.Cmd
	api     *client.Client
	control *sandbox.Server
	log     *sharedBuffer
	ended   chan struct{}
}

// sharedBuffer is a log that a process writes while a test reads.
type sharedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *sharedBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *sharedBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// startUnderSignals starts it with stderr given to prepare, or into log.
func startUnderSignals(t *testing.T, prepare func(*exec.Cmd)) *gatewayUnderSignals {
	t.Helper()
	operators, err := sandbox.Start(sandbox.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { operators.Close() })
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	g := &gatewayUnderSignals{
		command: exec.Command("relais", "serve", "--listen", address, "--data", t.TempDir(),
			"--sandbox-at", operators.URL()),
		api: client.New("http://"+address, "sandbox"), control: operators, log: &sharedBuffer{},
		ended: make(chan struct{}),
	}
	g.command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	g.command.Stderr = g.log
	prepare(g.command)
	if err := g.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = g.command.Wait() // its state is judged where it matters
		close(g.ended)
	}()
	t.Cleanup(func() {
		_ = g.command.Process.Kill() // it may have ended
		<-g.ended
		if t.Failed() {
			t.Logf("the gateway said:\n%s", g.log)
		}
	})
	g.await(t, "ready", func(ctx context.Context) bool { return g.api.Ready(ctx) == nil })
	return g
}

func (g *gatewayUnderSignals) await(t *testing.T, what string, done func(context.Context) bool) {
	t.Helper()
	if !every(patience, done) {
		t.Fatalf("too long: %s", what)
	}
}

// slowCall submits a message whose call to the operator lasts, and waits until it is
// under way: five seconds, which a look every 20 ms does not miss on a machine that
// stalls.
func (g *gatewayUnderSignals) slowCall(t *testing.T) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, g.control.URL()+"/faults",
		strings.NewReader(`{"operator":"ovh","kind":"slow","count":1,"delay_ms":5000}`))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	accepted, err := g.api.Submit(t.Context(),
		client.SubmitRequest{To: []string{"+33639980001"}, Text: "x", Connector: "ovh"})
	if err != nil {
		t.Fatal(err)
	}
	id := accepted.Messages[0].ID
	var last string
	underWay := every(patience, func(ctx context.Context) bool {
		look, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		m, err := g.api.Message(look, id)
		if err != nil {
			last = err.Error()
			return false
		}
		last = string(m.Status)
		return m.Status == client.Submitting
	})
	if !underWay {
		t.Fatalf("no call was seen under way in %v; the last look said %s", patience, last)
	}
	return id
}

// handsets is how many texts stand on the handset.
func (g *gatewayUnderSignals) handset(t *testing.T) int {
	t.Helper()
	texts, err := onHandset(t.Context(), g.control.URL(), "+33639980001")
	if err != nil {
		t.Fatal(err)
	}
	return len(texts)
}

// TestSignals sends each signal while a call to an operator is under way.
func TestSignals(t *testing.T) {
	for _, test := range []struct {
		name   string
		signal syscall.Signal
		ends   bool
		says   string
	}{
		{"terminate", syscall.SIGTERM, true, "msg=stopped"},
		{"interrupt", syscall.SIGINT, true, "msg=stopped"},
		{"quit writes the stacks and ends", syscall.SIGQUIT, true, "goroutine profile: total"},
		{"hangup without a terminal", syscall.SIGHUP, false, "the configuration was read anew"},
		{"user 1", syscall.SIGUSR1, false, "a signal that does nothing here"},
		{"user 2", syscall.SIGUSR2, false, "a signal that does nothing here"},
		{"alarm", syscall.SIGALRM, false, ""},
		{"file too large", syscall.SIGXFSZ, false, ""},
		{"processor time", syscall.SIGXCPU, false, ""},
		{"broken pipe", syscall.SIGPIPE, false, ""},
		{"terminal output from the background", syscall.SIGTTOU, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			g := startUnderSignals(
				t, func(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} },
			)
			id := g.slowCall(t)
			if err := g.command.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			g.await(t, "what it says", func(context.Context) bool {
				return strings.Contains(g.log.String(), test.says)
			})
			if test.ends {
				<-g.ended
				if got := g.command.ProcessState.ExitCode(); got != 0 {
					t.Errorf("exit code %d, want 0", got)
				}
				if strings.Contains(g.log.String(), "in doubt") ||
					!strings.Contains(g.log.String(), "msg=stopped") {
					t.Errorf("the call was cut")
				}
			} else {
				g.await(t, "the receipt", func(ctx context.Context) bool {
					m, err := g.api.Message(ctx, id)
					return err == nil && m.Status == client.Delivered
				})
			}
			if got := g.handset(t); got != 1 {
				t.Errorf("%d texts on the handset, want 1", got)
			}
		})
	}
}

// TestSecondSignal ends at once, whatever is under way.
func TestSecondSignal(t *testing.T) {
	for _, second := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT} {
		t.Run(second.String(), func(t *testing.T) {
			g := startUnderSignals(t, func(*exec.Cmd) {})
			g.slowCall(t)
			if err := g.command.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			g.await(t, "the stop", func(context.Context) bool {
				return strings.Contains(g.log.String(), "msg=\"stopping")
			})
			if err := g.command.Process.Signal(second); err != nil {
				t.Fatal(err)
			}
			<-g.ended
			if strings.Contains(g.log.String(), "msg=stopped") {
				t.Error("it took its time")
			}
		})
	}
}

// TestLogPipe takes the reader of the log away, or lets it read nothing.
func TestLogPipe(t *testing.T) {
	for _, test := range []struct {
		name string
		gone bool
	}{{"gone", true}, {"never read", false}} {
		t.Run(test.name, func(t *testing.T) {
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer reader.Close()
			if test.gone {
				reader.Close()
			} else {
				fillPipe(t, writer)
			}
			g := startUnderSignals(t, func(c *exec.Cmd) { c.Stderr = writer })
			writer.Close()
			id := g.slowCall(t)
			g.await(t, "the receipt", func(ctx context.Context) bool {
				m, err := g.api.Message(ctx, id)
				return err == nil && m.Status == client.Delivered
			})
			if err := g.command.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			<-g.ended
			if got := g.command.ProcessState.ExitCode(); got != 0 {
				t.Errorf("exit code %d, want 0", got)
			}
		})
	}
}

func fillPipe(t *testing.T, writer *os.File) {
	t.Helper()
	if err := writer.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var err error
	for err == nil {
		_, err = writer.Write(make([]byte, 512))
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
}

// TestLogQueue counts the lines that a reader was too slow for.
func TestLogQueue(t *testing.T) {
	reader, writer := io.Pipe()
	queue := newLogQueue(writer, func(to io.Writer, lost int64) {
		if lost > 0 {
			_, _ = io.WriteString(to, "lost\n") // the reader is the test's
		}
	})
	for range logLines + 100 {
		if n, err := queue.Write([]byte("line\n")); n != 5 || err != nil {
			t.Fatalf("Write = %d, %v", n, err)
		}
	}
	read := make(chan []byte)
	go func() {
		all, _ := io.ReadAll(reader) // it ends with the writer
		read <- all
	}()
	queue.close()
	writer.Close()
	all := string(<-read)
	if got := strings.Count(all, "line\n"); got < logLines || got > logLines+1 {
		t.Errorf("%d lines, want %d", got, logLines)
	}
	if got := strings.Count(all, "lost\n"); got != 1 {
		t.Errorf("told %d times of lost lines, want once", got)
	}
}

// TestTerminalClosed closes the terminal under a gateway.
func TestTerminalClosed(t *testing.T) {
	script, err := exec.LookPath("script") // util-linux gives it a terminal
	if err != nil {
		t.Fatal("script is missing: it comes with util-linux (bsdutils)")
	}
	operators, err := sandbox.Start(sandbox.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer operators.Close()
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "log")
	command := exec.Command(script, "--quiet", "--command",
		"relais serve --listen "+address+" --data "+t.TempDir()+" --sandbox-at "+operators.URL()+" 2>"+log,
		os.DevNull)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "SHELL=/bin/sh"}
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	api := client.New("http://"+address, "sandbox")
	if !every(patience, func(ctx context.Context) bool { return api.Ready(ctx) == nil }) {
		t.Fatal("it never answers")
	}
	if err := command.Process.Kill(); err != nil { // the terminal's other side goes with it
		t.Fatal(err)
	}
	_ = command.Wait() // it was killed
	said := func(context.Context) bool {
		text, err := os.ReadFile(log)
		return err == nil && strings.Contains(string(text), "the terminal was closed") &&
			strings.Contains(string(text), "msg=stopped")
	}
	if !every(patience, said) {
		text, err := os.ReadFile(log)
		t.Errorf("the gateway said %q, %v", text, err)
	}
}

// TestReaderLeaves ends commands that print, when nobody reads any more.
func TestReaderLeaves(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
	}{
		{"demo", []string{"demo"}},
		{"example", []string{"config", "example"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			temporary := t.TempDir()
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			said := &bytes.Buffer{}
			command := exec.Command("relais", test.args...)
			command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + temporary, "TMPDIR=" + temporary}
			command.Stdout, command.Stderr = writer, said
			reader.Close()
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			writer.Close()
			// the test fails by its state
			ended := time.AfterFunc(patience, func() { _ = command.Process.Kill() })
			_ = command.Wait()
			if !ended.Stop() {
				t.Error("it goes on for nobody")
			}
			if strings.Contains(said.String(), "panic") {
				t.Errorf("it said %q", said)
			}
			left, err := filepath.Glob(filepath.Join(temporary, "relais-demo-*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}
