//go:build oracle

package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"relais/sandbox"
)

// TestGoTwilio has Twilio's own client for Go send, read back, list, cancel, redact and delete; it finds the callbacks right. It is in a
// module of its own, which is compiled here.
func TestGoTwilio(t *testing.T) {
	t.Parallel()
	const source = "../internal/oracle/twiliogo"
	dir := t.TempDir()
	for from, to := range map[string]string{"go.mod": "go.mod", "go.sum": "go.sum", "main.go.txt": "main.go"} {
		text, err := os.ReadFile(filepath.Join(source, from))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, to), string(text))
	}
	perform(t, dir, "go", "build", "-o", "twiliogo", ".") // of modules that scripts/deps fetched
	program := listenForTwilio(t, "")
	w := live(t, sandbox.Options{}, fmt.Sprintf(twilioSection, program.URL))
	type question struct {
		Address, AccountSid, Token, Service, To, Callback string
		Calls                                             []map[string]any
	}
	ask := func(q question) (told struct {
		Sid, Status, Fetched, Scheduled, Canceled, Gone string
		Listed, Refused                                 int
		Valid                                           []bool
	},
	) {
		t.Helper()
		input, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		command := exec.CommandContext(t.Context(), filepath.Join(dir, "twiliogo"))
		var complaint bytes.Buffer
		command.Stdin, command.Stderr = bytes.NewReader(input), &complaint
		answer, err := command.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, complaint.String())
		}
		if err := json.Unmarshal(answer, &told); err != nil {
			t.Fatal(err)
		}
		return told
	}
	const to = "+33639980400"
	got := ask(question{Address: w.app.URL(), AccountSid: twilioSid, Token: twilioToken, Service: twilioService, To: to, Callback: program.URL + "/status?id=7"})
	if got.Status != "queued" || got.Fetched != "Bonjour" || got.Scheduled != "scheduled" || got.Canceled != "canceled" || got.Gone != "" || got.Listed != 2 || got.Refused != 21211 {
		t.Errorf("%+v", got)
	}
	await(t, "the receipts", patience, func() bool { return len(program.of("/status")) == 2 })
	var calls []map[string]any
	for _, c := range program.of("/status") {
		fields := map[string]string{}
		for name := range c.form {
			fields[name] = c.form.Get(name)
		}
		if fields["MessageSid"] != got.Sid {
			t.Errorf("called %v", fields)
		}
		calls = append(calls, map[string]any{"URL": c.url, "Signature": c.signature, "Fields": fields})
	}
	valid := ask(question{Token: twilioToken, Calls: calls}).Valid
	if len(valid) != 2 || !valid[0] || !valid[1] {
		t.Errorf("the client finds the calls %v", valid)
	}
	if n := len(w.sandbox.Handset(to)); n != 1 {
		t.Errorf("%d on the handset", n)
	}
}
