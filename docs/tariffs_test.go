package docs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relais/tariff"
)

// exampleTariff is read by the configurations of the pages that name it.
const exampleTariff = "tariffs/contract.toml"

func TestExampleTariff(t *testing.T) {
	text := source(t, "examples/"+exampleTariff)
	table, err := tariff.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	page := pageAt(t, "docs/tariffs.md").text
	if !strings.Contains(page, table.Label()) {
		t.Errorf("docs/tariffs.md does not name %s", table.Label())
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") &&
			!strings.Contains(page, "\n    "+line+"\n") {
			t.Errorf("docs/tariffs.md lacks the line %s", line)
		}
	}
}

// putTariff puts the example beside a configuration.
func putTariff(t *testing.T, dir string) {
	t.Helper()
	file := filepath.Join(dir, exampleTariff)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(source(t, "examples/"+exampleTariff)), 0o600); err != nil {
		t.Fatal(err)
	}
}
