//go:build oracle

package app_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"relais/app"
	"relais/sandbox"
)

// TestGoInfobip has Infobip's own client for Go, unchanged, send to the operator that the sandbox plays, look the message up, be
// refused, and read the receipt: its models take the words that they know alone. It is in a module of its own, which is compiled here.
func TestGoInfobip(t *testing.T) {
	t.Parallel()
	const source = "../internal/oracle/infobipgo"
	dir := t.TempDir()
	for from, to := range map[string]string{"go.mod": "go.mod", "go.sum": "go.sum", "main.go.txt": "main.go"} {
		text, err := os.ReadFile(filepath.Join(source, from))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, to), string(text))
	}
	perform(t, dir, "go", "build", "-o", "infobipgo", ".") // of modules that scripts/deps fetched
	operators := simulate(t, sandbox.Options{Declared: app.Declared()})
	account := operators.Operators()["infobip"]
	const ref, text, to = "BZM7XIoBw-fQmobLD1OX", "Réunion à 9 h & \"demain\"", "+33639980001"
	input, err := json.Marshal(map[string]string{
		"Address": account.BaseURL, "Key": account.Settings["key"], "To": to[1:], "Text": text, "Ref": ref,
	})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), filepath.Join(dir, "infobipgo"))
	var complaint bytes.Buffer
	command.Stdin, command.Stderr = bytes.NewReader(input), &complaint
	answer, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.String())
	}
	var told struct {
		ID, Group                           string
		Logged                              []string
		Refused                             int
		Why                                 string
		Pushed, PushedID, Carried, PushedAt string
	}
	if err := json.Unmarshal(answer, &told); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	if told.ID != ref || told.Group != "PENDING" || !slices.Equal(told.Logged, []string{ref}) || told.Refused != 401 {
		t.Errorf("the answers: %s", answer)
	}
	if told.Pushed != "DELIVERED" || told.PushedID != ref || told.Carried != ref || told.PushedAt == "" {
		t.Errorf("the receipt: %s", answer)
	}
	if got := operators.Handset(to); len(got) != 1 || got[0].Text != text || got[0].OperatorID != ref || got[0].Operator != "infobip" {
		t.Errorf("on the handset: %+v", got)
	}
}
