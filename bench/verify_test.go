package bench

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relais/sandbox/world"
	"relais/sms"
)

func ids(n int) []sms.ID {
	made := make([]sms.ID, n)
	for i := range made {
		made[i] = sms.NewID(time.Now())
	}
	return made
}

// databaseOf writes a file with the two columns that are read.
func databaseOf(t *testing.T, rows map[sms.ID]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "relais.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE messages (id BLOB, status TEXT)"); err != nil {
		t.Fatal(err)
	}
	for id, status := range rows {
		if _, err := db.ExecContext(
			t.Context(), "INSERT INTO messages VALUES (?, ?)", id[:], status,
		); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestStored(t *testing.T) {
	known := ids(3)
	for _, tc := range []struct {
		name         string
		rows         map[sms.ID]string
		acknowledged []sms.ID
		want         string // in the error; empty: none
	}{
		{"all there", map[sms.ID]string{known[0]: "queued", known[1]: "queued"}, known[:2], ""},
		{"one lost", map[sms.ID]string{known[0]: "queued"}, known[:2], "1 of 2 acknowledged messages are not in the database"},
		{"another in its place", map[sms.ID]string{known[0]: "queued", known[2]: "queued"}, known[:2], "1 of 2"},
		{"one in doubt", map[sms.ID]string{known[0]: "queued", known[1]: "uncertain"}, known[:2], "map[uncertain:1]"},
		{"one that nobody was told of", map[sms.ID]string{known[0]: "queued", known[1]: "queued"}, known[:1], "holds 2 messages; 1 were"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			check(t, stored(t.Context(), databaseOf(t, tc.rows), tc.acknowledged, "queued"), tc.want)
		})
	}
}

func TestStoredWithoutADatabase(t *testing.T) {
	if err := stored(t.Context(), filepath.Join(t.TempDir(), "relais.db"), nil, "queued"); err == nil {
		t.Error("a database that does not exist passed")
	}
}

// handsets are phones, by number.
type handsets map[string][]world.Text

func (h handsets) Handsets() []world.Handset {
	var all []world.Handset
	for number, texts := range h {
		all = append(all, world.Handset{Number: number, Texts: len(texts)})
	}
	return all
}

func (h handsets) Handset(number string) []world.Text { return h[number] }

func TestOnHandsetsOnce(t *testing.T) {
	known := ids(3)
	text := func(i int) world.Text { return world.Text{Reference: known[i].Ref()} }
	for _, tc := range []struct {
		name     string
		handsets handsets
		want     string
	}{
		{"each once", handsets{"+33639980000": {text(0)}, "+33639980001": {text(1)}}, ""},
		{"two on one phone", handsets{"+33639980000": {text(0), text(1)}}, ""},
		{"one missing", handsets{"+33639980000": {text(0)}}, "1 missing"},
		{"one twice", handsets{"+33639980000": {text(0), text(1), text(1)}}, "1 there more than once"},
		{"one twice, one missing", handsets{"+33639980000": {text(0), text(0)}}, "1 missing, 1 there more than once"},
		{"a stranger's", handsets{"+33639980000": {text(0), text(1), text(2)}}, "3 texts are on handsets"},
		{"without a reference", handsets{"+33639980000": {{}}}, "names no message"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			check(t, onHandsetsOnce(tc.handsets, known[:2]), tc.want)
		})
	}
}

func check(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case err == nil && want != "":
		t.Errorf("no error, want one with %q", want)
	case err != nil && (want == "" || !strings.Contains(err.Error(), want)):
		t.Errorf("error %q, want %q", err, want)
	}
}

// A server that acknowledges and keeps nothing must not get a figure. It is the
// bare handler, with the database of a gateway that took nothing.
func TestAcknowledgedAndLost(t *testing.T) {
	s := &session{
		Options: Options{Program: os.Args[0], Length: 50 * time.Millisecond, Rounds: 1},
		dir:     t.TempDir(),
	}
	t.Setenv(bareVariable, "1")
	_, err := s.accept(t.Context(), runSingle, 0, func(server *server) (load, error) {
		if err := os.MkdirAll(server.child.Data, 0o700); err != nil {
			return load{}, err
		}
		if err := os.Rename(databaseOf(t, nil), server.database()); err != nil {
			return load{}, err
		}
		return server.closedLoop(t.Context(), dueLater(1))
	})
	check(t, err, "acknowledged messages are not in the database")
}
