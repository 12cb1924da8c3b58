package local

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relais/auth"
	"relais/cmd/relais/terminal"
)

// TestCommandsAreInTheJournal: what a command changes in the database is in the audit, with
// the user of the system.
func TestCommandsAreInTheJournal(t *testing.T) {
	dir := t.TempDir()
	at := dataFlags{Data: &dir}
	run := func(do func(*terminal.Terminal) error) string {
		t.Helper()
		var out bytes.Buffer
		to := &terminal.Terminal{Ctx: t.Context(), Stdout: &out, Stderr: &bytes.Buffer{}, Language: "en"}
		if err := do(to); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	run((&accountsCreateCommand{dataFlags: at, Name: "town"}).Run)
	text := run((&keysCreateCommand{dataFlags: at, Account: "town", Name: "forms"}).Run)
	id := strings.Split(text, "_")[1]
	narrow := limitFlags{May: []string{"send"}}
	run((&keysLimitCommand{dataFlags: at, limitFlags: narrow, ID: id}).Run)
	run((&keysLimitCommand{dataFlags: at, limitFlags: narrow, ID: id}).Run) // which changes nothing
	run((&keysRevokeCommand{dataFlags: at, ID: id}).Run)
	key := filepath.Join(dir, "seal.key") // as the first start makes it
	if err := os.WriteFile(key, []byte(strings.Repeat("0a", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	run((&keysCreateCommand{dataFlags: at, Account: "town", Name: "publik", OVH: true}).Run)
	run((&keysCreateCommand{dataFlags: at, Account: "town", HTTP2SMS: "web"}).Run)
	run((&keysRevokeCommand{dataFlags: at, ID: "town/web"}).Run)

	store, err := at.open(&terminal.Terminal{Ctx: context.Background()}, false)
	if err != nil {
		t.Fatal(err)
	}
	acts, _, err := store.Acts(t.Context(), auth.ActQuery{Limit: 100})
	if err := closed(store, err); err != nil {
		t.Fatal(err)
	}
	var told []string
	for i := range acts {
		a := &acts[len(acts)-1-i]
		told = append(told, string(a.Code)+" "+a.Subject)
		if a.Actor != auth.Machine || a.Via == "" || a.Account != "town" {
			t.Errorf("%+v", a)
		}
		if strings.Contains(text, a.Note) && a.Note != "" {
			t.Errorf("the audit has a secret: %+v", a)
		}
	}
	got := strings.Join(told, "\n")
	forms := "forms (" + id + ")\n"
	for _, want := range []string{
		"account_made town\nkey_made " + forms + "key_limited " + forms + "key_revoked " + forms + "key_made publik (",
		")\nkey_made town/web\nkey_revoked town/web",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the audit tells\n%s\nwithout\n%s", got, want)
		}
	}
}
