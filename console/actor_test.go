package console_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"relais/auth"
	"relais/console/consoletest"
)

// TestAMessageTellsItsDoor: an agent reads in words by which door a message came.
func TestAMessageTellsItsDoor(t *testing.T) {
	w := consoletest.Start(t, "")
	w.User("lea", auth.Grant{Account: "sandbox", Role: auth.Reader})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.App.URL()+"/send?username=sandbox&password=sandbox&to=33639980001&content=Bonjour", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	id := strings.TrimSuffix(strings.TrimPrefix(string(said), `Success "`), `"`)
	if p := w.SignedIn("fr", "lea").Get("/console/messages/" + id); p.Status != http.StatusOK || !p.Has("client Jasmin sandbox") || p.Has("jasmin:sandbox") {
		t.Errorf("%s: %d %s", said, p.Status, p.HTML)
	}
}
