package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"relais/auth"
	"relais/internal/pgtest"
	"relais/store/sqlite"
)

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command("relais", args...)
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	return c
}

// TestManyMakeOneDatabase starts commands at the same moment where there is no
// database yet.
func TestManyMakeOneDatabase(t *testing.T) {
	for _, test := range []struct {
		name  string
		place func(t *testing.T) []string
	}{
		{"SQLite", func(t *testing.T) []string { return []string{"--data", t.TempDir() + "/data"} }},
		{"PostgreSQL", func(t *testing.T) []string { return []string{"--database", pgtest.Database(t)} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			place := test.place(t)
			const many = 8
			var all sync.WaitGroup
			for i := range many {
				c := command(t, append([]string{"accounts", "create", "town-" + strconv.Itoa(i)},
					place...)...)
				all.Go(func() {
					if said, err := c.CombinedOutput(); err != nil {
						t.Errorf("%v: %s", err, said)
					}
				})
			}
			all.Wait()
			list, err := command(t, append([]string{"accounts", "list"}, place...)...).Output()
			if got := strings.Count(string(list), "town-"); got != many || err != nil {
				t.Errorf("%d accounts, %v, want %d:\n%s", got, err, many, list)
			}
		})
	}
}

// TestNoDatabaseIsMissed asks in a wrong place.
func TestNoDatabaseIsMissed(t *testing.T) {
	empty := pgtest.Database(t)
	for _, args := range [][]string{
		{"keys", "create", "--account", "default", "--name", "a"},
		{"keys", "create", "--account", "default", "--name", "a", "--ovh"},
		{"keys", "create", "--account", "default", "--http2sms", "a"},
		{"keys", "list"},
		{"keys", "revoke", "x"},
		{"accounts", "list"},
		{"receipts"},
		{"usage"},
		{"shadow"},
		{"seal-key", "replace", "--yes"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			dir := t.TempDir()
			said, err := command(t, append(args, "--data", dir+"/none")...).CombinedOutput()
			if err == nil || !strings.Contains(string(said), "there is no database in "+dir+"/none") {
				t.Errorf("SQLite: %v, %s", err, said)
			}
			if _, err := os.Stat(dir + "/none"); err == nil {
				t.Error("the directory was made")
			}
			said, err = command(t, append(args, "--data", dir, "--database", empty)...).CombinedOutput()
			if err == nil || !strings.Contains(string(said), "there is no database in PostgreSQL") {
				t.Errorf("PostgreSQL: %v, %s", err, said)
			}
		})
	}
}

// TestMigrateBesideAGateway holds the directory as a gateway does.
func TestMigrateBesideAGateway(t *testing.T) {
	dir := t.TempDir()
	if said, err := command(t, "migrate", "--data", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	lock, err := sqlite.LockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	said, err := command(t, "migrate", "--data", dir).CombinedOutput()
	if err != nil || !strings.Contains(string(said), "nothing to do") {
		t.Errorf("the present schema: %v, %s", err, said)
	}
	db, err := sql.Open("sqlite", dir+"/"+sqlite.FileName)
	if err != nil {
		t.Fatal(err)
	}
	_, want, err := sqlite.Schema(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), fmt.Sprintf("PRAGMA user_version = %d", want-1))
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	said, err = command(t, "migrate", "--data", dir).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "another relais process runs on this data directory") {
		t.Errorf("an older schema: %v, %s", err, said)
	}
}

// TestPasskeysOfAnotherHostAreTold: the address of the gateway has changed.
func TestPasskeysOfAnotherHostAreTold(t *testing.T) {
	data := t.TempDir()
	store, err := sqlite.Open(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	r := auth.Record{User: auth.User{ID: "anne", Name: "anne", Language: "fr", CreatedAt: time.Now()}}
	r.Passkeys = []auth.Passkey{{
		ID: "a", Name: "Téléphone", CreatedAt: time.Now(), Credential: []byte("a"), Public: []byte("{}"), Host: "old.town.example",
	}}
	if err := errors.Join(store.AddUser(t.Context(), r, auth.Change{}),
		store.ChangeUser(t.Context(), "anne", func(now *auth.Record) (auth.Change, error) {
			now.Passkeys, now.PasskeyCount = r.Passkeys, 1
			return auth.Change{}, nil
		}), store.Close()); err != nil {
		t.Fatal(err)
	}
	ask := func(host string, args ...string) string {
		t.Helper()
		c := command(t, append(args, "--data", data)...)
		c.Env = append(c.Env, "RELAIS_PUBLIC_URL=https://"+host, "LANG=fr_FR.UTF-8")
		said, _ := c.CombinedOutput() // doctor fails without a connector
		return string(said)
	}
	const told = "Une personne a des clés d'accès créées pour old.town.example, qui n'ouvrent rien à sms.town.example"
	for _, args := range [][]string{{"config", "check"}, {"config", "check", "--json"}, {"doctor"}, {"doctor", "--json"}} {
		if said := ask("sms.town.example", args...); !strings.Contains(said, told) {
			t.Errorf("%s: %s", args, said)
		}
		if said := ask("old.town.example", args...); strings.Contains(said, "clés d'accès") {
			t.Errorf("%s, at the host of the passkeys: %s", args, said)
		}
	}
}
