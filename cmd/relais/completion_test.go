package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"relais/cmd/relais/terminal"
	"relais/reason"
)

// typed is a shell on a pseudo-terminal, and what it has written so far.
type typed struct {
	t   *testing.T
	tty *os.File

	mu   sync.Mutex
	text bytes.Buffer
}

func startShell(t *testing.T, shell string, args ...string) *typed {
	t.Helper()
	name, err := exec.LookPath(shell)
	if err != nil {
		t.Fatalf("%s is needed; scripts/deps shells installs it: %v", shell, err)
	}
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir = t.TempDir()
	c.Env = append(os.Environ(), "HOME="+c.Dir, "TERM=dumb", "LC_ALL=C.UTF-8", "PS1=$ ",
		"XDG_CONFIG_HOME="+c.Dir)
	if err := os.WriteFile(c.Dir+"/recipients.txt", []byte("0639980001\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tty, err := pty.StartWithSize(c, &pty.Winsize{Rows: 50, Cols: 200})
	if err != nil {
		t.Fatal(err)
	}
	s := &typed{t: t, tty: tty}
	var reading sync.WaitGroup
	reading.Go(func() {
		buffer := make([]byte, 4096)
		for {
			n, err := tty.Read(buffer)
			s.mu.Lock()
			s.text.Write(buffer[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	})
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
		tty.Close()
		reading.Wait()
	})
	return s
}

func (s *typed) write(text string) {
	s.t.Helper()
	if _, err := s.tty.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// await waits until the shell has written a text since the last wait.
func (s *typed) await(want string) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for ticker := time.NewTicker(10 * time.Millisecond); time.Now().Before(deadline); <-ticker.C {
		s.mu.Lock()
		text := s.text.String()
		if at := strings.Index(text, want); at >= 0 {
			s.text.Next(at + len(want))
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
	s.t.Fatalf("no %q after %v in %q", want, patience, s.text.String())
}

// TestCompletionInRealShells types into bash, zsh and fish, and presses Tab. Then it goes
// to the beginning of the line and has echo tell what stands there.
func TestCompletionInRealShells(t *testing.T) {
	for _, shell := range []struct {
		name string
		args []string
		init string
	}{
		{"bash", []string{"--norc", "--noprofile", "-i"}, "source <(relais completion bash)\n"},
		{"zsh", []string{"-f", "-i"}, "unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u; source <(relais completion zsh)\n"},
		{"fish", []string{"--no-config", "-i"}, "relais completion fish | source\n"},
	} {
		t.Run(shell.name, func(t *testing.T) {
			s := startShell(t, shell.name, shell.args...)
			s.write(shell.init + "echo rea''dy\n")
			s.await("ready")
			for _, tc := range []struct{ name, typed, want string }{
				{"a command", "relais opt-o", "relais opt-outs"},
				{"a command below it", "relais opt-outs imp", "relais opt-outs import"},
				{"a flag", "relais send --idem", "relais send --idempotency-key"},
				{"a value", "relais messages --status undel", "relais messages --status undelivered"},
				{"a value behind an equals sign", "relais messages --status=undel", "relais messages --status=undelivered"},
				{"a file", "relais opt-outs import recip", "relais opt-outs import recipients.txt"},
			} {
				s.write(tc.typed + "\t\x01echo \n")
				s.await("\r\n" + tc.want)
			}
		})
	}
}

func TestProposals(t *testing.T) {
	model := modelOf(t, reason.English)
	for _, tc := range []struct {
		name  string
		words []string
		want  []string
	}{
		{"every command", []string{"s"}, []string{"serve", "sandbox", "send", "status", "smpp", "shadow", "seal-key"}},
		{"nothing typed below", []string{"accounts", ""}, []string{"create", "list"}},
		{"help of a command", []string{"help", "acc"}, []string{"accounts"}},
		{"flags of a command", []string{"status", "--w"}, []string{"--watch"}},
		{"a flag that is there is not proposed again", []string{"status", "--watch", "--w"}, nil},
		{"one that takes a list is", []string{"send", "--to", "06", "--to"}, []string{"--to"}},
		{"a value is no command", []string{"send", "--connector", "status", "--cl"}, []string{"--class"}},
		{"words of a flag", []string{"send", "--class", "o"}, []string{"otp"}},
		{"as bash takes them apart", []string{"send", "--class", "=", "o"}, []string{"--class=otp"}},
		{"words of an argument", []string{"completion", ""}, []string{"bash", "zsh", "fish"}},
		{"an argument behind another", []string{"resolve", "01a2", "t"}, []string{"taken"}},
		{"flags of a group that is a command by itself", []string{"inbound", "--undec"}, []string{"--undecided"}},
		{"files", []string{"serve", "--config", ""}, []string{":files"}},
		{"nothing fits", []string{"nope", "x"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out strings.Builder
			if err := complete(
				&terminal.Terminal{Stdout: &out, Language: reason.English}, model, tc.words,
			); err != nil {
				t.Fatal(err)
			}
			var got []string
			for line := range strings.Lines(out.String()) {
				word, _, _ := strings.Cut(line, "\t")
				got = append(got, word)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("proposals (-want +got):\n%s", diff)
			}
		})
	}
}

// modelOf is the command line as the parser sees it.
func modelOf(t *testing.T, l reason.Language) *kong.Application {
	t.Helper()
	var commands commandLine
	parser, err := kong.New(&commands, kong.Name("relais"), kong.Description(description),
		kong.Bind(&terminal.Terminal{Language: l}))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}
