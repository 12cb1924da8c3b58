package console_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/console/consoletest"
)

// TestSignInsAreCounted: by way and result, and nothing in the metrics names a person.
func TestSignInsAreCounted(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("lea", auth.Grant{Account: "sandbox", Role: auth.Agent})
	w.User("boss", auth.Grant{Role: auth.Admin})
	b := w.Browser("fr")
	b.Post("/console/signin", "name", "lea", "password", "not that one")
	b.Post("/console/signin", "name", "nobody-knows", "password", "not that one")
	b.Post("/console/signin", "name", "lea", "password", consoletest.Password)
	w.Browser("fr").Post("/console/signin", "name", "boss", "password", consoletest.Password)
	w.Browser("fr").Post("/console/welcome", "link", "nope")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.App.URL()+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	text := string(read)
	for _, want := range []string{
		`relais_sign_ins_total{result="wrong",way="password"} 2`,
		`relais_sign_ins_total{result="in",way="password"} 1`,
		`relais_sign_ins_total{result="step",way="password"} 1`,
		`relais_sign_ins_total{result="in",way="passkey"} 0`,
		`relais_sign_ins_total{result="wrong",way="link"} 1`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("the metrics are without %s", want)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "relais_sign_ins_total") {
			t.Log(strings.TrimSpace(line))
			if strings.Contains(line, "lea") || strings.Contains(line, "nobody-knows") {
				t.Errorf("a line names a person: %s", line)
			}
		}
	}
}
