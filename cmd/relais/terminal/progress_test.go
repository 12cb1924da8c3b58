package terminal

import (
	"os"
	"strings"
	"testing"

	"relais/cmd/relais/terminal/terminaltest"
	"relais/reason"
)

// TestProgress draws a bar on a terminal, and lines elsewhere.
func TestProgress(t *testing.T) {
	t.Setenv("TERM", "xterm")
	bar := terminaltest.On(t, 80, func(tty *os.File) {
		p := (&Terminal{Stderr: tty, Language: "fr"}).Progress("send_progress", 30, 0)
		p.At(10)
		p.At(30)
		p.Clear()
	})
	want := "\r\x1b[K[########................]  33%  10 destinataires sur 30" +
		"\r\x1b[K[########################] 100%  30 destinataires sur 30\r\x1b[K"
	if bar != want {
		t.Errorf("on a terminal %q, want %q", bar, want)
	}
	var lines strings.Builder
	p := (&Terminal{Stderr: &lines, Language: reason.English}).Progress("send_progress", 30, 0)
	p.At(10)
	p.At(30)
	p.Clear()
	if want := "10 of 30 recipients\n30 of 30 recipients\n"; lines.String() != want {
		t.Errorf("elsewhere %q, want %q", lines.String(), want)
	}
}
