package local

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"relais/auth"
	"relais/cmd/relais/terminal"
)

type hashCommand struct{}

// mostPassword bounds what is read, in bytes.
const mostPassword = 1024

// Run implements the command. On a terminal the password is not seen.
func (*hashCommand) Run(t *terminal.Terminal) error {
	password, err := readPassword(t)
	if err != nil {
		return err
	}
	if password == "" {
		return t.Misuse("hash_of_nothing")
	}
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.Stdout, hash)
	return err
}

func readPassword(t *terminal.Terminal) (string, error) {
	if file, ok := t.Stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(t.Stderr, t.Text("hash_ask"))
		octets, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(t.Stderr) // that nobody saw
		return string(octets), err
	}
	line, err := bufio.NewReader(io.LimitReader(t.Stdin, mostPassword)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}
