package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// changesActs finds statements that change or remove what the audit tells of people.
var changesActs = regexp.MustCompile(`(?i)(UPDATE\s+(OR\s+\w+\s+)?acts\b|DELETE\s+FROM\s+acts\b|` +
	`REPLACE\s+INTO\s+acts\b|TRUNCATE\s+(TABLE\s+)?acts\b|DROP\s+TABLE\s+(IF\s+EXISTS\s+)?acts\b|` +
	`INSERT\s+INTO\s+acts[^"` + "`" + `]*ON\s+CONFLICT)`)

// TestActsAreNeverChanged: no statement of either store changes an act, and one removes
// some, which the retention runs.
func TestActsAreNeverChanged(t *testing.T) {
	const retention = "store/table/acts.go"
	found := 0
	err := filepath.WalkDir("../../store", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" && filepath.Ext(path) != ".sql" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, statement := range changesActs.FindAllString(string(text), -1) {
			name, _ := filepath.Rel("../..", path)
			if found++; filepath.ToSlash(name) != retention {
				t.Errorf("%s has %q: acts are append-only", name, statement)
			}
		}
		return err
	})
	if err != nil || found != 1 {
		t.Errorf("%d statements change acts, %v; want that of the retention alone", found, err)
	}
	for _, bad := range []string{"UPDATE acts SET note = ''", "delete from acts", "INSERT INTO acts VALUES (1) ON CONFLICT DO NOTHING"} {
		if !changesActs.MatchString(bad) {
			t.Errorf("%q is not found", bad)
		}
	}
}
