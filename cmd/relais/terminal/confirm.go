package terminal

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
)

// Confirm asks before what cannot be undone. Only a person's yes will do.
func (t *Terminal) Confirm(question string) error {
	fmt.Fprintln(t.Stderr, question)
	line, err := bufio.NewReader(t.Stdin).ReadString('\n')
	answer := strings.ToLower(strings.TrimSpace(line))
	switch {
	case answer == "yes" || answer == t.Text("yes"):
		return nil
	case err != nil && answer == "":
		return t.Misuse("confirm_missing")
	default:
		return errors.New(t.Text("confirm_no"))
	}
}

// StandardInput is how a flag or an argument names it.
const StandardInput = "-"
