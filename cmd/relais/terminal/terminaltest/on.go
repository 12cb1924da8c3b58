// Package terminaltest has a real terminal for tests of what is shown on one.
package terminaltest

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// On runs a function with a real pseudo-terminal of that many columns, and
// returns what stands on it, its line ends as they were written.
func On(t *testing.T, columns uint16, do func(tty *os.File)) string {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	shown := make(chan string)
	const end = '\x04'
	go func() {
		text, _ := bufio.NewReader(master).ReadString(end)
		shown <- text
	}()
	do(tty)
	if _, err := tty.Write([]byte{end}); err != nil {
		t.Fatal(err)
	}
	text := <-shown
	tty.Close()
	return strings.ReplaceAll(strings.TrimSuffix(text, string(end)), "\r\n", "\n")
}
